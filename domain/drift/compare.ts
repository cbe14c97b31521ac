import { BaselineBuilder, type BaselineFeature, type DeclaredFeature, profileOver } from './baseline.ts';
import type { Bounds } from './kolmogorov-smirnov.ts';
import { ksExact, ksTail } from './kolmogorov-smirnov.ts';
import { type DistributionMeasures, type FeatureMeasures, measureFeature, type TestResult } from './measures.ts';
import { deviationOf, type FeatureProfile } from './profile.ts';
import { type RowSink, readNumber, type Value } from './profile-builder.ts';
import { type DriftPolicy, type FeatureVerdict, judge, type Verdict } from './verdict.ts';
import { wassersteinExact } from './wasserstein.ts';

/** What each measure is, by the name it has in a comparison; its definition's name comes first. */
export const MEASURE_DEFINITIONS = {
  psi: 'psi_floor1e-4: population stability index, shares floored at 1e-4, natural log; atom deciles or categories',
  jsDistance: 'js_distance_base2: Jensen–Shannon distance; atom deciles or categories',
  ks: 'ks_lower, ks_upper, p_limit_kolmogorov: Kolmogorov–Smirnov D, bounds from 240 atom quantile bins; limiting p-value of the lower bound',
  chiSquare: "chi2: Pearson's homogeneity of the 2 × B table, empty columns dropped, no correction",
  chiSquarePooled:
    'chi2_pooled: the same with expected counts below 5 pooled, smallest first, until they are 5; what the verdict uses',
  cramersV: 'cramers_v: √(χ² / (n + m))',
  cramersVCorrected: "cramers_v_bergsma: Cramér's V of the pooled table with Bergsma's bias correction",
  hellinger: 'hellinger: √(½ Σ (√p − √q)²); atom deciles or categories',
  tvd: 'tvd: ½ Σ |p − q|; atom deciles or categories',
  linf: 'linf: max |p − q|; atom deciles or categories',
  linfRobust: 'linf_robust: max(0, L∞ − 1.8 √((n + m) / nm))',
  wasserstein:
    'w1_lower, w1_upper: first Wasserstein distance in the unit of the feature, bounds from 240 atom quantile bins',
  wassersteinNormalised: 'w1 / std_b: the same in population standard deviations of the baseline',
  missing: 'missing_rate: share of rows without a value; pooled two-proportion z, two-sided',
  newCategoryMass: 'new_category_mass: share of current values in categories that the baseline does not have',
} as const;

/** One feature of a comparison. Measures are null where a side has no values. */
export interface ComparedFeature {
  readonly name: string;
  readonly type: 'numeric' | 'categorical';
  readonly baselineRows: number;
  readonly currentRows: number;
  readonly measures: {
    readonly psi: number | null;
    readonly jsDistance: number | null;
    readonly ks: (Bounds & { readonly pValue: number; readonly exact?: number; readonly exactPValue?: number }) | null;
    readonly chiSquare: TestResult | null;
    readonly chiSquarePooled: TestResult | null;
    readonly cramersV: number | null;
    readonly cramersVCorrected: number | null;
    readonly hellinger: number | null;
    readonly tvd: number | null;
    readonly linf: number | null;
    readonly linfRobust: number | null;
    readonly wasserstein: (Bounds & { readonly exact?: number }) | null;
    /** Null also where the baseline is constant, or its deviation no double. */
    readonly wassersteinNormalised: (Bounds & { readonly exact?: number }) | null;
    readonly missing: {
      readonly baseline: number | null;
      readonly current: number | null;
      readonly pValue: number | null;
    };
    readonly newCategoryMass: number | null;
  };
  /** Edges that the distances were computed over; numeric features only. */
  readonly edges?: readonly number[];
  readonly shifts: FeatureMeasures['shifts'];
  /** Rows with ±Infinity: kept out of every measure. A numeric feature that is treated as categorical has them among the unreadable. */
  readonly nonFinite: BothSides;
  /** Rows of a numeric feature that are no number: among the missing. */
  readonly unreadable: BothSides;
  readonly qValue: number | null;
  readonly verdict: Verdict;
}

interface BothSides {
  readonly baseline: number;
  readonly current: number;
}

export interface Comparison {
  readonly schema: 'launchway/drift-comparison/v1';
  readonly model: { readonly verdict: Verdict; readonly why: string };
  readonly policy: DriftPolicy;
  readonly definitions: typeof MEASURE_DEFINITIONS;
  /** In the order of the features given. */
  readonly features: readonly ComparedFeature[];
}

/** Rows of one side, one value per feature in the order of the features. */
export type Rows = AsyncIterable<readonly (readonly Value[])[]>;

export const DEFAULT_POLICY: DriftPolicy = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [] };

/**
 * Holds any two sets of rows against each other.
 *
 * @param features the columns of both sides, in order
 * @param baseline its numeric values are held in memory, 8 bytes each
 * @param current is read once; held in memory only with `exact`
 * @param options.exact adds D and W₁ of the raw values
 * @throws {RangeError} a row with another number of values than features
 */
