import type { Readable } from '../stream.ts';

/** A line of a file of lines, as bytes; the buffer may be reused once the visit is over. */
export interface ByteLine {
  readonly bytes: Uint8Array;
  readonly from: number;
  /** A line feed stands here, whether the file had one or not. */
  readonly to: number;
  /** Whether a line break ended it; a file that was cut off ends without one. */
  readonly complete: boolean;
}

const LF = 0x0a;

/**
 * Visits every line. Memory stays at one chunk and one line of at most `maxBytes`.
 *
 * @param visit a line, or undefined where one was longer than the limit: its bytes were let go
 */
export async function eachLine(
  bytes: Readable,
  maxBytes: number,
  visit: (line: ByteLine | undefined) => void,
): Promise<void> {
  const begun = new BegunLine(maxBytes);
  for await (const chunk of bytes) {
    let from = 0;
    for (let to = chunk.indexOf(LF); to !== -1; to = chunk.indexOf(LF, from)) {
      if (begun.isEmpty) visit(to - from > maxBytes ? undefined : { bytes: chunk, from, to, complete: true });
      else {
        begun.hold(chunk.subarray(from, to));
        visit(begun.take(true));
      }
      from = to + 1;
    }
    if (from < chunk.byteLength) begun.hold(chunk.slice(from));
  }
  if (!begun.isEmpty) visit(begun.take(false));
}

/** The beginning of a line whose end is in a later chunk. */
class BegunLine {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #held = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#held === 0;
  }

  hold(part: Uint8Array): void {
    this.#held += part.byteLength;
    if (this.#held > this.#maxBytes) this.#parts = [];
    else this.#parts.push(part);
  }

  take(complete: boolean): ByteLine | undefined {
    const [parts, held] = [this.#parts, this.#held];
    this.#parts = [];
    this.#held = 0;
    if (held > this.#maxBytes) return undefined;
    const bytes = new Uint8Array(held + 1);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.byteLength;
    }
    bytes[held] = LF;
    return { bytes, from: 0, to: held, complete };
  }
}
