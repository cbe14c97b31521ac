import { Transform, type TransformCallback } from 'node:stream';
import { ServiceError } from '../../service.ts';
import { type ChecksumAlgorithm, checksumAlgorithmOfHeader, checksumHash } from '../../services/s3/checksums.ts';

/** A chunk's header line (with a signature) or a trailer line is never longer. */
const LONGEST_LINE = 16 * 1024;

/**
 * Unwraps `Content-Encoding: aws-chunked`: `SIZE[;chunk-signature=…]\r\n DATA \r\n … 0\r\n trailers \r\n`.
 *
 * A checksum in the trailer is verified; chunk signatures are not.
 */
export class AwsChunkedDecoder extends Transform {
  #pending: Buffer = Buffer.alloc(0);
  #state: 'size' | 'data' | 'end-of-data' | 'trailer' | 'done' = 'size';
  #left = 0;
  #decoded = 0;
  readonly #expected: number | undefined;
  readonly #algorithm: ChecksumAlgorithm | undefined;
  readonly #hash: ReturnType<typeof checksumHash> | undefined;
  #claimed: string | undefined;

  /**
   * @param expectedBytes x-amz-decoded-content-length
   * @param trailer x-amz-trailer, such as `x-amz-checksum-crc32`
   */
  constructor(expectedBytes: number | undefined, trailer: string | undefined) {
    super();
    this.#expected = expectedBytes;
    this.#algorithm = trailer === undefined ? undefined : checksumAlgorithmOfHeader(trailer);
    this.#hash = this.#algorithm && checksumHash(this.#algorithm);
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    try {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      while (this.#step());
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.#fault() ?? null);
  }

  #fault(): ServiceError | undefined {
    if (this.#state !== 'done' && this.#state !== 'trailer') return incomplete('the last chunk is missing');
    if (this.#expected !== undefined && this.#expected !== this.#decoded) {
      return incomplete(`expected ${this.#expected} bytes, got ${this.#decoded}`);
    }
    const actual = this.#hash?.digest();
    if (actual === undefined || this.#claimed === actual) return undefined;
    return new ServiceError('BadDigest', `The ${this.#algorithm} you specified did not match the calculated checksum.`);
  }

  /** @returns whether there may be more to do with what is pending */
  #step(): boolean {
    if (this.#state === 'data') return this.#takeData();
    if (this.#state === 'done') {
      this.#pending = Buffer.alloc(0);
      return false;
    }
    const end = this.#pending.indexOf('\r\n');
    if (end < 0) {
      if (this.#pending.length > LONGEST_LINE) throw incomplete('a chunk header is too long');
      return false;
    }
    const line = this.#pending.toString('latin1', 0, end);
    this.#pending = this.#pending.subarray(end + 2);
    this.#takeLine(line);
    return true;
  }

  #takeLine(line: string): void {
    if (this.#state === 'end-of-data') {
      if (line !== '') throw incomplete('a chunk is longer than its size');
      this.#state = 'size';
    } else if (this.#state === 'size') {
      const size = /^([0-9a-f]{1,8})(?:;.*)?$/i.exec(line)?.[1];
      if (size === undefined) throw incomplete(`expected a chunk size, got ${line.slice(0, 40)}`);
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    } else if (line === '') {
      this.#state = 'done';
    } else {
      const [name = '', value = ''] = line.split(/:(.*)/s);
      if (this.#algorithm && checksumAlgorithmOfHeader(name.toLowerCase()) === this.#algorithm)
        this.#claimed = value.trim();
    }
  }

  #takeData(): boolean {
    if (this.#pending.length === 0) return false;
    const data = this.#pending.subarray(0, this.#left);
    this.#pending = this.#pending.subarray(data.length);
    this.#left -= data.length;
    this.#decoded += data.length;
    this.#hash?.update(data);
    this.push(data);
    if (this.#left === 0) this.#state = 'end-of-data';
    return this.#pending.length > 0;
  }
}

const incomplete = (detail: string): ServiceError =>
  new ServiceError('IncompleteBody', `The request body terminated unexpectedly: ${detail}`);
