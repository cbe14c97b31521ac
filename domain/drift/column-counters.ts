import { BinGrid } from './bin-grid.ts';
import { CONFIDENCE_BINS, type Decisions, decisionOf } from './decisions.ts';
import { CARRY_UNIT, type CategoricalProfile, MAX_CATEGORIES, type NumericProfile } from './profile.ts';
import { numberCategory, readNumber, type Value } from './profile-builder.ts';
import type { Edges } from './quantile.ts';

/** Counts numbers into bins: what addNumber does, step for step and to the last bit, without an allocation. */
export class NumericCounter {
  readonly #edges: Edges;
  readonly #grid: BinGrid;
  readonly #counts: Float64Array;
  readonly #one = new Float64Array(1);
  #n = 0;
  #sum = 0;
  #sumError = 0;
  #sumCarry = 0;
  #m2 = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #missing = 0;
  #nonFinite = 0;
  #unreadable = 0;

  constructor(edges: Edges) {
    this.#edges = edges;
    this.#grid = new BinGrid(edges);
    this.#counts = new Float64Array(edges.length + 1);
  }

  /**
   * Counts many at once: the running state stays in registers, so each costs a fraction of what it would alone.
   *
   * @param numbers as readNumber gives them, never −0; NaN is missing
   */
  addAll(numbers: Float64Array, from: number, to: number): void {
    const [counts, grid] = [this.#counts, this.#grid];
    let [n, sum, sumError, m2, min, max] = [this.#n, this.#sum, this.#sumError, this.#m2, this.#min, this.#max];
    // The mean before a value is the one computed after the last.
    let carry = this.#sumCarry;
    let mean = meanOf(n, sum, sumError, carry);
    for (let i = from; i < to; i++) {
      const number = numbers[i]!;
      if (number - number !== 0) {
        if (Number.isNaN(number)) this.#missing += 1;
        else this.#nonFinite += 1;
        continue;
      }
      counts[grid.binOf(number)]! += 1;
      const before = n === 0 ? number : mean;
      n += 1;
      const next = sum + number;
      if (next - next === 0) {
        sumError += Math.abs(sum) >= Math.abs(number) ? sum - next + number : number - next + sum;
        sum = next;
      } else {
        carry += sum / CARRY_UNIT;
        sum = number;
      }
      mean = meanOf(n, sum, sumError, carry);
      m2 += (number - before) * (number - mean);
      if (number < min) min = number;
      if (number > max) max = number;
    }
    [this.#n, this.#sum, this.#sumError, this.#m2, this.#min, this.#max] = [n, sum, sumError, m2, min, max];
    this.#sumCarry = carry;
  }

  addValue(value: Value): void {
    const number = readNumber(value);
    if (number === undefined) {
      this.#unreadable += 1;
      return;
    }
    this.#one[0] = number ?? Number.NaN;
    this.addAll(this.#one, 0, 1);
  }

  /** @returns what has been counted so far, as a copy */
  profile(): NumericProfile {
    return {
      kind: 'numeric',
      edges: this.#edges,
      counts: Array.from(this.#counts),
      n: this.#n,
      missing: this.#missing,
      nonFinite: this.#nonFinite,
      unreadable: this.#unreadable,
      sum: this.#sum,
      sumError: this.#sumError,
      ...(this.#sumCarry !== 0 && { sumCarry: this.#sumCarry }),
      m2: this.#m2,
      min: this.#min,
      max: this.#max,
    };
  }
}

/** As profile.ts has it, term for term. */
function meanOf(n: number, sum: number, sumError: number, carry: number): number {
  const whole = sum + sumError;
  const mean = whole - whole === 0 ? whole / n : sum / n + sumError / n;
  return carry === 0 ? mean : mean + (carry / n) * CARRY_UNIT;
}

/** Counts categories: what addCategory does, with a number for each category that is counted by name. */
export class CategoryCounter {
  readonly #isNumber: boolean;
  readonly #known: ReadonlySet<string>;
  readonly #slots = new Map<string, number>();
  readonly #counts: number[] = [];
  #other = 0;
  #missing = 0;
  #unreadable = 0;

  /**
   * @param isNumber whether values are numbers of which few are distinct: `1` and `1.0` are one category
   * @param known the categories that have a name in the baseline
   */
  constructor(isNumber: boolean, known: ReadonlySet<string>) {
    this.#isNumber = isNumber;
    this.#known = known;
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
      if (this.#counts.length >= MAX_CATEGORIES && !this.#known.has(category)) {
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
      known: this.#known,
      other: this.#other,
      missing: this.#missing,
      unreadable: this.#unreadable,
    };
  }
}

/** Counts decisions of a multiclass model, one answer at a time. */
export class DecisionCounter {
  readonly #classes: number;
  readonly #counts: Float64Array;
  #undecided = 0;

  constructor(classes: number) {
    this.#classes = classes;
    this.#counts = new Float64Array(classes * CONFIDENCE_BINS);
  }

  /** @param probabilities by class, `stride` apart, then by row; NaN is none */
  addAll(probabilities: Float64Array, stride: number, rows: number): void {
    for (let row = 0; row < rows; row++)
      this.#count(decisionOf(this.#classes, (k) => probabilities[k * stride + row]!));
  }

  /** @param answer the columns of a response, those of the probabilities from `scoreColumn` on */
  addAnswer(answer: readonly Value[], scoreColumn: number): void {
    this.#count(decisionOf(this.#classes, (k) => readNumber(answer[scoreColumn + k] ?? null) ?? Number.NaN));
  }

  #count(decision: number): void {
    if (decision === -1) this.#undecided += 1;
    else this.#counts[decision]! += 1;
  }

  /** @returns what has been counted so far, as a copy */
  decisions(): Decisions {
    return { classes: this.#classes, counts: Array.from(this.#counts), undecided: this.#undecided };
  }
}
