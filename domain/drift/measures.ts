import type { BaselineFeature } from './baseline.ts';
import { chiSquareHomogeneity, cramersV, cramersVCorrected, poolSmall, scattered } from './chi-square.ts';
import type { Counts } from './distances.ts';
import * as distances from './distances.ts';
import { ksBounds, ksTail } from './kolmogorov-smirnov.ts';
import { type MissingRate, missingRate } from './missing-rate.ts';
import type { CategoricalProfile, FeatureProfile, NumericProfile } from './profile.ts';
import { preciseMeanOf, rowsOf, validOf } from './profile.ts';
import { coarsen } from './quantile.ts';
import { wassersteinBounds } from './wasserstein.ts';

export interface TestResult {
  readonly statistic: number;
  readonly df: number;
  readonly pValue: number;
}

/** Every measure of one feature. Distances are over the atom deciles (numeric) or the categories. */
export interface DistributionMeasures {
  /** Nats, shares floored at 1e-4. */
  readonly psi: number;
  /** Base 2, 0 … 1. */
  readonly jsDistance: number;
  /** Numeric features: bounds of D over the profile's edges; the limiting p-value of the lower bound. */
  readonly ks?: { readonly lower: number; readonly upper: number; readonly pValue: number };
  /** Pearson's homogeneity over all bins that hold a row. */
  readonly chiSquare: TestResult;
  /** The same after pooling expected counts below 5: what the verdict uses. */
  readonly chiSquarePooled: TestResult;
  readonly cramersV: number;
  /** Bergsma's correction, of the pooled table. */
  readonly cramersVCorrected: number;
  readonly hellinger: number;
  readonly tvd: number;
  readonly linf: number;
  readonly linfRobust: number;
  /** Numeric features: bounds in the feature's own unit. */
  readonly wasserstein?: { readonly lower: number; readonly upper: number };
  /**
   * Categorical features: share of current rows in categories that the baseline does not have; absent where the baseline has
   * categories without a name, so that nobody can tell.
   */
  readonly newCategoryMass?: number;
  /** Bins or categories that hold a row on either side. */
  readonly bins: number;
}

/** A share of all that moved between baseline and current: which categories, or which range, gained and lost. */
export interface Shift {
  /** Category, or `[from, to)` of a decile. */
  readonly of: string;
  readonly baseline: number;
  readonly current: number;
}

export interface FeatureMeasures {
  readonly name: string;
  /** As it is treated, which for a numeric feature of few values is categorical. */
  readonly type: 'numeric' | 'categorical';
  /** Rows, those without a value included. */
  readonly baselineRows: number;
  readonly currentRows: number;
  /** Rows with a value. */
  readonly baselineValid: number;
  readonly currentValid: number;
  /** Null where a side has no values: there is no distribution to compare. */
  readonly distribution: DistributionMeasures | null;
  readonly missing: MissingRate;
  /** Largest changes of share first. */
  readonly shifts: readonly Shift[];
}

/** How many gains, and how many losses, a report names per feature. */
const SHIFTS = 10;

/**
 * Every measure of a feature's current profile against its baseline.
 *
 * @throws {RangeError} the profiles were not made over the same bins
 */
export function measureFeature(baseline: BaselineFeature, current: FeatureProfile): FeatureMeasures {
  const before = baseline.profile;
  const facts = {
    name: baseline.name,
    type: before.kind,
    baselineRows: rowsOf(before),
    currentRows: rowsOf(current),
    baselineValid: validOf(before),
    currentValid: validOf(current),
    missing: missingRate(
      { missing: before.missing + before.unreadable, rows: rowsOf(before) },
      { missing: current.missing + current.unreadable, rows: rowsOf(current) },
    ),
  };
  if (facts.baselineValid === 0 || facts.currentValid === 0) return { ...facts, distribution: null, shifts: [] };
  if (before.kind === 'numeric' && current.kind === 'numeric') {
    return { ...facts, ...measureNumbers(before, current, baseline.deciles ?? []) };
  }
  if (before.kind === 'categorical' && current.kind === 'categorical') {
    return { ...facts, ...measureCategories(before, current) };
  }
  throw new RangeError(`expected feature ${JSON.stringify(baseline.name)} to be ${before.kind}, got ${current.kind}`);
}

