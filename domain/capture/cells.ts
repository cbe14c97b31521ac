import { readNumber } from '../drift/profile-builder.ts';
import { HASH_START, hashStep } from './category-bytes.ts';

const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

/** Integers below are doubles, and so is every power of ten up to 10²². */
const EXACT_BELOW = 2 ** 53;
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Rows that are held before they are counted, column by column. */
export const BATCH = 256;
/** Columns a power of two apart would share the same few lines of a processor's cache. */
const PADDING = 8;
/** Most cells held; a payload of more is read the slow way. */
const MOST_CELLS = 1 << 18;

/** 1 for bytes that may stand in a field as they are: no control character, quote, backslash or comma. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === BACKSLASH || byte === COMMA ? 0 : 1,
);

/** Not a payload of the common shape: whoever asked is to read it the slow way. */
export const UNCOMMON = -1;

/**
 * The values of rows of CSV inside JSON strings: numbers as numbers, column by column; categories of the last payload as the bytes
 * they stand in.
 *
 * Rows are separated by the escapes `\n` and `\r`; a blank row is none. Quotes, other escapes, another number of fields and
 * text in a numeric column make the payload uncommon.
 */
export class Cells {
  readonly #columns: number;
  /** By column: 1 where it is counted as numbers. */
  readonly #isNumber: Uint8Array;
  readonly #categories: number;
  /** By column of numbers in their order, then row; NaN is missing. */
  numbers: Float64Array;
  /** From one column to the next. */
  stride = 0;
  /** By row that is not kept, then column of categories in their order: where their bytes begin and end, and their hash. */
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  hashes = new Int32Array(0);
  /** Rows held, and how many of them whatever comes. */
  rows = 0;
  kept = 0;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(isNumber: readonly boolean[]) {
    this.#columns = isNumber.length;
    this.#isNumber = Uint8Array.from(isNumber, Number);
    this.#categories = isNumber.filter((number) => !number).length;
    this.numbers = new Float64Array(0);
    this.#grow();
  }

  /** Lets go of every row. */
  clear(): void {
    this.rows = 0;
    this.kept = 0;
  }

  /** Keeps the rows there are, whatever becomes of the next payload. */
  keep(): void {
    this.kept = this.rows;
  }

  /** Lets go of the rows that are not kept. */
  drop(): void {
    this.rows = this.kept;
  }

  /**
   * Reads the payload that begins at `at` into further rows; what ends it is for the caller to see.
   *
   * @param bytes end with a control character
   * @returns where it ends; or UNCOMMON, and its rows are to be dropped
   */
  read(bytes: Uint8Array, at: number): number {
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
    if (this.rows === this.stride - PADDING && !this.#grow()) return UNCOMMON;
    const columns = this.#columns;
    const stride = this.stride;
    let place = this.rows;
    let category = (this.rows - this.kept) * this.#categories;
    let at = from;
    for (let column = 0; column < columns; column++) {
      if (column > 0) {
        if (bytes[at] !== COMMA) return UNCOMMON;
        at += 1;
      }
      if (this.#isNumber[column] === 1) {
        at = this.#number(bytes, at, place);
        place += stride;
      } else {
        at = this.#text(bytes, at, category);
        category += 1;
      }
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
  #number(bytes: Uint8Array, from: number, place: number): number {
    let at = from;
    let digit = bytes[at]! - ZERO;
    const negative = digit === MINUS - ZERO;
    if (negative) digit = bytes[++at]! - ZERO;
    const first = at;
    let mantissa = 0;
    // Below ZERO is a large number without a sign: one comparison for both ends.
    while (digit >>> 0 < 10) {
      mantissa = (Math.imul(mantissa, 10) + digit) | 0;
      digit = bytes[++at]! - ZERO;
    }
    let digits = at - first;
    let decimals = 0;
    if (digit === DOT - ZERO) {
      const point = ++at;
      digit = bytes[at]! - ZERO;
      while (digit >>> 0 < 10) {
        mantissa = (Math.imul(mantissa, 10) + digit) | 0;
        digit = bytes[++at]! - ZERO;
      }
      decimals = at - point;
      digits += decimals;
    }
    if (digits === 0 || PLAIN[digit + ZERO] === 1) return this.#uncommonNumber(bytes, from, place);
    let value = mantissa;
    if (digits > 9) {
      value = longMantissa(bytes, first, at);
      if (value >= EXACT_BELOW || decimals > 22) return this.#uncommonNumber(bytes, from, place);
    }
    if (decimals !== 0) value /= POWERS_OF_TEN[decimals]!;
    // −0 is 0, as readNumber has it.
    this.numbers[place] = negative ? 0 - value : value;
    return at;
  }

  /** Exponents, long decimals, infinities, blanks: as readNumber has them. Nothing at all is missing. */
  #uncommonNumber(bytes: Uint8Array, from: number, place: number): number {
    let at = from;
    while (PLAIN[bytes[at]!] === 1) at += 1;
    const number = at === from ? null : readNumber(this.#decoder.decode(bytes.subarray(from, at)));
    if (number === undefined) return UNCOMMON;
    this.numbers[place] = number ?? Number.NaN;
    return at;
  }

  #grow(): boolean {
    const rows = Math.max(BATCH, 2 * (this.stride - PADDING));
    if (rows > BATCH && rows * this.#columns > MOST_CELLS) return false;
    const stride = rows + PADDING;
    const numbers = new Float64Array((this.#columns - this.#categories) * stride);
    for (let from = 0, into = 0; into < numbers.length; from += this.stride, into += stride)
      numbers.set(this.numbers.subarray(from, from + this.rows), into);
    this.numbers = numbers;
    this.stride = stride;
    this.starts = grown(this.starts, rows * this.#categories);
    this.ends = grown(this.ends, rows * this.#categories);
    this.hashes = grown(this.hashes, rows * this.#categories);
    return true;
  }
}

/** The digits from `from` up to `to` as a double, a point left out; exact below EXACT_BELOW. */
function longMantissa(bytes: Uint8Array, from: number, to: number): number {
  let mantissa = 0;
  for (let at = from; at < to; at++) if (bytes[at] !== DOT) mantissa = mantissa * 10 + bytes[at]! - ZERO;
  return mantissa;
}

function grown(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const into = new Int32Array(length);
  into.set(numbers);
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
