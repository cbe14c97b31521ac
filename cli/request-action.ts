import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { keys } from '../adapters/dynamodb-table.ts';
import type { Refusal, UploadClaim } from '../domain/admission.ts';
import type { Connection } from './connection.ts';
import { UsageError } from './output.ts';
import { PATIENCE } from './patience.ts';

/** What is asked of a model that serves, besides a release. */
export interface ActionRequest {
  readonly action: string;
  readonly reason?: string;
  readonly [name: string]: unknown;
}

/**
 * Uploads a request: S3 says who did, so nobody needs to be believed.
 *
 * @returns where it lies, as what came of it names it
 */
export async function uploadRequest(
  { s3, prefix, account }: Connection,
  model: string,
  request: ActionRequest,
  at: Date,
): Promise<{ readonly key: string; readonly versionId: string; readonly origin: string }> {
  const key = `models/${model}/requests/${at.toISOString()}-${request.action}.json`;
  const { VersionId = 'null' } = await s3.send(
    new PutObjectCommand({
      Bucket: `${prefix}-intake-${account}`,
      Key: key,
      Body: JSON.stringify({ schema: 'launchway/request/v1', ...request }, null, 2),
    }),
  );
  return { key, versionId: VersionId, origin: `upload/${key}#${VersionId}` };
}

/**
 * Waits until something came of a request.
 *
 * @throws {UsageError} it was refused, or nothing came of it
 */
export async function answered<T>(
  { table }: Connection,
  model: string,
  { key, versionId }: { readonly key: string; readonly versionId: string },
  look: () => Promise<T | undefined>,
): Promise<T> {
  for (const until = Date.now() + PATIENCE; Date.now() < until; await sleep(150)) {
    const found = await look();
    if (found !== undefined) return found;
    const claim = await table.get<UploadClaim>(keys.claim(model, key, versionId));
    if (claim?.became.kind !== 'refusal') continue;
    const refusal = await table.get<Refusal>(keys.refusal(claim.became.id));
    throw new UsageError(`refused: ${refusal?.message}`);
  }
  throw new UsageError(
    `expected an answer to ${key} within ${PATIENCE / 1000} s, got none; look for a mail that says why`,
  );
}
