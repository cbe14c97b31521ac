import { type Decisions, decisionOf } from './decisions.ts';
import type { CategoricalProfile, FeatureProfile, NumericProfile, Profile } from './profile.ts';
import { addCompensated, MAX_CATEGORIES, meanOf } from './profile.ts';
import { binIndex } from './quantile.ts';

/** One value as a reader hands it over; null is missing. Text of a numeric feature is read as a number. */
export type Value = string | number | null;

/** Takes rows, one value per feature in declared order, and the prediction where there is one. */
export interface RowSink {
  row(features: readonly Value[], prediction: Value | undefined): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Digits stand in one way only before a point: tried in every way, a million of them and a letter would take hours. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/**
 * A number as Python's `float` and R read it: decimal, surrounded by blanks at most.
 *
 * @returns null where it is missing (empty or NaN), undefined where it is no number; ±Infinity for what overflows or says so
 */
export function readNumber(value: Value): number | null | undefined {
  if (value === null) return null;
  if (typeof value === 'number') return Number.isNaN(value) ? null : value + 0;
  const text = value.trim();
  if (NUMBER.test(text)) return Number(text) + 0;
  if (text === '' || /^[+-]?nan$/i.test(text)) return null;
  if (INFINITE.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return undefined;
}

/** Adds one value to a numeric profile, in place. m2 by Welford's recurrence (Technometrics 4, 1962). */
export function addNumber(profile: NumericProfile, value: Value): void {
  const into = profile as Mutable<NumericProfile>;
  const number = readNumber(value);
  if (number === null) into.missing += 1;
  else if (number === undefined) into.unreadable += 1;
  else if (!Number.isFinite(number)) into.nonFinite += 1;
  else {
    (into.counts as number[])[binIndex(into.edges, number)]! += 1;
    const before = into.n === 0 ? number : meanOf(into);
    into.n += 1;
    const [sum, error, carry] = addCompensated(into.sum, into.sumError, number);
    into.sum = sum;
    into.sumError = error;
    if (carry !== 0) into.sumCarry = (into.sumCarry ?? 0) + carry;
    into.m2 += (number - before) * (number - meanOf(into));
    if (number < into.min) into.min = number;
    if (number > into.max) into.max = number;
  }
}

/**
 * Adds one category to a profile, in place.
 *
 * @param most categories that get a name, besides the baseline's
 */
export function addCategory(profile: CategoricalProfile, category: string | null, most = MAX_CATEGORIES): void {
  const into = profile as Mutable<CategoricalProfile>;
  if (category === null) {
    into.missing += 1;
    return;
  }
  const counts = into.counts as Map<string, number>;
  const count = counts.get(category);
  if (count !== undefined) counts.set(category, count + 1);
  else if (counts.size < most || into.known?.has(category)) counts.set(category, 1);
  else into.other += 1;
}

/**
 * Adds one answer of a multiclass model to what it decided, in place.
 *
 * @param answer the columns of a response, those of the probabilities from `scoreColumn` on
 */
function addDecision(decisions: Decisions, answer: readonly Value[], scoreColumn: number): void {
  const into = decisions as Mutable<Decisions>;
  const decision = decisionOf(into.classes, (k) => readNumber(answer[scoreColumn + k] ?? null) ?? Number.NaN);
  if (decision === -1) into.undecided += 1;
  else (into.counts as number[])[decision]! += 1;
}

/**
 * The category that a number is, where a numeric feature has so few values that it is treated as categorical: `1`, `1.0` and `1e0` are one.
 *
 * @returns null where it is missing, undefined where it is no finite number
 */
export function numberCategory(value: Value): string | null | undefined {
  const number = readNumber(value);
  if (number === null || number === undefined) return number;
  return Number.isFinite(number) ? String(number) : undefined;
}

/** Which features are numbers by declaration, though profiled as categories. */
export type NumericNames = ReadonlySet<string>;

/** Counts rows into a profile, in place; one pass, memory independent of the number of rows. */
export class ProfileBuilder implements RowSink {
  readonly #profile: Mutable<Profile>;
  readonly #add: readonly ((value: Value) => void)[];
  readonly #scoreColumn: number;

  /**
   * @param empty made by emptyLike; it is counted into
   * @param numericCategories features declared numeric and profiled as categories
   * @param mostCategories that get a name, besides the baseline's
   * @param scoreColumn column of a response that is the prediction
   */
  constructor(empty: Profile, numericCategories: NumericNames, mostCategories = MAX_CATEGORIES, scoreColumn = 0) {
    this.#profile = { ...empty };
    this.#scoreColumn = scoreColumn;
    this.#add = [...empty.features].map(([name, feature]) =>
      adder(feature, numericCategories.has(name), mostCategories),
    );
  }

  /**
   * @param features one value per feature in declared order
   * @throws {RangeError} another number of values: the reader counts such rows, they must not shift columns
   */
  row(
    features: readonly Value[],
    prediction: Value | undefined,
    _metadata?: unknown,
    _index?: number,
    answer?: readonly Value[],
  ): void {
    if (features.length !== this.#add.length) {
      throw new RangeError(`expected ${this.#add.length} values, got ${features.length}`);
    }
    this.#profile.rows += 1;
    for (let i = 0; i < features.length; i++) this.#add[i]!(features[i]!);
    if (prediction !== undefined && this.#profile.prediction) addNumber(this.#profile.prediction, prediction);
    if (answer && this.#profile.decisions) addDecision(this.#profile.decisions, answer, this.#scoreColumn);
  }

  /** What has been counted so far. */
  get profile(): Profile {
    return this.#profile;
  }
}

function adder(feature: FeatureProfile, isNumber: boolean, most: number): (value: Value) => void {
  if (feature.kind === 'numeric') return (value) => addNumber(feature, value);
  if (!isNumber) {
    return (value) => addCategory(feature, value === null || typeof value === 'string' ? value : String(value), most);
  }
  return (value) => {
    const category = numberCategory(value);
    if (category === undefined) (feature as Mutable<CategoricalProfile>).unreadable += 1;
    else addCategory(feature, category, most);
  };
}
