import { type Place, type Problems, placeText, shownCell } from './problems.ts';
import { parseTimestamp } from './timestamp.ts';

/** Collects the instants of a dataset, in the order of its rows. */
export class TimestampColumn {
  readonly #name: string;
  readonly #problems: Problems;
  readonly #first: { withOffset?: string; without?: string } = {};
  #times = new Float64Array(1024);
  #rows = 0;

  constructor(name: string, problems: Problems) {
    this.#name = name;
    this.#problems = problems;
  }

  add(text: string, place: Place): void {
    const time = parseTimestamp(text);
    if (this.#rows === this.#times.length) {
      const larger = new Float64Array(this.#times.length * 2);
      larger.set(this.#times);
      this.#times = larger;
    }
    this.#times[this.#rows++] = time ?? Number.NaN;
    if (time === undefined)
      this.#problems.at(place, this.#name, `expected ${this.#name} to be an ISO 8601 date or time`, shownCell(text));
    else if (!/^\d+$/.test(text))
      this.#first[/(Z|[+-]\d{2}:?\d{2})$/.test(text) && text.length > 10 ? 'withOffset' : 'without'] ??=
        `${shownCell(text)} in ${placeText(place)}`;
  }

  /** Milliseconds; NaN where a row has none. */
  get times(): Float64Array {
    return this.#times.subarray(0, this.#rows);
  }

  /** A time without an offset beside one with: nobody knows by how much they differ. */
  judge(): void {
    const { withOffset, without } = this.#first;
    if (withOffset !== undefined && without !== undefined)
      this.#problems.add(
        `expected ${this.#name} to name an offset from UTC in every row or in none, got ${withOffset} and ${without}`,
        this.#name,
      );
  }
}
