import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ClientConfiguration } from '../connection.ts';

/** Requests under way at once. */
const CONCURRENCY = 8;

/**
 * Asks an endpoint, one request per row, as callers do.
 *
 * @param rows headerless CSV rows
 * @param ids what the caller names each prediction by
 * @returns the score of each row, in order
 */
export async function predict(
  client: ClientConfiguration,
  endpointName: string,
  rows: readonly string[],
  ids?: readonly string[],
): Promise<number[]> {
  const runtime = new SageMakerRuntimeClient(client);
  const scores: number[] = new Array(rows.length);
  let next = 0;
  const worker = async () => {
    for (let row = next++; row < rows.length; row = next++) {
      const { Body } = await runtime.send(
        new InvokeEndpointCommand({
          EndpointName: endpointName,
          ContentType: 'text/csv',
          Accept: 'text/csv',
          Body: rows[row]!,
          ...(ids && { InferenceId: ids[row]! }),
        }),
      );
      scores[row] = Number(Buffer.from(Body!).toString('utf8').trim());
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return scores;
}
