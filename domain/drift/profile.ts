import { type Decisions, emptyDecisions, mergeDecisions } from './decisions.ts';
import type { Edges } from './quantile.ts';

/** Most categories that a profile counts by name beside its baseline's; the rest are counted together. */
export const MAX_CATEGORIES = 1_000;

/**
 * The additive state of one numeric feature over some rows. Every member is a count, a sum or an extreme, so the profile of a
 * day is the merge of its hours, in any order.
 */
export interface NumericProfile {
  readonly kind: 'numeric';
  readonly edges: Edges;
  /** Finite values per bin; edges.length + 1. */
  readonly counts: readonly number[];
  /** Finite values. */
  readonly n: number;
  /** Rows without a value (null, NaN, empty). */
  readonly missing: number;
  /** Infinity and −Infinity: counted, and kept out of every statistic. */
  readonly nonFinite: number;
  /** Values that are not numbers: counted, and kept out of every statistic. */
  readonly unreadable: number;
  /** Σ x, and what rounding took from it (Neumaier): together good to twice the precision, so equal samples have equal means. */
  readonly sum: number;
  readonly sumError: number;
  /** What of Σ x a double cannot hold, in units of 2⁶⁴; absent where there is none, as for all numbers but those near 1e308. */
  readonly sumCarry?: number;
  /** Σ (x − mean)²; the population variance is m2 / n. */
  readonly m2: number;
  /** Infinity where n = 0. */
  readonly min: number;
  /** −Infinity where n = 0. */
  readonly max: number;
}

/** The additive state of one categorical feature over some rows. Categories are equal only as exact strings. */
export interface CategoricalProfile {
  readonly kind: 'categorical';
  readonly counts: ReadonlyMap<string, number>;
  /**
   * The categories that the baseline counts by name: here they always have a name too, however late they come. Absent in the
   * baseline itself.
   */
  readonly known?: ReadonlySet<string>;
  /** Values of categories beyond the first 1,000. */
  readonly other: number;
  readonly missing: number;
  /** Values of a numeric feature (with few distinct values) that are no finite numbers. */
  readonly unreadable: number;
}

export type FeatureProfile = NumericProfile | CategoricalProfile;

/** Features by name, in declared order, and the prediction. */
export interface Profile {
  readonly rows: number;
  readonly features: ReadonlyMap<string, FeatureProfile>;
  readonly prediction?: NumericProfile;
  /** Of a multiclass model; absent in profiles of before. */
  readonly decisions?: Decisions;
}

/** A profile of no rows over the given edges. */
export const emptyNumeric = (edges: Edges): NumericProfile => ({
  kind: 'numeric',
  edges,
  counts: new Array<number>(edges.length + 1).fill(0),
  n: 0,
  missing: 0,
  nonFinite: 0,
  unreadable: 0,
  sum: 0,
  sumError: 0,
  m2: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
});

/** @param known the categories that have a name in the baseline; absent for a baseline */
export const emptyCategorical = (known?: ReadonlySet<string>): CategoricalProfile => ({
  kind: 'categorical',
  counts: new Map(),
  ...(known && { known }),
  other: 0,
  missing: 0,
  unreadable: 0,
});

/** A profile of no rows that counts as `like` does: the same features over the same edges. */
export const emptyLike = (like: Profile): Profile => ({
  rows: 0,
  features: new Map(
    [...like.features].map(([name, feature]) => [
      name,
      feature.kind === 'numeric'
        ? emptyNumeric(feature.edges)
        : emptyCategorical(feature.known ?? new Set(feature.counts.keys())),
    ]),
  ),
  ...(like.prediction && { prediction: emptyNumeric(like.prediction.edges) }),
  ...(like.decisions && { decisions: emptyDecisions(like.decisions.classes) }),
});

/** All rows of a feature, those without a value included. */
export const rowsOf = (profile: FeatureProfile): number =>
  validOf(profile) + profile.missing + profile.unreadable + (profile.kind === 'numeric' ? profile.nonFinite : 0);

/** Rows that statistics are made of: finite values, or categories. */
export function validOf(profile: FeatureProfile): number {
  if (profile.kind === 'numeric') return profile.n;
  let rows = profile.other;
  for (const count of profile.counts.values()) rows += count;
  return rows;
}

/** The unit of `sumCarry`: a power of two, so that nothing is rounded in it, and more than there will ever be rows. */
export const CARRY_UNIT = 2 ** 64;

/** Mean of the finite values; NaN where there are none. */
export function meanOf({ n, sum, sumError, sumCarry = 0 }: NumericProfile): number {
  const whole = sum + sumError;
  const mean = Number.isFinite(whole) ? whole / n : sum / n + sumError / n;
  return sumCarry === 0 ? mean : mean + (sumCarry / n) * CARRY_UNIT;
}

/**
 * The mean as a rounded double and what rounding took from it, so that the difference of two means near 1e15 is not lost.
 *
 * @see Dekker (1971), Numer. Math. 18, for the error of a product
 */
export function preciseMeanOf(profile: NumericProfile): readonly [rounded: number, error: number] {
  if (profile.sumCarry !== undefined) return [meanOf(profile), 0];
  const rounded = profile.sum / profile.n;
  const split = (value: number): readonly [number, number] => {
    const high = 134_217_729 * value - (134_217_729 * value - value);
    return [high, value - high];
  };
  const [a, b] = split(rounded);
  const [c, d] = split(profile.n);
  const product = rounded * profile.n;
  const lost = b * d - (product - a * c - b * c - a * d);
  const error = (profile.sum - product - lost + profile.sumError) / profile.n;
  return [rounded, Number.isFinite(error) ? error : 0];
}

