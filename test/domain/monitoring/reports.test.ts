import { describe, expect, it } from '@jest/globals';
import { emptyTally } from '../../../domain/capture/capture-layout.ts';
import { BaselineBuilder, type DeclaredFeature, profileOver } from '../../../domain/drift/baseline.ts';
import { judgeProfile } from '../../../domain/drift/judge-profile.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { DRIFT_REPORT_SCHEMA, type DriftReport, reportedFeatures } from '../../../domain/monitoring/drift-report.ts';
import { driftReportHtml } from '../../../domain/monitoring/drift-report-html.ts';
import { barsOf } from '../../../domain/monitoring/feature-bars.ts';
import { likelyCauses } from '../../../domain/monitoring/likely-causes.ts';
import { constraintsOf, statisticsOf, violationsOf } from '../../../domain/monitoring/model-monitor-format.ts';

const random = seededRandom(9);
const POLICY = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [], persistence: { windows: 2, of: 3 } };

function checked(features: readonly DeclaredFeature[], before: () => (string | number | null)[], now: typeof before) {
  const builder = new BaselineBuilder(features);
  for (let i = 0; i < 2_000; i++) builder.row(before());
  const baseline = builder.finish();
  const current = profileOver(baseline);
  for (let i = 0; i < 1_000; i++) current.row(now(), undefined);
  const { profile } = current;
  const { verdict, measured, pairs } = judgeProfile(baseline, undefined, profile, POLICY, undefined);
  const pictures = new Map(
    pairs.map(({ feature, current: values }, i) => [
      feature.name,
      { bars: barsOf(feature, values), causes: likelyCauses(feature, values, measured[i]!, []) },
    ]),
  );
  const report: DriftReport = {
    ...{ schema: DRIFT_REPORT_SCHEMA, model: 'flights', version: 7, policy: POLICY, coverage: null },
    window: { start: '2026-02-01T00:00:00Z', end: '2026-02-02T00:00:00Z', countsFrom: '2026-02-01T00:00:00Z' },
    ...{
      verdict: verdict.verdict,
      why: verdict.why,
      rows: { baseline: 2_000, current: 1_000 },
      captures: emptyTally(),
    },
    features: reportedFeatures(verdict, measured, pictures),
    persistence: { persistent: [], skewed: [], since: null },
  };
  return { baseline, profile, report };
}

const room = checked(
  [
    { name: 'amount', type: 'numeric' },
    { name: 'code', type: 'categorical' },
  ],
  () => [random() * 100, 'abc'[Math.floor(random() * 3)]!],
  () => [random() * 100 - 20, random() < 0.1 ? null : random() < 0.2 ? '<script>' : 'a'],
);

describe("Model Monitor's files", () => {
  it('hold the statistics of a window', () => {
    const { dataset, features } = statisticsOf(room.profile);
    expect(dataset.item_count).toBe(1_000);
    expect(features[0]).toMatchObject({
      name: 'amount',
      inferred_type: 'Fractional',
      numerical_statistics: { common: { num_present: 1_000, num_missing: 0 }, mean: expect.closeTo(30, 0) },
    });
    expect(features[1]).toMatchObject({ inferred_type: 'String', string_statistics: { distinct_count: 2 } });
  });

  it('hold what training had, and what a window breaks of it', () => {
    const constraints = constraintsOf(room.baseline, 0.1);
    expect(constraints.features).toEqual([
      { name: 'amount', inferred_type: 'Fractional', completeness: 1, num_constraints: { is_non_negative: true } },
      { name: 'code', inferred_type: 'String', completeness: 1, string_constraints: { domains: ['a', 'b', 'c'] } },
    ]);
    const { violations } = violationsOf(constraints, room.profile, room.report);
    expect(violations.map((one) => [one.feature_name, one.constraint_check_type])).toEqual([
      ['amount', 'data_type_check'],
      ['code', 'completeness_check'],
      ['code', 'categorical_values_check'],
      ['amount', 'baseline_drift_check'],
      ['code', 'baseline_drift_check'],
    ]);
  });
});

describe('the page of a check', () => {
  it('shows what moved, shows it as text, and loads nothing', () => {
    const page = driftReportHtml(room.report);
    expect(page).toContain('<svg role="img" aria-label="amount: share of rows in training and now"');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script|<img|src=|https?:/);
  });

  it('stays below 300 kB with five hundred features that all moved', () => {
    const features = Array.from({ length: 500 }, (_, i) => ({ name: `feature-${i}`, type: 'numeric' as const }));
    const { report } = checked(
      features,
      () => features.map(() => random()),
      () => features.map(() => random() + 1),
    );
    expect(Buffer.byteLength(driftReportHtml(report))).toBeLessThan(300_000);
  });
});
