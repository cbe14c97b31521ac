import { UNCOMMON } from './cells.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1 for bytes that a JSON string may hold as they are. */
const TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH ? 0 : 1,
);

const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;

/** Bytes that are compared eight at a time where there are as many. */
export class Literal {
  readonly #bytes: Uint8Array;
  readonly #words: BigInt64Array;
  /** The last eight, some of them once more. */
  readonly #last: bigint;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#words = BigInt64Array.from({ length: bytes.length >> 3 }, (_, i) => view.getBigInt64(i * 8, true));
    this.#last = bytes.length < 8 ? 0n : view.getBigInt64(bytes.length - 8, true);
  }

  /** @returns where the literal ends that begins at `from`, or UNCOMMON */
  end(view: DataView, from: number): number {
    const to = from + this.#bytes.length;
    if (from === UNCOMMON || to > view.byteLength) return UNCOMMON;
    const words = this.#words;
    if (words.length === 0) return this.#endOfFew(view, from);
    for (let i = 0, at = from; i < words.length; i++, at += 8) {
      if (view.getBigInt64(at, true) !== words[i]) return UNCOMMON;
    }
    return view.getBigInt64(to - 8, true) === this.#last ? to : UNCOMMON;
  }

  #endOfFew(view: DataView, from: number): number {
    const bytes = this.#bytes;
    for (let i = 0; i < bytes.length; i++) if (view.getUint8(from + i) !== bytes[i]) return UNCOMMON;
    return from + bytes.length;
  }
}

/** Of the passages that differ from the remembered one, how many go by before one is remembered in its place. */
const LEARN_EVERY = 16;

/**
 * A literal, a text without escapes, and another literal. A file has the same text at the same place in nearly all of its
 * records, so the whole of one that was met is tried first. Where two kinds of records alternate, remembering each would cost more.
 */
export class Passage {
  readonly #before: Literal;
  readonly #after: Literal;
  #known: Literal;
  #missed = 0;

  constructor(before: Uint8Array, after: Uint8Array) {
    this.#before = new Literal(before);
    this.#after = new Literal(after);
    this.#known = this.#before;
  }

  /** @returns where the passage ends that begins at `from`, or UNCOMMON */
  end(view: DataView, from: number): number {
    const known = this.#known === this.#before ? UNCOMMON : this.#known.end(view, from);
    return known === UNCOMMON ? this.#learn(view, from) : known;
  }

  #learn(view: DataView, from: number): number {
    const end = this.#after.end(view, textEnd(view, this.#before.end(view, from)));
    if (end === UNCOMMON) return UNCOMMON;
    if (this.#missed % LEARN_EVERY === 0)
      this.#known = new Literal(new Uint8Array(view.buffer, view.byteOffset + from, end - from).slice());
    this.#missed += 1;
    return end;
  }
}

/**
 * Where a string's text ends: at its quote, if it has no escape.
 *
 * @param view holds a byte that ends it
 * @see Mycroft (1987): a byte of x is zero where (x − 0x01…) & ~x has its high bit set; so may bytes above it, never below
 */
export function textEnd(view: DataView, from: number): number {
  if (from === UNCOMMON) return UNCOMMON;
  let at = from;
  for (const last = view.byteLength - 4; at <= last; at += 4) {
    const word = view.getInt32(at, true);
    const [quote, backslash] = [word ^ QUOTES, word ^ BACKSLASHES];
    const ends =
      (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | ((word - SPACES) & ~word)) & HIGH_BITS;
    if (ends !== 0) return at + ((31 - Math.clz32(ends & -ends)) >> 3);
  }
  while (TEXT[view.getUint8(at)] === 1) at += 1;
  return at;
}
