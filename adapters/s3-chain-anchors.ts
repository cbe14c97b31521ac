import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import type { ChainAnchors, ChainHead } from '../domain/audit-anchors.ts';
import { padded } from './dynamodb-table.ts';
import { S3ObjectStore } from './s3-object-store.ts';

const KEY = /^([a-z][a-z0-9-]*)\/(\d{8})-([0-9a-f]{64})\.json$/;

/**
 * Heads of chains as objects under Object Lock, `{model}/{sequence}-{hash}.json`. The key says everything, so a list is the proof;
 * every version counts, since a delete marker only hides.
 */
export class S3ChainAnchors implements ChainAnchors {
  readonly #bucket: string;
  readonly #owner: string;
  readonly #client: S3Client;
  readonly #objects: S3ObjectStore;

  constructor(bucket: string, accountId: string, client: S3Client = new S3Client({})) {
    this.#bucket = bucket;
    this.#owner = accountId;
    this.#client = client;
    this.#objects = new S3ObjectStore(accountId, client);
  }

  async keep({ model, sequence, hash }: ChainHead): Promise<void> {
    const key = `${model}/${padded(sequence, 8)}-${hash}.json`;
    const body = JSON.stringify({ schema: 'launchway/chain-head/v1', model, sequence, hash });
    await this.#objects.putOnce({ bucket: this.#bucket, key }, `${body}\n`, 'application/json');
  }

  async list(model: string): Promise<ChainHead[]> {
    const keys = new Set<string>();
    let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const page = await this.#client.send(
        new ListObjectVersionsCommand({
          Bucket: this.#bucket,
          Prefix: `${model}/`,
          ExpectedBucketOwner: this.#owner,
          ...from,
        }),
      );
      for (const { Key } of page.Versions ?? []) keys.add(Key ?? '');
      if (!page.IsTruncated) break;
      from = {
        ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
        ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
      };
    }
    return [...keys].sort().map(headOf);
  }
}

/** @throws {RangeError} an object that no head was kept as: somebody else writes here */
function headOf(key: string): ChainHead {
  const [, model, sequence, hash] = KEY.exec(key) ?? [];
  if (model === undefined || sequence === undefined || hash === undefined)
    throw new RangeError(`expected the head of a chain, got an object called ${key}`);
  return { model, sequence: Number(sequence), hash };
}
