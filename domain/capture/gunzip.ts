import type { Readable } from '../stream.ts';

/** A compressed file breaks off or is damaged. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
}

/**
 * The bytes of a file, unpacked where it is gzip, which its first two bytes say (RFC 1952); its name says nothing.
 *
 * @throws {DamagedFileError} after what could be unpacked; the source's own errors as they are
 */
export async function* unzipped(bytes: Readable): AsyncGenerator<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let held = 0;
  while (held < 2) {
    const { done, value } = await chunks.next();
    if (done) break;
    // Copied: whoever made the chunk may reuse its buffer for the next.
    begun.push(held + value.byteLength < 2 ? value.slice() : value);
    held += value.byteLength;
  }
  const rest = { [Symbol.asyncIterator]: () => chunks };
  const whole = concatenated(begun, rest);
  const [first, second] = begun.flatMap((chunk) => [...chunk.subarray(0, 2)]);
  yield* first === 0x1f && second === 0x8b ? gunzipped(whole) : whole;
}

async function* concatenated(begun: readonly Uint8Array[], rest: Readable): AsyncGenerator<Uint8Array> {
  yield* begun;
  yield* rest;
}

async function* gunzipped(packed: Readable): AsyncGenerator<Uint8Array> {
  let ofSource: { readonly error: unknown } | undefined;
  async function* read(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    try {
      for await (const chunk of packed) yield Uint8Array.from(chunk);
    } catch (error) {
      ofSource = { error };
      throw error;
    }
  }
  try {
    yield* ReadableStream.from(read()).pipeThrough(new DecompressionStream('gzip'));
  } catch (error) {
    if (ofSource) throw ofSource.error;
    throw new DamagedFileError('expected gzip, got data that breaks off or is damaged', { cause: error });
  }
}
