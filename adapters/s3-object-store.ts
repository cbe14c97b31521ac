import { open, readFile, stat } from 'node:fs/promises';
import type { Readable as NodeReadable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { NotFoundError } from '../domain/errors.ts';
import type { ObjectRef } from '../domain/model.ts';
import type { ObjectStore } from '../domain/ports.ts';
import type { Readable } from '../domain/stream.ts';

const MULTIPART_ABOVE_BYTES = 64 * 1024 * 1024;
const PART_BYTES = 16 * 1024 * 1024;
const CONFLICT_ATTEMPTS = 5;

/** S3, refusing any bucket that is not the account's own. */
export class S3ObjectStore implements ObjectStore {
  readonly #owner: string;
  readonly #client: S3Client;

  /** @param accountId sent as ExpectedBucketOwner with every call, so a bucket name that changed hands leaks nothing */
  constructor(accountId: string, client: S3Client = new S3Client({})) {
    this.#owner = accountId;
    this.#client = client;
  }

  /** @throws {NotFoundError} there is no such object or version */
  async read(object: ObjectRef): Promise<Readable> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#where(object)));
      if (!Body) throw new NotFoundError(`expected a body of ${uriOf(object)}, got none`);
      return Body as NodeReadable;
    } catch (error) {
      throw isMissing(error)
        ? new NotFoundError(`expected an object at ${uriOf(object)}, got none`, {}, { cause: error })
        : error;
    }
  }

  /** @throws {RangeError} the object is larger than `limitBytes` */
  async readBytes(object: ObjectRef, limitBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of await this.read(object)) {
      bytes += chunk.byteLength;
      if (bytes > limitBytes)
        throw new RangeError(`expected at most ${limitBytes} bytes at ${uriOf(object)}, got more`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** @throws {RangeError} larger than `limitBytes`; {TypeError} not UTF-8 */
  async readText(object: ObjectRef, limitBytes?: number): Promise<string> {
    return new TextDecoder('utf-8', { fatal: true }).decode(await this.readBytes(object, limitBytes));
  }

  async head(
    object: ObjectRef,
  ): Promise<{ bytes: number; versionId?: string; etag: string; metadata?: Record<string, string> } | undefined> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#where(object)));
      return {
        bytes: head.ContentLength ?? 0,
        etag: head.ETag ?? '',
        ...(head.VersionId !== undefined && { versionId: head.VersionId }),
        ...(head.Metadata && { metadata: head.Metadata }),
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async put(object: ObjectRef, body: Uint8Array | string, contentType: string): Promise<ObjectRef> {
    const { VersionId } = await this.#client.send(
      new PutObjectCommand({ ...this.#target(object), Body: body, ContentType: contentType }),
    );
    return { bucket: object.bucket, key: object.key, ...(VersionId !== undefined && { versionId: VersionId }) };
  }

  async putOnce(
    object: ObjectRef,
    body: Uint8Array | string,
    contentType: string,
  ): Promise<{ readonly created: boolean }> {
    const command = { ...this.#target(object), Body: body, ContentType: contentType, IfNoneMatch: '*' };
    return onlyOnce(() => this.#client.send(new PutObjectCommand(command)));
  }

  async putFileOnce(object: ObjectRef, path: string, contentType: string): Promise<{ readonly created: boolean }> {
    const { size } = await stat(path);
    if (size <= MULTIPART_ABOVE_BYTES) return this.putOnce(object, await readFile(path), contentType);
    if (await this.head({ bucket: object.bucket, key: object.key })) return { created: false };
    return this.#multipartOnce(object, path, contentType);
  }

  /** @throws {NotFoundError} there is no such object or version */
  async copy(from: ObjectRef, to: ObjectRef): Promise<void> {
    const version = from.versionId === undefined ? '' : `?versionId=${encodeURIComponent(from.versionId)}`;
    const source = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}${version}`;
    // Tags would need a permission of their own to be read.
    const command = { ...this.#target(to), CopySource: source, TaggingDirective: 'REPLACE' as const };
    try {
      await this.#client.send(new CopyObjectCommand({ ...command, ExpectedSourceBucketOwner: this.#owner }));
    } catch (error) {
      throw isMissing(error)
        ? new NotFoundError(`expected an object at ${uriOf(from)}, got none`, {}, { cause: error })
        : error;
    }
  }

  async *list(bucket: string, prefix: string) {
    let from: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ExpectedBucketOwner: this.#owner,
          ...(from !== undefined && { ContinuationToken: from }),
        }),
      );
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, lastModified: LastModified ?? new Date(0) };
      }
      from = page.NextContinuationToken;
    } while (from !== undefined);
  }

  async #multipartOnce(object: ObjectRef, path: string, contentType: string): Promise<{ readonly created: boolean }> {
    const target = this.#target(object);
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({ ...target, ContentType: contentType }),
    );
    const file = await open(path);
    try {
      const parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(PART_BYTES), 0, PART_BYTES);
        if (bytesRead === 0) break;
        const part = { ...target, UploadId, PartNumber: parts.length + 1, Body: buffer.subarray(0, bytesRead) };
        const { ETag } = await this.#client.send(new UploadPartCommand(part));
        parts.push({ PartNumber: part.PartNumber, ETag });
      }
      const complete = { ...target, UploadId, MultipartUpload: { Parts: parts }, IfNoneMatch: '*' };
      const result = await onlyOnce(() => this.#client.send(new CompleteMultipartUploadCommand(complete)));
      if (!result.created) await this.#client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
      return result;
    } catch (error) {
      // The parts would be paid for until the bucket's lifecycle rule removes them.
      await this.#client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
      throw error;
    } finally {
      await file.close();
    }
  }

  #target = ({ bucket, key }: ObjectRef) => ({ Bucket: bucket, Key: key, ExpectedBucketOwner: this.#owner });

  #where = (object: ObjectRef) => ({
    ...this.#target(object),
    ...(object.versionId !== undefined && { VersionId: object.versionId }),
  });
}

/** 412 means that the key is taken; 409 that another writer of the same key is at work, so the answer is not known yet. */
async function onlyOnce(write: () => Promise<unknown>): Promise<{ readonly created: boolean }> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write();
      return { created: true };
    } catch (error) {
      const status = statusOf(error);
      if (status === 412) return { created: false };
      if (status !== 409 || attempt === CONFLICT_ATTEMPTS) throw error;
    }
  }
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const isMissing = (error: unknown): boolean =>
  !(error instanceof NotFoundError) && statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';

const uriOf = (object: ObjectRef): string =>
  `s3://${object.bucket}/${object.key}${object.versionId === undefined ? '' : `?versionId=${object.versionId}`}`;
