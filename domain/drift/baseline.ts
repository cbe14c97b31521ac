import type { Calibration } from './calibration.ts';
import { emptyDecisions } from './decisions.ts';
import type { CategoricalProfile, FeatureProfile, NumericProfile, Profile } from './profile.ts';
import { emptyCategorical, emptyLike, emptyNumeric, MAX_CATEGORIES, preciseMeanOf } from './profile.ts';
import { addCategory, addNumber, ProfileBuilder, type RowSink, readNumber, type Value } from './profile-builder.ts';
import { atomEdges, type Edges } from './quantile.ts';

/** Quantile edges of a numeric profile; a multiple of ten, so deciles are sums of its bins exactly. */
export const PROFILE_BINS = 240;

/** Bins that PSI, Jensen–Shannon, Hellinger, TVD and L∞ are computed over. */
export const MEASURE_BINS = 10;

/** With so few distinct values or fewer, a numeric feature is treated as categorical: quantiles of it mean nothing. */
export const FEW_VALUES = 20;

/** A feature as the model declares it. */
export interface DeclaredFeature {
  readonly name: string;
  readonly type: 'numeric' | 'categorical';
  /** Keeps a numeric feature numeric however few values it has. */
  readonly forced?: boolean;
}

/** What a feature looked like in training, and over which bins it is to be profiled from then on. */
export interface BaselineFeature extends DeclaredFeature {
  readonly profile: FeatureProfile;
  /** Atom deciles, numeric profiles only: each is among the profile's edges. */
  readonly deciles?: Edges;
}

/** The baseline of a model version, made from its training rows. */
export interface Baseline {
  readonly rows: number;
  /** In declared order: the order of a captured row. */
  readonly features: readonly BaselineFeature[];
  /** Edges that predictions are profiled over; and of how many classes a multiclass model decides, absent in baselines of before. */
  readonly prediction: { readonly edges: Edges; readonly classes?: number };
  /** What features moved by within training; absent where its rows are not in order of time. */
  readonly calibration?: Calibration;
}

/** Edges of 240 equal bins of 0 … 1, for scores. */
export const SCORE_EDGES: Edges = Array.from({ length: PROFILE_BINS - 1 }, (_, i) => (i + 1) / PROFILE_BINS);

/** A profile of no rows over the baseline's bins. */
export function emptyProfile(baseline: Baseline): Profile {
  const features = new Map(baseline.features.map(({ name, profile }) => [name, profile]));
  const { edges, classes } = baseline.prediction;
  const decisions = classes === undefined ? {} : { decisions: emptyDecisions(classes) };
  return emptyLike({ rows: 0, features, prediction: emptyNumeric(edges), ...decisions });
}

/**
 * Counts rows over the baseline's bins.
 *
 * @param mostCategories that get a name, besides the baseline's
 * @param scoreColumn column of a response that is the prediction; of a multiclass model its classes' probabilities begin there
 */
export const profileOver = (baseline: Baseline, mostCategories = MAX_CATEGORIES, scoreColumn = 0): ProfileBuilder =>
  new ProfileBuilder(
    emptyProfile(baseline),
    new Set(
      baseline.features.filter((f) => f.type === 'numeric' && f.profile.kind === 'categorical').map((f) => f.name),
    ),
    mostCategories,
    scoreColumn,
  );

/**
 * Learns the bins from the training rows and counts them.
 *
 * Quantiles need the values themselves: memory is 8 bytes per numeric value, so a million rows of 35 features take 280 MB.
 */
export class BaselineBuilder implements RowSink {
  readonly #columns: readonly Column[];
  #rows = 0;

  /**
   * @param features in declared order
   * @param mostCategories of a feature that get a name
   * @throws {RangeError} two features of one name
   */
  constructor(features: readonly DeclaredFeature[], mostCategories = MAX_CATEGORIES) {
    const names = new Set(features.map(({ name }) => name));
    if (names.size !== features.length) throw new RangeError(`expected distinct features, got ${features.length}`);
    this.#columns = features.map((feature) =>
      feature.type === 'numeric'
        ? new NumericColumn(feature.name, feature.forced ?? false)
        : new CategoricalColumn(feature.name, mostCategories),
    );
  }

  /** @throws {RangeError} another number of values than features */
  row(features: readonly Value[]): void {
    if (features.length !== this.#columns.length) {
      throw new RangeError(`expected ${this.#columns.length} values, got ${features.length}`);
    }
    this.#rows += 1;
    for (let i = 0; i < features.length; i++) this.#columns[i]!.add(features[i]!);
  }

  /**
   * @param predictionEdges what later predictions are counted over; training rows have none
   * @param classes that a multiclass model decides between
   */
  finish(predictionEdges: Edges = SCORE_EDGES, classes?: number): Baseline {
    return {
      rows: this.#rows,
      features: this.#columns.map((column) => column.finish()),
      prediction: { edges: predictionEdges, ...(classes !== undefined && { classes }) },
    };
  }
}

interface Column {
  add(value: Value): void;
  finish(): BaselineFeature;
}

class CategoricalColumn implements Column {
  readonly #name: string;
  readonly #most: number;
  readonly #profile: CategoricalProfile = emptyCategorical();

  constructor(name: string, most: number) {
    this.#name = name;
    this.#most = most;
  }

  add(value: Value): void {
    addCategory(this.#profile, value === null || typeof value === 'string' ? value : String(value), this.#most);
  }

  finish(): BaselineFeature {
    return { name: this.#name, type: 'categorical', profile: this.#profile };
  }
}

class NumericColumn implements Column {
  readonly #name: string;
  /** Counts what is no finite number. */
  readonly #others: NumericProfile = emptyNumeric([]);
  readonly #forced: boolean;
  #values = new Float64Array(1024);
  #n = 0;

  constructor(name: string, forced: boolean) {
    this.#name = name;
    this.#forced = forced;
  }

  add(value: Value): void {
    const number = readNumber(value);
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      addNumber(this.#others, value);
      return;
    }
    if (this.#n === this.#values.length) {
      const longer = new Float64Array(this.#n * 2);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.#n] = number;
    this.#n += 1;
  }

  finish(): BaselineFeature {
    const sorted = this.#values.subarray(0, this.#n).sort();
    const { missing, nonFinite, unreadable } = this.#others;
    if (!this.#forced && this.#n > 0 && hasFewValues(sorted)) {
      const profile = { ...emptyCategorical(), missing, unreadable: unreadable + nonFinite };
      for (const value of sorted) addCategory(profile, String(value));
      return { name: this.#name, type: 'numeric', profile };
    }
    const edges = this.#n === 0 ? [] : atomEdges(sorted, PROFILE_BINS);
    const profile = { ...emptyNumeric(edges), missing, nonFinite, unreadable };
    for (const value of sorted) addNumber(profile, value);
    return {
      name: this.#name,
      type: 'numeric',
      profile: { ...profile, m2: squaresAround(preciseMeanOf(profile), sorted) },
      deciles: this.#n === 0 ? [] : atomEdges(sorted, MEASURE_BINS),
    };
  }
}

/** Σ (x − mean)², in a second pass: near 1e15 a running mean is rounded to what values differ by. */
function squaresAround([mean, error]: readonly [number, number], values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += (value - mean - error) ** 2;
  return sum;
}

function hasFewValues(sorted: ArrayLike<number>): boolean {
  let distinct = 0;
  for (let i = 0; i < sorted.length && distinct <= FEW_VALUES; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) distinct += 1;
  }
  return distinct <= FEW_VALUES;
}
