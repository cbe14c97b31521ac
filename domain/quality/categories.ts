/** Distinct values of an attribute that are kept apart; slices of more say nothing. */
const MOST_VALUES = 10_000;
const OTHER = '(other)';

/** The values of one attribute as numbers: a row holds a number, and no text is held twice. */
export class Categories {
  readonly values: string[];
  readonly #numbers: Map<string, number>;

  constructor(values: readonly string[] = ['']) {
    this.values = [...values];
    this.#numbers = new Map(values.map((value, number) => [value, number]));
  }

  /** @returns its number; that of `(other)` beyond 10,000 */
  numberOf(value: string): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    if (this.values.length > MOST_VALUES && value !== OTHER) return this.numberOf(OTHER);
    this.#numbers.set(value, this.values.length);
    this.values.push(value);
    return this.values.length - 1;
  }
}
