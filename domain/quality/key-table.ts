/** Places per key; more makes chains short. */
const SPREAD = 2;

/** Finds the number that a key was put in with. Of equal keys the last stays. */
export class KeyTable {
  readonly #keys: Float64Array;
  readonly #numbers: Uint32Array;
  readonly #mask: number;
  /** Keys that took the place of an equal one. */
  readonly repeated: number;

  /** @param columns of whole numbers below 2⁵³, NaN where there is none; a key's number is its place in its column */
  constructor(columns: readonly Float64Array[]) {
    const most = columns.reduce((sum, { length }) => sum + length, 0) * SPREAD;
    const places = 2 ** Math.ceil(Math.log2(Math.max(2, most)));
    this.#keys = new Float64Array(places).fill(Number.NaN);
    this.#numbers = new Uint32Array(places);
    this.#mask = places - 1;
    let repeated = 0;
    for (const column of columns) {
      for (let number = 0; number < column.length; number++) {
        if (Number.isNaN(column[number]!)) continue;
        const place = this.#placeOf(column[number]!);
        if (this.#keys[place] === column[number]) repeated += 1;
        this.#keys[place] = column[number]!;
        this.#numbers[place] = number;
      }
    }
    this.repeated = repeated;
  }

  /** @returns −1 where there is no such key */
  find(key: number): number {
    if (Number.isNaN(key)) return -1;
    const place = this.#placeOf(key);
    return this.#keys[place] === key ? this.#numbers[place]! : -1;
  }

  /** Where the key is, or where it would be put. */
  #placeOf(key: number): number {
    let place = (key >>> 0) & this.#mask;
    while (!Number.isNaN(this.#keys[place]!) && this.#keys[place] !== key) place = (place + 1) & this.#mask;
    return place;
  }
}
