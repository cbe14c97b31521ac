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
import type { WindowRow } from '../../../domain/monitoring/rows.ts';
import { trendOf } from '../../../domain/monitoring/trend.ts';
import type { QualityRow } from '../../../domain/quality/rows.ts';

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

/** Windows of consecutive days. */
const dayOf = (i: number): string => new Date(Date.UTC(2026, 1, 1 + i)).toISOString();
const window = (i: number, verdict: string, strongest?: number, strengths: number[] = []) =>
  ({ start: dayOf(i), verdict, strongest, moved: strengths.map((strength) => ({ strength })) }) as unknown as WindowRow;
const evaluated = (i: number, auc: number, failing: string[] = []) =>
  ({
    start: dayOf(i),
    evaluation: { metrics: { auc, f1: 0.5, logLoss: 0.4, brier: 0.2 }, failing },
  }) as unknown as QualityRow;

describe('the trend of a version', () => {
  it('is the largest effect per window, of rows of before what moved, and nothing where nothing was judged', () => {
    const windows = [window(0, 'Stable', 0.2), window(1, 'InsufficientData'), window(2, 'Drifted', undefined, [3, 5])];
    expect(trendOf([...windows, window(3, 'Stable')], []).drift).toEqual([
      { at: dayOf(0), value: 0.2, bad: false },
      { at: dayOf(1), value: null, bad: false },
      { at: dayOf(2), value: 5, bad: true },
      { at: dayOf(3), value: null, bad: false },
    ]);
  });

  it('is the first measures of the windows whose outcomes are known', () => {
    const unknown = { start: dayOf(1) } as QualityRow;
    const { quality } = trendOf([], [evaluated(0, 0.75), unknown, evaluated(2, 0.61, ['auc'])]);
    expect(quality.map(({ metric }) => metric)).toEqual(['auc', 'f1', 'logLoss']);
    expect(quality[0]!.points).toEqual([
      { at: dayOf(0), value: 0.75, bad: false },
      { at: dayOf(2), value: 0.61, bad: true },
    ]);
  });

  it('looks back on thirty windows', () => {
    const many = Array.from({ length: 50 }, (_, i) => window(i, 'Stable', 0.1));
    expect(trendOf(many, []).drift.map(({ at }) => at)).toEqual(Array.from({ length: 30 }, (_, i) => dayOf(20 + i)));
  });

  it('is drawn to scale, with a gap where nothing was measured, beside a bar at 1', () => {
    const windows = [0, 2, null, 1, 0.5].map((value, i) =>
      value === null ? window(i, 'InsufficientData') : window(i, value > 1 ? 'Drifted' : 'Stable', value),
    );
    const page = driftReportHtml(room.report, trendOf(windows, []));
    const svg = /<svg role="img" aria-label="largest effect by window".*?<\/svg>/s.exec(page)![0];
    // 0 stands on the axis at 122, the highest value a twentieth below the top at 10; 56 … 788 are five windows.
    const y = (value: number) => (10 + ((2.1 - value) / 2.1) * 112).toFixed(1);
    expect([...svg.matchAll(/points="([^"]+)"/g)].map(([, points]) => points)).toEqual([
      `56.0,${y(0)} 239.0,${y(2)}`,
      `605.0,${y(1)} 788.0,${y(0.5)}`,
    ]);
    expect(svg).toContain(`class="bar" x1="56" x2="788" y1="${y(1)}" y2="${y(1)}"`);
    expect([svg.match(/class="bad"/g), svg.match(/class="ok"/g), svg.match(/class="none"/g)]).toEqual([
      ['class="bad"'],
      Array(3).fill('class="ok"'),
      ['class="none"'],
    ]);
  });

  it('is not drawn of one window', () => {
    expect(driftReportHtml(room.report, trendOf([window(0, 'Stable', 0.1)], [evaluated(0, 0.7)]))).not.toContain(
      'Over time',
    );
  });
});

describe('the page of a check', () => {
  it('shows what is broken, and how calls were answered beside what is usual', () => {
    const page = driftReportHtml({
      ...room.report,
      broken: [{ feature: 'origin', rule: 'missing', training: 0.01, window: 0.25, evidence: 'no <value>' }],
      service: {
        ...{ calls: 1_200, errors4xx: 12, errors5xx: 60, p50Ms: 8.123, p99Ms: 61 },
        ...{ usual: { 'errors-5xx': 0.001, 'latency-p50': 8 }, worse: ['errors-5xx'], persistent: [] },
      },
    });
    expect(page).toContain(
      '<td>origin</td><td>missing</td><td class="n">1.0 %</td><td class="n">25.0 %</td><td>no &lt;value&gt;</td>',
    );
    expect(page).toContain('<td>Failed calls (5XX)</td><td class="n">5.00 %</td><td class="n">0.10 %</td>');
    expect(page).toContain('<td class="n">61 ms</td><td class="n">not known yet</td>');
    expect(page).toContain('Clearly worse than usual: errors-5xx.');
    expect(driftReportHtml({ ...room.report, broken: [] })).toContain('Nothing that training had is broken');
  });

  it('shows what is expected of a multiclass model: measures with intervals, classes whose share moves most first', () => {
    const estimate = {
      ...{ rows: 1_000, holdOutRows: 800, undecided: 12 },
      metrics: { accuracy: { value: 0.5, standardError: 0.02, onHoldOut: 0.7 } },
      expectedClasses: [
        { name: 'late', window: 0.3, holdOut: 0.29 },
        { name: '<on time>', window: 0.7, holdOut: 0.71 },
        { name: 'cancelled', window: 0.2, holdOut: 0.1 },
      ],
    };
    const page = driftReportHtml({ ...room.report, estimate })
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(page).toContain('accuracy 0.5000 0.4608 0.5392 0.7000');
    expect(page).toContain('12 answers without a probability of every class are left out.');
    expect(page).toContain('cancelled 20.0 % 10.0 %');
    expect(page.indexOf('cancelled')).toBeLessThan(page.indexOf('late 30.0 %'));
    expect(page).toContain('&lt;on time&gt;');
  });

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
    const days = Array.from({ length: 30 }, (_, i) => i);
    const trend = trendOf(
      days.map((i) => window(i, 'Drifted', 3)),
      days.map((i) => evaluated(i, 0.7)),
    );
    expect(Buffer.byteLength(driftReportHtml(report, trend))).toBeLessThan(300_000);
  });
});