/** Population standard deviation of the finite values; NaN where there are none. */
export const deviationOf = ({ n, m2 }: NumericProfile): number => Math.sqrt(m2 / n);

/**
 * One step of a compensated sum.
 *
 * @returns the rounded sum, the error carried so far with this step's added, and what would have overflowed in units of 2⁶⁴
 * @see Neumaier (1974), Z. angew. Math. Mech. 54
 */
export function addCompensated(
  sum: number,
  error: number,
  value: number,
): readonly [sum: number, error: number, carry: number] {
  const next = sum + value;
  if (!Number.isFinite(next)) return [value, error, sum / CARRY_UNIT];
  return [next, error + (Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum), 0];
}

/**
 * The profile of both sets of rows together. Counts are exact in any order; sums and m2 agree to rounding.
 *
 * @throws {RangeError} profiles over different edges cannot be added
 * @see Chan, Golub & LeVeque (1983), Am. Stat. 37, for m2
 */
export function mergeNumeric(a: NumericProfile, b: NumericProfile): NumericProfile {
  expectSameEdges(a, b);
  return { ...mergeMoments(a, b), counts: a.counts.map((count, i) => count + b.counts[i]!) };
}

/** @throws {RangeError} they are not the same */
export function expectSameEdges(a: NumericProfile, b: NumericProfile): void {
  if (a.edges !== b.edges && (a.edges.length !== b.edges.length || a.edges.some((edge, i) => edge !== b.edges[i]))) {
    throw new RangeError(`expected profiles over the same edges, got ${a.edges.length} and ${b.edges.length} edges`);
  }
}

/** Everything of mergeNumeric but the counts of the bins. */
export function mergeMoments(a: NumericProfile, b: NumericProfile): Omit<NumericProfile, 'counts'> {
  const n = a.n + b.n;
  const delta = a.n === 0 || b.n === 0 ? 0 : meanOf(b) - meanOf(a);
  const [sum, sumError, carry] = addCompensated(a.sum, a.sumError + b.sumError, b.sum);
  const sumCarry = carry + (a.sumCarry ?? 0) + (b.sumCarry ?? 0);
  return {
    kind: 'numeric',
    edges: a.edges,
    n,
    missing: a.missing + b.missing,
    nonFinite: a.nonFinite + b.nonFinite,
    unreadable: a.unreadable + b.unreadable,
    sum,
    sumError,
    ...(sumCarry !== 0 && { sumCarry }),
    m2: a.m2 + b.m2 + (n === 0 ? 0 : delta * delta * ((a.n / n) * b.n)),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/**
 * As mergeNumeric. Where both together name more than 1,000 categories, the baseline's stay, then the most frequent (ties by
 * name), and the rest are counted as other; only then does the order of merging matter, and only for which new ones have a name.
 */
export function mergeCategorical(a: CategoricalProfile, b: CategoricalProfile): CategoricalProfile {
  return addCategories(new Map(a.counts), a, b);
}

/** As mergeCategorical. @param counts of a; they are added to, and belong to the result */
export function addCategories(
  counts: Map<string, number>,
  a: CategoricalProfile,
  b: CategoricalProfile,
): CategoricalProfile {
  for (const [category, count] of b.counts) counts.set(category, (counts.get(category) ?? 0) + count);
  const sums = {
    other: a.other + b.other,
    missing: a.missing + b.missing,
    unreadable: a.unreadable + b.unreadable,
  };
  const known = a.known ?? b.known;
  const merged = { kind: 'categorical' as const, ...(known && { known }), ...sums };
  if (counts.size <= MAX_CATEGORIES) return { ...merged, counts };
  const kept = [...counts].filter(([category]) => known?.has(category));
  const ranked = [...counts]
    .filter(([category]) => !known?.has(category))
    .sort(([x, m], [y, n]) => n - m || (x < y ? -1 : 1));
  const named = Math.max(0, MAX_CATEGORIES - kept.length);
  const dropped = ranked.slice(named).reduce((sum, [, count]) => sum + count, 0);
  return { ...merged, counts: new Map([...kept, ...ranked.slice(0, named)]), other: sums.other + dropped };
}

/**
 * @throws {RangeError} the profiles have different features, kinds or edges: they were made with different baselines
 */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  if (a.features.size !== b.features.size) {
    throw new RangeError(`expected the same features, got ${a.features.size} and ${b.features.size}`);
  }
  const features = new Map<string, FeatureProfile>();
  for (const [name, feature] of a.features) features.set(name, mergeFeature(name, feature, b.features.get(name)));
  const prediction =
    a.prediction && b.prediction ? mergeNumeric(a.prediction, b.prediction) : (a.prediction ?? b.prediction);
  const decisions =
    a.decisions && b.decisions ? mergeDecisions(a.decisions, b.decisions) : (a.decisions ?? b.decisions);
  return { rows: a.rows + b.rows, features, ...(prediction && { prediction }), ...(decisions && { decisions }) };
}

function mergeFeature(name: string, a: FeatureProfile, b: FeatureProfile | undefined): FeatureProfile {
  if (a.kind === 'numeric' && b?.kind === 'numeric') return mergeNumeric(a, b);
  if (a.kind === 'categorical' && b?.kind === 'categorical') return mergeCategorical(a, b);
  throw new RangeError(`expected feature ${JSON.stringify(name)} to be ${a.kind} on both sides, got ${b?.kind}`);
}
