import { readNumber } from '../drift/profile-builder.ts';
import { HASH_START, hashStep } from './category-bytes.ts';

const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;

/** Integers below are doubles, and so is every power of ten up to 10²². */
const EXACT_BELOW = 2 ** 53;
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Most cells of one record; a record of more is read the slow way. */
const MOST_CELLS = 1 << 18;

/** 1 for bytes that may stand in a field as they are: no control character, quote, backslash or comma. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === BACKSLASH || byte === COMMA ? 0 : 1,
);

/** Not a payload of the common shape: whoever asked is to read it the slow way. */
export const UNCOMMON = -1;

/**
 * The values of one payload of CSV inside a JSON string: numbers as numbers, categories as the bytes they stand in.
 *
 * Rows are separated by the escapes `\n` and `\r`; a blank row is none. Quotes, other escapes, another number of fields and
 * text in a numeric column make the payload uncommon.
 */
export class Cells {
  readonly #columns: number;
  /** By column: 1 where it is counted as numbers. */
  readonly #isNumber: Uint8Array;
  /** By row, then column; NaN is missing. */
  numbers: Float64Array;
  /** By row, then column, of categories: where their bytes begin and end, and their hash. */
  starts: Int32Array;
  ends: Int32Array;
  hashes: Int32Array;
  rows = 0;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(isNumber: readonly boolean[]) {
    this.#columns = isNumber.length;
    this.#isNumber = Uint8Array.from(isNumber, Number);
    this.numbers = new Float64Array(isNumber.length);
    this.starts = new Int32Array(isNumber.length);
    this.ends = new Int32Array(isNumber.length);
    this.hashes = new Int32Array(isNumber.length);
  }

  /**
   * Reads the payload that begins at `at`; what ends it is for the caller to see.
   *
   * @param bytes end with a control character
   * @returns where it ends, or UNCOMMON
   */
  read(bytes: Uint8Array, at: number): number {
    this.rows = 0;
    let next = at;
    for (;;) {
      next = rowEndsSkipped(bytes, next);
      if (next === UNCOMMON) return UNCOMMON;
      // A row may begin with an empty field.
      if (PLAIN[bytes[next]!] === 0 && bytes[next] !== COMMA) return next;
      next = this.#row(bytes, next);
      if (next === UNCOMMON) return UNCOMMON;
      this.rows += 1;
    }
  }

  #row(bytes: Uint8Array, from: number): number {
    const columns = this.#columns;
    const first = this.rows * columns;
    if (first + columns > this.numbers.length && !this.#grow()) return UNCOMMON;
    let at = from;
    for (let column = 0; column < columns; column++) {
      if (column > 0) {
        if (bytes[at] !== COMMA) return UNCOMMON;
        at += 1;
      }
      at =
        this.#isNumber[column] === 1 ? this.#number(bytes, at, first + column) : this.#text(bytes, at, first + column);
      if (at === UNCOMMON) return UNCOMMON;
    }
    return bytes[at] === COMMA ? UNCOMMON : at;
  }

  #text(bytes: Uint8Array, from: number, cell: number): number {
    let at = from;
    let hash = HASH_START;
    for (let byte = bytes[at]!; PLAIN[byte] === 1; byte = bytes[at]!) {
      hash = hashStep(hash, byte);
      at += 1;
    }
    this.starts[cell] = from;
    this.ends[cell] = at;
    this.hashes[cell] = hash;
    return at;
  }

  /**
   * A decimal as an integer and a power of ten. Where both are exact doubles, one division gives the nearest double to the decimal,
   * as IEEE 754 rounds a quotient correctly. Of nine digits or fewer the integer is a small one, which is quicker.
   *
   * @see Clinger (1990), How to read floating point numbers accurately, PLDI
   */
  #number(bytes: Uint8Array, from: number, cell: number): number {
    let at = from;
    const negative = bytes[at] === MINUS;
    if (negative) at += 1;
    const first = at;
    let mantissa = 0;
    let byte = bytes[at]!;
    for (; byte >= ZERO && byte <= NINE; byte = bytes[at]!) {
      mantissa = (Math.imul(mantissa, 10) + byte - ZERO) | 0;
      at += 1;
    }
    let digits = at - first;
    let decimals = 0;
    if (byte === DOT) {
      at += 1;
      const point = at;
      for (byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[at]!) {
        mantissa = (Math.imul(mantissa, 10) + byte - ZERO) | 0;
        at += 1;
      }
      decimals = at - point;
      digits += decimals;
    }
    if (digits === 0 || PLAIN[byte] === 1) return this.#uncommonNumber(bytes, from, cell);
    let value = mantissa;
    if (digits > 9) {
      value = longMantissa(bytes, first, at);
      if (value >= EXACT_BELOW || decimals > 22) return this.#uncommonNumber(bytes, from, cell);
    }
    if (decimals !== 0) value /= POWERS_OF_TEN[decimals]!;
    // −0 is 0, as readNumber has it.
    this.numbers[cell] = negative ? 0 - value : value;
    return at;
  }

  /** Exponents, long decimals, infinities, blanks: as readNumber has them. Nothing at all is missing. */
  #uncommonNumber(bytes: Uint8Array, from: number, cell: number): number {
    let at = from;
    while (PLAIN[bytes[at]!] === 1) at += 1;
    const number = at === from ? null : readNumber(this.#decoder.decode(bytes.subarray(from, at)));
    if (number === undefined) return UNCOMMON;
    this.numbers[cell] = number ?? Number.NaN;
    return at;
  }

  #grow(): boolean {
    const length = Math.max(this.numbers.length * 2, this.#columns);
    if (length > MOST_CELLS) return false;
    this.numbers = grown(this.numbers, new Float64Array(length));
    this.starts = grown(this.starts, new Int32Array(length));
    this.ends = grown(this.ends, new Int32Array(length));
    this.hashes = grown(this.hashes, new Int32Array(length));
    return true;
  }
}

/** The digits from `from` up to `to` as a double, a point left out; exact below EXACT_BELOW. */
function longMantissa(bytes: Uint8Array, from: number, to: number): number {
  let mantissa = 0;
  for (let at = from; at < to; at++) if (bytes[at] !== DOT) mantissa = mantissa * 10 + bytes[at]! - ZERO;
  return mantissa;
}

function grown<Numbers extends Float64Array | Int32Array>(from: Numbers, into: Numbers): Numbers {
  into.set(from);
  return into;
}

/** Past `\n` and `\r` as JSON escapes them; UNCOMMON at any other escape. */
function rowEndsSkipped(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === BACKSLASH) {
    const escaped = bytes[at + 1];
    if (escaped !== 0x6e && escaped !== 0x72) return UNCOMMON;
    at += 2;
  }
  return at;
}
