import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { TimeWindow } from '../domain/drift/persistence.ts';
import type { InvocationCounter } from '../domain/monitoring/ports.ts';

const HOUR_SECONDS = 3_600;

/** SageMaker's own count of requests, `AWS/SageMaker` `Invocations`. */
export class CloudWatchInvocationCounter implements InvocationCounter {
  readonly #client: CloudWatchClient;

  constructor(client: CloudWatchClient = new CloudWatchClient({})) {
    this.#client = client;
  }

  async count(endpointName: string, variant: string, during: TimeWindow): Promise<number> {
    let invocations = 0;
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new GetMetricDataCommand({
          StartTime: new Date(during.start),
          EndTime: new Date(during.end),
          MetricDataQueries: [
            {
              Id: 'invocations',
              MetricStat: {
                Metric: {
                  Namespace: 'AWS/SageMaker',
                  MetricName: 'Invocations',
                  Dimensions: [
                    { Name: 'EndpointName', Value: endpointName },
                    { Name: 'VariantName', Value: variant },
                  ],
                },
                Period: HOUR_SECONDS,
                Stat: 'Sum',
              },
            },
          ],
          ...(NextToken !== undefined && { NextToken }),
        }),
      );
      for (const { Values } of page.MetricDataResults ?? []) invocations += (Values ?? []).reduce((a, b) => a + b, 0);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return invocations;
  }
}