type Measured = Pick<FeatureMeasures, 'distribution' | 'shifts'>;

function measureNumbers(before: NumericProfile, current: NumericProfile, deciles: readonly number[]): Measured {
  const b = coarsen(before.edges, before.counts, deciles);
  const c = coarsen(current.edges, current.counts, deciles);
  const ks = ksBounds(before.edges, before.counts, current.counts);
  const extents = [before, current].map((side) => ({ mean: preciseMeanOf(side), min: side.min, max: side.max }));
  const ranges = b.map((_, i) => `[${deciles[i - 1] ?? '−∞'}, ${deciles[i] ?? '∞'})`);
  return {
    distribution: {
      ...measureCounts(b, c),
      ks: { ...ks, pValue: ksTail(ks.lower, before.n, current.n) },
      wasserstein: wassersteinBounds(before.edges, before.counts, current.counts, [extents[0]!, extents[1]!]),
    },
    shifts: largestShifts(ranges, b, c),
  };
}

function measureCategories(before: CategoricalProfile, current: CategoricalProfile): Measured {
  // Where the baseline did not name all of its categories, one that it does not name may be old: it is among the others on both sides.
  const isComplete = before.other === 0;
  const names = scattered([...new Set([...before.counts.keys(), ...(isComplete ? current.counts.keys() : [])])]);
  const hasOthers = !isComplete || current.other > 0;
  const countsOf = (side: CategoricalProfile): number[] => {
    const named = names.map((category) => side.counts.get(category) ?? 0);
    return hasOthers ? [...named, validOf(side) - distances.total(named)] : named;
  };
  const b = countsOf(before);
  const c = countsOf(current);
  let unseen = current.other;
  for (const [category, count] of current.counts) if (!before.counts.has(category)) unseen += count;
  return {
    distribution: { ...measureCounts(b, c), ...(isComplete && { newCategoryMass: unseen / distances.total(c) }) },
    shifts: largestShifts([...names, 'all other categories'], b, c),
  };
}

function measureCounts(b: Counts, c: Counts): DistributionMeasures {
  const chiSquare = chiSquareHomogeneity(b, c);
  const pooledCounts = poolSmall(b, c);
  const pooled = chiSquareHomogeneity(pooledCounts.baseline, pooledCounts.current);
  return {
    psi: distances.populationStabilityIndex(b, c),
    jsDistance: distances.jensenShannonDistance(b, c),
    chiSquare: testOf(chiSquare),
    chiSquarePooled: testOf(pooled),
    cramersV: cramersV(chiSquare),
    cramersVCorrected: cramersVCorrected(pooled),
    hellinger: distances.hellingerDistance(b, c),
    tvd: distances.totalVariationDistance(b, c),
    linf: distances.lInfinity(b, c),
    linfRobust: distances.lInfinityRobust(b, c),
    bins: chiSquare.df + 1,
  };
}

const testOf = ({ statistic, df, pValue }: TestResult): TestResult => ({ statistic, df, pValue });

function largestShifts(names: readonly string[], b: Counts, c: Counts): Shift[] {
  const n = distances.total(b);
  const m = distances.total(c);
  const change = ({ baseline, current }: Shift): number => current - baseline;
  const moved = b
    .map((count, i) => ({ of: names[i]!, baseline: count / n, current: c[i]! / m }))
    .filter((shift) => change(shift) !== 0)
    .sort((x, y) => change(x) - change(y));
  const gains = moved.filter((shift) => change(shift) > 0).slice(-SHIFTS);
  const losses = moved.filter((shift) => change(shift) < 0).slice(0, SHIFTS);
  return [...losses, ...gains].sort((x, y) => Math.abs(change(y)) - Math.abs(change(x)));
}
