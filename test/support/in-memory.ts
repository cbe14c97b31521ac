import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { NotFoundError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { Mail, Mailer, Now, ObjectStore } from '../../domain/ports.ts';
import type { Readable } from '../../domain/stream.ts';

export { InMemoryLineageStore } from './in-memory-lineage-store.ts';

/** A clock that stands still until it is told to move. */
export class FixedClock {
  #now: Date;

  constructor(start = '2030-01-01T00:00:00.000Z') {
    this.#now = new Date(start);
  }

  readonly now: Now = () => new Date(this.#now);

  advance(milliseconds: number): void {
    this.#now = new Date(this.#now.getTime() + milliseconds);
  }
}

/** Keeps what was sent; `failWith` makes the next sends fail. */
export class InMemoryMailer implements Mailer {
  readonly sent: Mail[] = [];
  failWith: Error | undefined;

  async send(mail: Mail): Promise<void> {
    if (this.failWith) throw this.failWith;
    this.sent.push(mail);
  }
}

interface StoredVersion {
  readonly versionId: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly lastModified: Date;
}

/** Versioned buckets in memory. Version ids are `v1`, `v2`, … over all keys, in the order of writing. */
export class InMemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, StoredVersion[]>();
  readonly #now: Now;
  #writes = 0;

  constructor(now: Now = new FixedClock().now) {
    this.#now = now;
  }

  async read(object: ObjectRef): Promise<Readable> {
    const { bytes } = this.#find(object);
    // Several chunks, so that readers cannot lean on chunk borders.
    return (async function* () {
      for (let at = 0; at < bytes.byteLength; at += 4096) yield bytes.subarray(at, at + 4096);
    })();
  }

  async readBytes(object: ObjectRef, limitBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    const { bytes } = this.#find(object);
    if (bytes.byteLength > limitBytes)
      throw new RangeError(`expected at most ${limitBytes} bytes, got ${bytes.byteLength}`);
    // As S3's adapter hands them on: a Buffer that begins anywhere in memory it shares with others.
    return Buffer.concat([Buffer.of(1), bytes]).subarray(1);
  }

  async readText(object: ObjectRef, limitBytes?: number): Promise<string> {
    return new TextDecoder('utf-8', { fatal: true }).decode(await this.readBytes(object, limitBytes));
  }

  async head(object: ObjectRef) {
    const version = this.#lookUp(object);
    if (!version) return undefined;
    const etag = `"${createHash('md5').update(version.bytes).digest('hex')}"`;
    return { bytes: version.bytes.byteLength, versionId: version.versionId, etag };
  }

  async put(object: ObjectRef, body: Uint8Array | string, contentType: string): Promise<ObjectRef> {
    const versions = this.#objects.get(at(object)) ?? [];
    this.#writes += 1;
    const version = {
      versionId: `v${this.#writes}`,
      bytes: typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body),
      contentType,
      lastModified: this.#now(),
    };
    this.#objects.set(at(object), [...versions, version]);
    return { bucket: object.bucket, key: object.key, versionId: version.versionId };
  }

  async putOnce(object: ObjectRef, body: Uint8Array | string, contentType: string) {
    if (this.#objects.has(at(object))) return { created: false };
    await this.put(object, body, contentType);
    return { created: true };
  }

  async putFileOnce(object: ObjectRef, path: string, contentType: string) {
    return this.putOnce(object, await readFile(path), contentType);
  }

  async copy(from: ObjectRef, to: ObjectRef): Promise<void> {
    const { bytes, contentType } = this.#find(from);
    await this.put(to, bytes, contentType);
  }

  async *list(bucket: string, prefix: string) {
    for (const key of this.keys(bucket).filter((name) => name.startsWith(prefix))) {
      const { bytes, lastModified } = this.#find({ bucket, key });
      yield { key, bytes: bytes.byteLength, lastModified };
    }
  }

  /** Keys of a bucket, sorted; for assertions. */
  keys(bucket: string): string[] {
    return [...this.#objects.keys()]
      .filter((name) => name.startsWith(`${bucket}/`))
      .map((name) => name.slice(bucket.length + 1))
      .sort();
  }

  #lookUp(object: ObjectRef): StoredVersion | undefined {
    const versions = this.#objects.get(at(object)) ?? [];
    if (object.versionId === undefined) return versions.at(-1);
    return versions.find(({ versionId }) => versionId === object.versionId);
  }

  #find(object: ObjectRef): StoredVersion {
    const version = this.#lookUp(object);
    if (!version) throw new NotFoundError(`expected an object at s3://${at(object)}, got none`);
    return version;
  }
}

const at = ({ bucket, key }: ObjectRef): string => `${bucket}/${key}`;
