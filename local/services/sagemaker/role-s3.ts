import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Cloud, Principal } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { validation } from './names.ts';

export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** @throws {ServiceError} ValidationException where it is no `s3://bucket/key` */
export function parseS3Uri(uri: unknown): S3Location {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(String(uri));
  if (!match) throw validation(`expected an S3 URI as s3://bucket/key, got '${String(uri)}'`);
  return { bucket: match[1]!, key: match[2] ?? '' };
}

export const joinS3Uri = (prefix: string, rest: string): string => `${prefix.replace(/\/+$/, '')}/${rest}`;

/** S3 as SageMaker uses it: with the role that was passed to it. */
export class RoleS3 {
  readonly #cloud: Cloud;
  readonly #principal: Principal;

  constructor(cloud: Cloud, principal: Principal) {
    this.#cloud = cloud;
    this.#principal = principal;
  }

  /** Keys under a prefix, in S3's order, folder markers left out. Needs `s3:ListBucket`. */
  async list({ bucket, key }: S3Location): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = (await this.#call('ListObjectsV2', {
        Bucket: bucket,
        Prefix: key,
        ...(token && { ContinuationToken: token }),
      })) as { Contents?: { Key: string }[]; IsTruncated?: boolean; NextContinuationToken?: string };
      keys.push(...(page.Contents ?? []).map((object) => object.Key).filter((found) => !found.endsWith('/')));
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token);
    return keys;
  }

  async open({ bucket, key }: S3Location, VersionId?: string): Promise<Readable> {
    const { Body } = (await this.#call('GetObject', { Bucket: bucket, Key: key, VersionId })) as {
      Body: Uint8Array | Readable;
    };
    return Body instanceof Readable ? Body : Readable.from([Body]);
  }

  async download(from: S3Location, file: string, versionId?: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    await pipeline(await this.open(from, versionId), createWriteStream(file));
  }

  /**
   * Downloads every object under a prefix. A file's path is its key after the prefix's last slash, so that a prefix that is
   * one object's key gives that object's base name.
   *
   * @param isWanted of the objects in S3's order, those to download
   * @returns how many objects there are
   * @throws {ServiceError} NoSuchKey where nothing is there
   */
  async downloadPrefix(
    from: S3Location,
    directory: string,
    isWanted: (at: number) => boolean = () => true,
  ): Promise<number> {
    const keys = await this.list(from);
    if (keys.length === 0) {
      throw new ServiceError('NoSuchKey', `S3 key: s3://${from.bucket}/${from.key} matched no files on s3`, 404);
    }
    for (const key of keys.filter((_, at) => isWanted(at)))
      await this.download({ bucket: from.bucket, key }, inside(directory, relativeKey(from, key)));
    return keys.length;
  }

  /** @param kmsKeyId encrypts with this key (SSE-KMS), else with the bucket's default */
  async upload(to: S3Location, body: Uint8Array | string, kmsKeyId?: string): Promise<void> {
    await this.#call('PutObject', {
      Bucket: to.bucket,
      Key: to.key,
      // A path is streamed: archives may be large.
      Body: typeof body === 'string' ? createReadStream(body) : body,
      ...(kmsKeyId && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId }),
    });
  }

  #call(operation: string, input: object): Promise<unknown> {
    return this.#cloud.call({ service: 's3', operation, principal: this.#principal, input });
  }
}

/** A key's path relative to the folder of a prefix. */
export const relativeKey = (prefix: S3Location, key: string): string => key.slice(prefix.key.lastIndexOf('/') + 1);

/** @throws {ServiceError} ValidationException where the path would leave the directory */
function inside(directory: string, path: string): string {
  const file = resolve(directory, path);
  if (!file.startsWith(resolve(directory) + sep)) throw validation(`S3 key leaves the channel's directory: ${path}`);
  return file;
}
