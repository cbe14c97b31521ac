const FIRST_SLOTS = 1024;

/**
 * Texts that were seen, as 64-bit digests in one typed array: 11 to 23 bytes a text, where a Set of strings takes a hundred. Among
 * 20,000,000 texts, two that differ share a digest in one case of 90,000.
 */
export class DigestSet {
  readonly #most: number;
  #slots = new Uint32Array(FIRST_SLOTS * 2);
  #size = 0;
  #low = 0;
  #high = 0;

  /** @param most texts that are remembered; later ones are taken for new */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns false where it was there before */
  add(text: string): boolean {
    this.#digest(text);
    const at = this.#find(this.#slots, this.#low, this.#high);
    if (this.#slots[at + 1] !== 0) return false;
    if (this.#size >= this.#most) return true;
    this.#slots[at] = this.#low;
    this.#slots[at + 1] = this.#high;
    this.#size += 1;
    // Three quarters full; the slots are pairs.
    if (this.#size * 8 > this.#slots.length * 3) this.#grow();
    return true;
  }

  has(text: string): boolean {
    this.#digest(text);
    return this.#slots[this.#find(this.#slots, this.#low, this.#high) + 1] !== 0;
  }

  /** Two multiplicative hashes whose halves are mixed into each other at the end (cyrb53, all its 64 bits). */
  #digest(text: string): void {
    let a = 0xdeadbeef ^ text.length;
    let b = 0x41c6ce57 ^ text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    this.#low = a >>> 0;
    // Zero marks a free slot.
    this.#high = b >>> 0 || 1;
  }

  /** Index of the pair that holds the digest, or of the free one where it would go. */
  #find(slots: Uint32Array, low: number, high: number): number {
    const last = slots.length / 2 - 1;
    for (let slot = low & last; ; slot = (slot + 1) & last) {
      const there = slots[slot * 2 + 1];
      if (there === 0 || (there === high && slots[slot * 2] === low)) return slot * 2;
    }
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const high = this.#slots[at + 1]!;
      if (high === 0) continue;
      const free = this.#find(slots, this.#slots[at]!, high);
      slots[free] = this.#slots[at]!;
      slots[free + 1] = high;
    }
    this.#slots = slots;
  }
}
