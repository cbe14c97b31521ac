import type { Baseline } from '../drift/baseline.ts';
import { deviationOf, type FeatureProfile, meanOf, type Profile, rowsOf, validOf } from '../drift/profile.ts';
import type { DriftReport } from './drift-report.ts';

/** SageMaker Model Monitor's files, as its pre-built container writes them; who leaves it brings tools that read these. */

type InferredType = 'Fractional' | 'Integral' | 'String' | 'Unknown';

interface Statistics {
  readonly version: 0;
  readonly dataset: { readonly item_count: number };
  readonly features: readonly Readonly<Record<string, unknown>>[];
}

interface Constraints {
  readonly version: 0;
  readonly features: readonly {
    readonly name: string;
    readonly inferred_type: InferredType;
    readonly completeness: number;
    readonly num_constraints?: { readonly is_non_negative: boolean };
    readonly string_constraints?: { readonly domains: readonly string[] };
  }[];
  readonly monitoring_config: Readonly<Record<string, unknown>>;
}

export interface Violation {
  readonly feature_name: string;
  readonly constraint_check_type:
    | 'data_type_check'
    | 'completeness_check'
    | 'baseline_drift_check'
    | 'categorical_values_check';
  readonly description: string;
}

/** `comparison_threshold` as Model Monitor proposes it. */
export const COMPARISON_THRESHOLD = 0.1;

/** Fewer categories than this are a domain; more are free text to Model Monitor. */
const DOMAIN_VALUES = 100;

/** `statistics.json`. Quantile sketches are not among it: profiles have bins instead, which stand as its buckets. */
export const statisticsOf = (profile: Profile): Statistics => ({
  version: 0,
  dataset: { item_count: profile.rows },
  features: [...profile.features].map(([name, feature]) => ({
    name,
    inferred_type: typeOf(feature),
    ...(feature.kind === 'numeric'
      ? { numerical_statistics: numerical(feature) }
      : { string_statistics: categorical(feature) }),
  })),
});

/** `constraints.json`: what training had, to be held against what comes. */
export const constraintsOf = (baseline: Baseline, effect: number): Constraints => ({
  version: 0,
  features: baseline.features.map(({ name, profile }) => {
    const rows = rowsOf(profile);
    return {
      name,
      inferred_type: typeOf(profile),
      completeness: rows === 0 ? 0 : (rows - profile.missing) / rows,
      ...(profile.kind === 'numeric' && { num_constraints: { is_non_negative: profile.n > 0 && profile.min >= 0 } }),
      ...(profile.kind === 'categorical' &&
        profile.counts.size <= DOMAIN_VALUES &&
        profile.other === 0 && { string_constraints: { domains: [...profile.counts.keys()].sort() } }),
    };
  }),
  monitoring_config: {
    evaluate_constraints: 'Enabled',
    emit_metrics: 'Enabled',
    datatype_check_threshold: 1,
    domain_content_threshold: 1,
    distribution_constraints: {
      perform_comparison: 'Enabled',
      comparison_threshold: effect,
      comparison_method: 'Robust',
    },
  },
});

/** `constraint_violations.json`: the check's own verdicts on drift, and each constraint that a window breaks. */
export function violationsOf(
  constraints: Constraints,
  profile: Profile,
  report: DriftReport,
): { readonly violations: readonly Violation[] } {
  const violations: Violation[] = [];
  for (const constraint of constraints.features) {
    const feature = profile.features.get(constraint.name);
    if (feature && rowsOf(feature) > 0) violations.push(...violationsOfFeature(constraint, feature));
  }
  for (const { name, verdict, excluded, measures } of report.features) {
    if (verdict !== 'Drifted' || excluded) continue;
    const measured = measures.map(
      ({ statistic, value, threshold }) => `${statistic} ${short(value)} (threshold ${short(threshold)})`,
    );
    const description = `Baseline drift: ${measured.join(', ')}`;
    violations.push({ feature_name: name, constraint_check_type: 'baseline_drift_check', description });
  }
  return { violations };
}

function violationsOfFeature(constraint: Constraints['features'][number], feature: FeatureProfile): Violation[] {
  const { name: feature_name, completeness, num_constraints, string_constraints } = constraint;
  const rows = rowsOf(feature);
  const found: Violation[] = [];
  const present = (rows - feature.missing) / rows;
  if (present < completeness) {
    const description = `Value: ${short(present)} does not meet the constraint requirement of at least ${short(completeness)}`;
    found.push({ feature_name, constraint_check_type: 'completeness_check', description });
  }
  const unreadable = feature.unreadable + (feature.kind === 'numeric' ? feature.nonFinite : 0);
  if (unreadable > 0) {
    const description = `Data type match requirement is not met: ${unreadable} of ${rows} values are no ${constraint.inferred_type} values`;
    found.push({ feature_name, constraint_check_type: 'data_type_check', description });
  }
  if (num_constraints?.is_non_negative && feature.kind === 'numeric' && feature.n > 0 && feature.min < 0) {
    const description = `Numeric constraint is_non_negative is not met: the least value is ${short(feature.min)}`;
    found.push({ feature_name, constraint_check_type: 'data_type_check', description });
  }
  if (string_constraints && feature.kind === 'categorical') {
    const domain = new Set(string_constraints.domains);
    let unknown = feature.other;
    for (const [category, count] of feature.counts) if (!domain.has(category)) unknown += count;
    const share = unknown / Math.max(1, validOf(feature));
    const description = `Value: ${short(1 - share)} of values are in the domain, expected 1`;
    if (unknown > 0) found.push({ feature_name, constraint_check_type: 'categorical_values_check', description });
  }
  return found;
}

const typeOf = (feature: FeatureProfile): InferredType =>
  validOf(feature) === 0 ? 'Unknown' : feature.kind === 'numeric' ? 'Fractional' : 'String';

const common = (feature: FeatureProfile) => ({
  num_present: rowsOf(feature) - feature.missing,
  num_missing: feature.missing,
});

function numerical(feature: Extract<FeatureProfile, { kind: 'numeric' }>) {
  const { edges, counts, n, sum, min, max } = feature;
  if (n === 0) return { common: common(feature) };
  const buckets = counts
    .map((count, i) => ({ lower_bound: edges[i - 1] ?? min, upper_bound: edges[i] ?? max, count }))
    .filter(({ count }) => count > 0);
  return {
    common: common(feature),
    ...{ mean: meanOf(feature), sum, std_dev: deviationOf(feature), min, max },
    distribution: { kll: { buckets } },
  };
}

function categorical(feature: Extract<FeatureProfile, { kind: 'categorical' }>) {
  const buckets = [...feature.counts].sort(([, a], [, b]) => b - a).map(([value, count]) => ({ value, count }));
  return {
    common: common(feature),
    distinct_count: feature.counts.size,
    distribution: { categorical: { buckets: buckets.slice(0, DOMAIN_VALUES) } },
  };
}

const short = (value: number): number => Number(value.toPrecision(6));
