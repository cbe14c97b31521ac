import { createGunzip, type Gunzip } from 'node:zlib';
import { ArtifactRefusedError, PipelineError } from '../domain/errors.ts';

/** A model that is packed three times over is hiding something. */
const DEEPEST = 3;

/**
 * Unpacks a file of an archive that is gzip itself, and what is in that, without keeping any of it: a loader that unpacks it
 * must not be surprised. Another file passes by.
 */
export class NestedGzip {
  readonly #progress: (packedBytes: number, unpackedBytes: number) => void;
  readonly #depth: number;
  #begun = Buffer.alloc(0);
  #gunzip: Gunzip | undefined;
  #isOther = false;
  #packed = 0;
  #unpacked = 0;
  #counting: Promise<void> | undefined;
  #refusal: PipelineError | undefined;

  /** @param progress throws a PipelineError where what is unpacked is too much */
  constructor(progress: (packedBytes: number, unpackedBytes: number) => void, depth = 1) {
    this.#progress = progress;
    this.#depth = depth;
  }

  /** @throws {PipelineError} `progress` refused; nested too deep */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isOther) return;
    if (this.#gunzip) return this.#feed(this.#gunzip, bytes);
    this.#begun = Buffer.concat([this.#begun, bytes]);
    if (this.#begun.byteLength < 3) return;
    if (this.#begun[0] !== 0x1f || this.#begun[1] !== 0x8b || this.#begun[2] !== 8) {
      this.#isOther = true;
      return;
    }
    if (this.#depth > DEEPEST)
      throw new ArtifactRefusedError(`expected gzip in gzip at most ${DEEPEST} deep, got more`);
    this.#gunzip = createGunzip();
    this.#counting = this.#count(this.#gunzip);
    await this.#feed(this.#gunzip, this.#begun);
  }

  /** @throws as write */
  async end(): Promise<void> {
    this.#gunzip?.end();
    await this.#counting;
    if (this.#refusal) throw this.#refusal;
  }

  /** Gives up without a word: something else went wrong. */
  async abandon(): Promise<void> {
    this.#gunzip?.destroy();
    await this.#counting;
  }

  async #feed(gunzip: Gunzip, bytes: Uint8Array): Promise<void> {
    this.#packed += bytes.byteLength;
    // What is given may be reused by its owner before it is unpacked.
    const copy = Uint8Array.from(bytes);
    if (!gunzip.destroyed)
      await Promise.race([new Promise<void>((resolve) => gunzip.write(copy, () => resolve())), this.#counting]);
    if (this.#refusal) throw this.#refusal;
  }

  /** Never rejects: a refusal waits for the next write; damaged data are not gzip to whoever unpacks them either. */
  async #count(gunzip: Gunzip): Promise<void> {
    const inner = new NestedGzip(this.#progress, this.#depth + 1);
    try {
      for await (const bytes of gunzip as AsyncIterable<Uint8Array>) {
        this.#unpacked += bytes.byteLength;
        this.#progress(this.#packed, this.#unpacked);
        await inner.write(bytes);
      }
      await inner.end();
    } catch (error) {
      if (error instanceof PipelineError) this.#refusal = error;
      await inner.abandon();
    }
  }
}
