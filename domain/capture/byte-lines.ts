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

/** Takes lines as they come. */
export interface LineVisitor {
  /**
   * Takes the line that begins at `from`, if it knows how.
   *
   * @param bytes hold a line feed at or after `from`
   * @returns where the line's own line feed stands; −1 where `visit` is to have the line
   */
  take(bytes: Uint8Array, from: number): number;
  /** @param line undefined where it was longer than the limit: its bytes were let go */
  visit(line: ByteLine | undefined): void;
}

/** Hands on every line. Memory stays at one chunk and one line of at most `maxBytes`. */
export async function eachLine(bytes: Readable, maxBytes: number, visitor: LineVisitor): Promise<void> {
  const begun = new BegunLine(maxBytes);
  const visitBegun = (complete: boolean): void => {
    const line = begun.take(complete);
    if (!line || visitor.take(line.bytes, line.from) === -1) visitor.visit(line);
  };
  for await (const chunk of bytes) {
    let from = 0;
    if (!begun.isEmpty) {
      from = chunk.indexOf(LF) + 1;
      begun.hold(from === 0 ? chunk.slice() : chunk.subarray(0, from - 1));
      if (from === 0) continue;
      visitBegun(true);
    }
    const last = chunk.lastIndexOf(LF);
    while (from <= last) from = visitLine(chunk, from, maxBytes, visitor) + 1;
    if (from < chunk.byteLength) begun.hold(chunk.slice(from));
  }
  if (!begun.isEmpty) visitBegun(false);
}

/** @returns where the line that begins at `from` ends */
function visitLine(bytes: Uint8Array, from: number, maxBytes: number, visitor: LineVisitor): number {
  const taken = visitor.take(bytes, from);
  if (taken !== -1) return taken;
  const to = bytes.indexOf(LF, from);
  visitor.visit(to - from > maxBytes ? undefined : { bytes, from, to, complete: true });
  return to;
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
