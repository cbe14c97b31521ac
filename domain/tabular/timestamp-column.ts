import { timeHint } from './cell-hints.ts';
import { type Place, type Problems, placeText, shownCell } from './problems.ts';
import { parseTimestamp } from './timestamp.ts';

/** Watches the instants of a dataset, in the order of its rows. */
export class TimestampColumn {
  readonly #name: string;
  readonly #problems: Problems;
  readonly #isKept: boolean;
  readonly #first: { withOffset?: string; without?: string } = {};
  #times = new Float64Array(1024);
  #rows = 0;

  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #isInOrder = true;

  /** @param isKept every row's instant will be asked for */
  constructor(name: string, problems: Problems, isKept: boolean) {
    this.#name = name;
    this.#problems = problems;
    this.#isKept = isKept;
  }

  add(text: string, place: Place): void {
    const time = parseTimestamp(text);
    if (this.#isKept) this.#keep(time ?? Number.NaN);
    // A row without a readable time is in no order.
    this.#isInOrder &&= time !== undefined && time >= this.#last;
    if (time !== undefined) {
      this.#last = time;
      if (time < this.#from) this.#from = time;
      if (time > this.#to) this.#to = time;
    }
    if (time === undefined)
      this.#problems.at(
        place,
        this.#name,
        `expected ${this.#name} to be an ISO 8601 date or time`,
        shownCell(text),
        timeHint(text),
      );
    else if (!/^\d+$/.test(text))
      this.#first[/(Z|[+-]\d{2}:?\d{2})$/.test(text) && text.length > 10 ? 'withOffset' : 'without'] ??=
        `${shownCell(text)} in ${placeText(place)}`;
  }

  /** Milliseconds; NaN where a row has none. */
  get times(): Float64Array {
    return this.#times.subarray(0, this.#rows);
  }

  /** Rows come in order of time. */
  get isInOrder(): boolean {
    return this.#isInOrder && this.#to > Number.NEGATIVE_INFINITY;
  }

  /** ISO 8601, UTC; undefined where no row has a time. */
  get period(): { readonly from: string; readonly to: string } | undefined {
    if (this.#from > this.#to) return undefined;
    return { from: new Date(this.#from).toISOString(), to: new Date(this.#to).toISOString() };
  }

  #keep(time: number): void {
    if (this.#rows === this.#times.length) {
      const larger = new Float64Array(this.#times.length * 2);
      larger.set(this.#times);
      this.#times = larger;
    }
    this.#times[this.#rows++] = time;
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
