import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from '../domain/stream.ts';

/** What fits beside its copy's overhead into a function's 512 MB of /tmp. */
export const MAX_SCRATCH_BYTES = 400 * 1024 * 1024;

/** Gives a folder of its own to `work` and removes it afterwards. */
export async function withScratchFolder<Result>(work: (folder: ScratchFolder) => Promise<Result>): Promise<Result> {
  const path = await mkdtemp(join(tmpdir(), 'launchway-'));
  try {
    return await work(new ScratchFolder(path));
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** More was to be written than allowed. */
export class ScratchLimitError extends RangeError {
  override readonly name = 'ScratchLimitError';
}

/** A file as it was written: hashed on the way. */
export interface ScratchFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Local disk for as long as one invocation. */
export class ScratchFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Keeps a stream on disk.
   *
   * @throws {ScratchLimitError} more than `limitBytes`
   */
  async keep(name: string, bytes: Readable, limitBytes: number = MAX_SCRATCH_BYTES): Promise<ScratchFile> {
    const file = await this.writer(name, limitBytes);
    try {
      for await (const chunk of bytes) await file.write(chunk);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file.close();
  }

  /** A file to write to piece by piece; `close` it before it is read. */
  async writer(name: string, limitBytes: number = MAX_SCRATCH_BYTES): Promise<ScratchWriter> {
    const path = join(this.#path, name);
    return new ScratchWriter(path, await open(path, 'wx'), limitBytes);
  }

  read(file: ScratchFile): Readable {
    return createReadStream(file.path);
  }
}

/** Hashes what it writes. */
export class ScratchWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #limitBytes: number;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(path: string, file: FileHandle, limitBytes: number) {
    this.#path = path;
    this.#file = file;
    this.#limitBytes = limitBytes;
  }

  /** @throws {ScratchLimitError} more than the limit */
  async write(data: Uint8Array | string): Promise<void> {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data;
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#limitBytes)
      throw new ScratchLimitError(`expected at most ${this.#limitBytes} bytes, got more`);
    this.#hash.update(chunk);
    await this.#file.writeFile(chunk);
  }

  async close(): Promise<ScratchFile> {
    await this.#file.close();
    return { path: this.#path, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}
