import { BinGrid } from './bin-grid.ts';
import { type CategoricalProfile, MAX_CATEGORIES, type NumericProfile } from './profile.ts';
import { numberCategory, readNumber, type Value } from './profile-builder.ts';
import type { Edges } from './quantile.ts';

/** Where the running state of a numeric column stands in its array. */
const N = 0;
const SUM = 1;
const SUM_ERROR = 2;
const M2 = 3;
const MIN = 4;
const MAX = 5;
const MEAN = 6;

/** Counts numbers into bins: what addNumber does, step for step and to the last bit, without an allocation. */
export class NumericCounter {
  readonly #edges: Edges;
  readonly #grid: BinGrid;
  readonly #counts: Float64Array;
  readonly #state = new Float64Array(7);
  #missing = 0;
  #nonFinite = 0;
  #unreadable = 0;

  constructor(edges: Edges) {
    this.#edges = edges;
    this.#grid = new BinGrid(edges);
    this.#counts = new Float64Array(edges.length + 1);
    this.#state[MIN] = Number.POSITIVE_INFINITY;
    this.#state[MAX] = Number.NEGATIVE_INFINITY;
  }

  /** @param number as readNumber gives it, never −0; NaN is missing */
  add(number: number): void {
    if (number - number !== 0) {
      if (Number.isNaN(number)) this.#missing += 1;
      else this.#nonFinite += 1;
      return;
    }
    this.#counts[this.#grid.binOf(number)]! += 1;
    const state = this.#state;
    const n = state[N]! + 1;
    const sum = state[SUM]!;
    const next = sum + number;
    const lost = Math.abs(sum) >= Math.abs(number) ? sum - next + number : number - next + sum;
    const error = Number.isFinite(lost) ? state[SUM_ERROR]! + lost : state[SUM_ERROR]!;
    const mean = Number.isFinite(next) ? (next + error) / n : next / n;
    // The mean before this value is the one that was computed after the last.
    state[M2]! += (number - (n === 1 ? number : state[MEAN]!)) * (number - mean);
    state[N] = n;
    state[SUM] = next;
    state[SUM_ERROR] = error;
    state[MEAN] = mean;
    if (number < state[MIN]!) state[MIN] = number;
    if (number > state[MAX]!) state[MAX] = number;
  }

  addValue(value: Value): void {
    const number = readNumber(value);
    if (number === undefined) this.#unreadable += 1;
    else this.add(number ?? Number.NaN);
  }

  /** @returns what has been counted so far, as a copy */
  profile(): NumericProfile {
    const state = this.#state;
    return {
      kind: 'numeric',
      edges: this.#edges,
      counts: Array.from(this.#counts),
      n: state[N]!,
      missing: this.#missing,
      nonFinite: this.#nonFinite,
      unreadable: this.#unreadable,
      sum: state[SUM]!,
      sumError: state[SUM_ERROR]!,
      m2: state[M2]!,
      min: state[MIN]!,
      max: state[MAX]!,
    };
  }
}

/** Counts categories: what addCategory does, with a number for each category that is counted by name. */
export class CategoryCounter {
  readonly #isNumber: boolean;
  readonly #slots = new Map<string, number>();
  readonly #counts: number[] = [];
  #other = 0;
  #missing = 0;
  #unreadable = 0;

  /** @param isNumber whether values are numbers of which few are distinct: `1` and `1.0` are one category */
  constructor(isNumber: boolean) {
    this.#isNumber = isNumber;
  }

  /** @param slot as addValue returned it */
  addSlot(slot: number): void {
    this.#counts[slot]! += 1;
  }

  addMissing(): void {
    this.#missing += 1;
  }

  /** @returns the slot of the category, which stays the same; −1 where the value has none of its own */
  addValue(value: Value): number {
    const category = this.#isNumber ? numberCategory(value) : value === null ? null : String(value);
    if (category === null) this.#missing += 1;
    else if (category === undefined) this.#unreadable += 1;
    else return this.#addCategory(category);
    return -1;
  }

  #addCategory(category: string): number {
    let slot = this.#slots.get(category);
    if (slot === undefined) {
      if (this.#counts.length >= MAX_CATEGORIES) {
        this.#other += 1;
        return -1;
      }
      slot = this.#counts.length;
      this.#slots.set(category, slot);
      this.#counts.push(0);
    }
    this.#counts[slot]! += 1;
    return slot;
  }

  /** @returns what has been counted so far, as a copy */
  profile(): CategoricalProfile {
    return {
      kind: 'categorical',
      counts: new Map([...this.#slots].map(([category, slot]) => [category, this.#counts[slot]!])),
      other: this.#other,
      missing: this.#missing,
      unreadable: this.#unreadable,
    };
  }
}
