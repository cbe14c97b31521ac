import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ChecksumAlgorithm, type Checksums, checksumHash } from './checksums.ts';

export type Body = Readable | Uint8Array | string | undefined;

export interface WrittenBody {
  /** Relative to the folder of bodies. */
  readonly file: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly checksums: Checksums;
}

/**
 * The bytes of objects and parts, one file each under a random name.
 *
 * A file has its name only when it is complete; what a crash leaves without a record is removed by `sweep`.
 */
export class Bodies {
  readonly #directory: string;

  /** @param directory absolute; made on first use */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Streams to disk. A stream that fails leaves nothing. */
  async write(body: Body, algorithms: Iterable<ChecksumAlgorithm> = []): Promise<WrittenBody> {
    const name = randomUUID();
    const incoming = join(this.#directory, 'incoming', name);
    await mkdir(join(this.#directory, 'incoming'), { recursive: true });
    const md5 = createHash('md5');
    const hashes = [...new Set(algorithms)].map((algorithm) => ({ algorithm, hash: checksumHash(algorithm) }));
    let size = 0;
    try {
      await pipeline(
        streamOf(body),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            size += chunk.length;
            md5.update(chunk);
            for (const { hash } of hashes) hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(incoming),
      );
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
    const file = join(name.slice(0, 2), name);
    await mkdir(join(this.#directory, name.slice(0, 2)), { recursive: true });
    await rename(incoming, join(this.#directory, file));
    const checksums = Object.fromEntries(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest()]));
    return { file, size, md5: md5.digest('hex'), checksums };
  }

  /** Opens before it returns, so that a delete meanwhile does not disturb the reader. */
  async read(file: string, first = 0, last = Number.POSITIVE_INFINITY): Promise<Readable> {
    if (last < first) return Readable.from([]);
    const handle = await open(join(this.#directory, file));
    return handle.createReadStream({ start: first, end: last });
  }

  /** Several files as one stream. */
  concatenate(files: readonly string[]): Readable {
    const read = (file: string) => this.read(file);
    return Readable.from(
      (async function* () {
        for (const file of files) yield* await read(file);
      })(),
      { objectMode: false },
    );
  }

  async remove(files: Iterable<string>): Promise<void> {
    for (const file of files) await rm(join(this.#directory, file), { force: true });
  }

  /** Removes every file that no record names. */
  async sweep(named: ReadonlySet<string>): Promise<void> {
    const entries = await readdir(this.#directory, { recursive: true, withFileTypes: true }).catch((error) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name).slice(this.#directory.length + 1);
      if (!named.has(file)) await rm(join(this.#directory, file), { force: true });
    }
  }
}

function streamOf(body: Body): Readable {
  if (body instanceof Readable) return body;
  if (body === undefined || body.length === 0) return Readable.from([]);
  return Readable.from([typeof body === 'string' ? Buffer.from(body) : body]);
}