export async function compareRows(
  features: readonly DeclaredFeature[],
  baseline: Rows,
  current: Rows,
  options: { readonly exact?: boolean; readonly policy?: DriftPolicy } = {},
): Promise<Comparison> {
  const policy = options.policy ?? DEFAULT_POLICY;
  const raw = options.exact ? { baseline: new RawNumbers(features), current: new RawNumbers(features) } : undefined;
  // Every category has a name here: two files are compared as they are, and memory is this machine's.
  const learnt = new BaselineBuilder(features, Number.POSITIVE_INFINITY);
  await feed(baseline, raw ? [learnt, raw.baseline] : [learnt]);
  const before = learnt.finish();
  const counted = profileOver(before, Number.POSITIVE_INFINITY);
  await feed(current, raw ? [counted, raw.current] : [counted]);
  const measured = before.features.map((feature) =>
    measureFeature(feature, counted.profile.features.get(feature.name)!),
  );
  const verdict = judge(measured, policy);
  const verdicts = new Map(verdict.features.map((feature) => [feature.name, feature]));
  return {
    schema: 'launchway/drift-comparison/v1',
    model: { verdict: verdict.verdict, why: verdict.why },
    policy,
    definitions: MEASURE_DEFINITIONS,
    features: measured.map((feature, i) => {
      const exact = raw && exactOf(raw.baseline.sorted(i), raw.current.sorted(i));
      const { profile } = counted;
      return compared(
        verdicts.get(feature.name)!,
        feature,
        before.features[i]!,
        profile.features.get(feature.name)!,
        exact,
      );
    }),
  };
}

async function feed(rows: Rows, sinks: readonly RowSink[]): Promise<void> {
  for await (const batch of rows) {
    for (const row of batch) for (const sink of sinks) sink.row(row, undefined);
  }
}

interface Exact {
  readonly ks: number;
  readonly ksPValue: number;
  readonly wasserstein: number;
}

function exactOf(baseline: Float64Array, current: Float64Array): Exact | undefined {
  if (baseline.length === 0 || current.length === 0) return undefined;
  const ks = ksExact(baseline, current);
  return {
    ks,
    ksPValue: ksTail(ks, baseline.length, current.length),
    wasserstein: wassersteinExact(baseline, current),
  };
}

function compared(
  { verdict, qValue }: FeatureVerdict,
  feature: FeatureMeasures,
  baseline: BaselineFeature,
  current: FeatureProfile,
  exact: Exact | undefined,
): ComparedFeature {
  const { name, baselineRows, currentRows, distribution, missing, shifts } = feature;
  return {
    name,
    type: feature.type,
    baselineRows,
    currentRows,
    measures: {
      ...(distribution ? measuresOf(distribution, baseline.profile, exact) : NO_MEASURES),
      missing: { baseline: missing.baseline, current: missing.current, pValue: missing.pValue },
    },
    ...(baseline.deciles && { edges: baseline.deciles }),
    shifts,
    nonFinite: bothSides(baseline.profile, current, (side) => (side.kind === 'numeric' ? side.nonFinite : 0)),
    unreadable: bothSides(baseline.profile, current, (side) => side.unreadable),
    qValue,
    verdict,
  };
}

const bothSides = (
  baseline: FeatureProfile,
  current: FeatureProfile,
  of: (side: FeatureProfile) => number,
): BothSides => ({ baseline: of(baseline), current: of(current) });

type Measures = Omit<ComparedFeature['measures'], 'missing'>;

function measuresOf(distribution: DistributionMeasures, baseline: FeatureProfile, exact: Exact | undefined): Measures {
  const { ks, wasserstein, newCategoryMass, bins: _bins, ...others } = distribution;
  const distance = wasserstein ? around(wasserstein, exact?.wasserstein) : null;
  return {
    ...others,
    ks: ks ? { ...ks, ...around(ks, exact?.ks), ...(exact && { exactPValue: exact.ksPValue }) } : null,
    wasserstein: distance,
    wassersteinNormalised: distance && normalised(distance, baseline),
    newCategoryMass: newCategoryMass ?? null,
  };
}

/** What lies between two bounds is between them to the last bit, however each was rounded. */
const around = ({ lower, upper }: Bounds, exact?: number): Bounds & { exact?: number } =>
  exact === undefined ? { lower, upper } : { lower: Math.min(lower, exact), upper: Math.max(upper, exact), exact };

function normalised(distance: Bounds & { exact?: number }, baseline: FeatureProfile): typeof distance | null {
  const deviation = baseline.kind === 'numeric' ? deviationOf(baseline) : Number.NaN;
  if (!(deviation > 0 && Number.isFinite(deviation))) return null;
  const { lower, upper, exact } = distance;
  return {
    ...{ lower: lower / deviation, upper: upper / deviation },
    ...(exact !== undefined && { exact: exact / deviation }),
  };
}

const NO_MEASURES: Measures = {
  psi: null,
  jsDistance: null,
  ks: null,
  chiSquare: null,
  chiSquarePooled: null,
  cramersV: null,
  cramersVCorrected: null,
  hellinger: null,
  tvd: null,
  linf: null,
  linfRobust: null,
  wasserstein: null,
  wassersteinNormalised: null,
  newCategoryMass: null,
};

/** The finite values of the numeric features, for what needs them all. */
class RawNumbers implements RowSink {
  /** Undefined for a categorical feature. */
  readonly #columns: readonly (number[] | undefined)[];

  constructor(features: readonly DeclaredFeature[]) {
    this.#columns = features.map(({ type }) => (type === 'numeric' ? [] : undefined));
  }

  row(features: readonly Value[]): void {
    this.#columns.forEach((values, i) => {
      const number = values && readNumber(features[i]!);
      if (typeof number === 'number' && Number.isFinite(number)) values!.push(number);
    });
  }

  /** @param feature its index */
  sorted(feature: number): Float64Array {
    return Float64Array.from(this.#columns[feature] ?? []).sort();
  }
}
