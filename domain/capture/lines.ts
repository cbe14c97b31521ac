import type { Readable } from '../stream.ts';

/** One line of a file of lines. */
export interface Line {
  /** Undefined where the line was longer than the limit: its bytes were let go. */
  readonly text: string | undefined;
  /** Whether a line break ends it; a file that was cut off ends without one. */
  readonly complete: boolean;
}

const LF = 0x0a;

/**
 * Splits bytes into lines. Memory stays at one chunk and one line of at most `maxBytes`; invalid UTF-8 becomes U+FFFD.
 *
 * @returns lines in order, in batches of a chunk each; an empty last line is none
 */
export async function* linesOf(bytes: Readable, maxBytes: number): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder('utf-8');
  let parts: Uint8Array[] = [];
  let held = 0;
  let tooLong = false;
  const hold = (part: Uint8Array): void => {
    held += part.byteLength;
    tooLong ||= held > maxBytes;
    if (tooLong) parts = [];
    else parts.push(part);
  };
  const take = (complete: boolean): Line => {
    const line = { text: tooLong ? undefined : decoder.decode(joined(parts, held)), complete };
    parts = [];
    held = 0;
    tooLong = false;
    return line;
  };
  for await (const chunk of bytes) {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      hold(chunk.subarray(from, end));
      lines.push(take(true));
      from = end + 1;
    }
    // The chunk's buffer may be reused by whoever made it.
    if (from < chunk.byteLength) hold(chunk.slice(from));
    yield lines;
  }
  if (held > 0) yield [take(false)];
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
