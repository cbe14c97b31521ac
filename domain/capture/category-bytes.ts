import type { CategoryCounter } from '../drift/column-counters.ts';

/** Byte strings remembered at most: every category that has a name, and some that are written in more than one way. */
const MOST = 3_000;
/** Places in the table, a power of two; at most three quarters are taken. */
const PLACES = 4_096;
/** Longer categories are rare and go through their text. */
const MOST_WORDS = 16;
const MOST_BYTES = 4 * MOST_WORDS;

export const HASH_START = 0x811c9dc5 | 0;

/** One step of the hash of a category's bytes. @see Fowler–Noll–Vo, FNV-1a, 32 bits */
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

/**
 * Counts categories by their bytes, so that one seen before makes no string. The first of its kind is decoded and counted by its
 * exact text; equality is of bytes, never of hashes.
 */
export class CategoryBytes {
  readonly counter: CategoryCounter;
  /** Index of an entry, plus one; 0 where the place is free. */
  readonly #places = new Uint16Array(PLACES);
  readonly #hashes = new Int32Array(MOST);
  readonly #lengths = new Uint8Array(MOST);
  readonly #slots = new Uint16Array(MOST);
  /** The bytes of each entry, four at a time, zeros behind. */
  readonly #words = new Int32Array(MOST * MOST_WORDS);
  #entries = 0;
  // A byte order mark inside a line is text like any other.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(counter: CategoryCounter) {
    this.counter = counter;
  }

  /**
   * @param view of the bytes, with four more behind `to`
   * @param hash of the bytes from `from` up to `to` by hashStep, begun with HASH_START
   */
  add(bytes: Uint8Array, view: DataView, from: number, to: number, hash: number): void {
    if (from === to) {
      this.counter.addMissing();
      return;
    }
    let place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    for (let entry = this.#places[place]!; entry !== 0; entry = this.#places[place]!) {
      if (this.#hashes[entry - 1] === hash && this.#isSame(entry - 1, view, from, to)) {
        this.counter.addSlot(this.#slots[entry - 1]!);
        return;
      }
      place = (place + 1) & (PLACES - 1);
    }
    const slot = this.counter.addValue(this.#decoder.decode(bytes.subarray(from, to)));
    if (slot !== -1 && to - from <= MOST_BYTES && this.#entries < MOST) {
      this.#remember(place, bytes.subarray(from, to), hash, slot);
    }
  }

  #isSame(entry: number, view: DataView, from: number, to: number): boolean {
    if (this.#lengths[entry] !== to - from) return false;
    let known = entry * MOST_WORDS;
    let at = from;
    for (; at + 4 <= to; at += 4, known++) if (view.getInt32(at, true) !== this.#words[known]) return false;
    return at === to || (view.getInt32(at, true) ^ this.#words[known]!) << (8 * (at + 4 - to)) === 0;
  }

  #remember(place: number, category: Uint8Array, hash: number, slot: number): void {
    const entry = this.#entries;
    this.#hashes[entry] = hash;
    this.#lengths[entry] = category.length;
    this.#slots[entry] = slot;
    category.forEach((byte, i) => {
      this.#words[entry * MOST_WORDS + (i >> 2)]! |= byte << (8 * (i & 3));
    });
    this.#entries += 1;
    this.#places[place] = this.#entries;
  }
}
