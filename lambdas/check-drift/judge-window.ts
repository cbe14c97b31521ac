import { addTallies, type CaptureTally, emptyTally } from '../../domain/capture/capture-layout.ts';
import { type Baseline, emptyProfile } from '../../domain/drift/baseline.ts';
import { judgeProfile, type Pair } from '../../domain/drift/judge-profile.ts';
import type { FeatureMeasures } from '../../domain/drift/measures.ts';
import type { TimeWindow } from '../../domain/drift/persistence.ts';
import { mergeProfiles, type Profile } from '../../domain/drift/profile.ts';
import { profileFromJson } from '../../domain/drift/profile-json.ts';
import type { ModelVerdict } from '../../domain/drift/verdict.ts';
import type { Monitoring } from '../../domain/model-definition.ts';
import { breaksOf, type DataBreak } from '../../domain/monitoring/data-quality.ts';
import type { Picture } from '../../domain/monitoring/drift-report.ts';
import { barsOf } from '../../domain/monitoring/feature-bars.ts';
import { likelyCauses } from '../../domain/monitoring/likely-causes.ts';
import type { MonitoringStore } from '../../domain/monitoring/ports.ts';
import { readBaseline } from '../../domain/monitoring/read-baseline.ts';
import type { ProfileRow } from '../../domain/monitoring/rows.ts';
import type { CountedCalls } from '../../domain/monitoring/same-hours.ts';
import type { ServingCost } from '../../domain/monitoring/worth.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import type { QualityEstimate } from '../../domain/quality/estimate.ts';
import type { VersionRow } from '../../domain/version.ts';

/** What a window was judged on. */
export interface CheckedCounts {
  readonly verdict: ModelVerdict;
  /** Empty where there was no row to measure. */
  readonly measured: readonly FeatureMeasures[];
  /** What was held against what; undefined where there was no row. */
  readonly profiled?: { readonly baseline: Baseline; readonly profile: Profile };
  /** Of what moved. */
  readonly pictures: ReadonlyMap<string, Picture>;
  readonly countsFrom: string;
  /** Captured in the window itself, whatever it was carried. */
  readonly records: number;
  /** Of the window, and of the same hours before; absent where the version does not serve. */
  readonly calls?: CountedCalls;
  readonly cost?: ServingCost;
  readonly rows: number;
  readonly baselineRows: number;
  readonly tally: CaptureTally;
  /** What of training's constraints it breaks; absent where it had too few rows to judge. */
  readonly broken?: readonly DataBreak[];
  /** What the predictions are expected to be worth; absent where that is not estimated. */
  readonly estimate?: QualityEstimate;
  /** Stretches of training that thresholds were learnt from; undefined where they are the policy's alone. */
  readonly calibratedOn?: number;
  /** Share of what was to be captured that was, at most 1; undefined where invocations were not counted. */
  readonly coverage: number | undefined;
}

export interface JudgeWindowDependencies {
  readonly monitoring: MonitoringStore;
  readonly objects: ObjectStore;
}

/**
 * Sums the hours of a window, measures every feature and judges them. A window without a row ends at once.
 *
 * @param invocations of the endpoint in the window; 0 where nobody counted them
 */
export async function judgeWindow(
  { monitoring, objects }: JudgeWindowDependencies,
  version: VersionRow,
  { capture, drift }: Monitoring,
  window: TimeWindow,
  countsFrom: string,
  invocations = 0,
): Promise<CheckedCounts> {
  const hours = await monitoring.listProfiles(version.model, version.version, { start: countsFrom, end: window.end });
  const tally = hours.map((hour) => hour.tally).reduce(addTallies, emptyTally());
  const ofWindow = hours.filter(({ hour }) => hour >= window.start).map((hour) => hour.tally.records);
  const records = ofWindow.reduce((sum, count) => sum + count, 0);
  const coverage = coverageOf(records, invocations, capture.fraction);
  if (tally.rows === 0) {
    const why = invocations > 0 ? `no row captured of ${invocations} invocations` : 'no invocation';
    const verdict = { verdict: 'InsufficientData' as const, why, features: [] };
    return {
      verdict,
      measured: [],
      pictures: new Map(),
      countsFrom,
      records,
      rows: 0,
      baselineRows: 0,
      tally,
      coverage,
    };
  }
  const { baseline, heldOut } = await readBaseline(
    objects,
    version,
    await monitoring.currentBaseline(version.model, version.version),
  );
  const profile = await sumOf(objects, baseline, hours);
  const { verdict, pairs, measured } = judgeProfile(baseline, heldOut, profile, drift, coverage);
  const calibration = drift.thresholds === 'calibrated' ? baseline.calibration : undefined;
  return {
    verdict,
    measured,
    profiled: { baseline, profile },
    pictures: picturesOf(verdict, measured, pairs),
    countsFrom,
    records,
    rows: profile.rows,
    baselineRows: baseline.rows,
    tally,
    coverage,
    ...(verdict.verdict !== 'InsufficientData' && { broken: breaksOf(baseline, profile, tally, drift.exclude) }),
    ...(calibration && { calibratedOn: calibration.chunks }),
  };
}

function picturesOf(
  { features }: ModelVerdict,
  measured: readonly FeatureMeasures[],
  pairs: readonly Pair[],
): Map<string, Picture> {
  const moved = features.filter((one) => !one.excluded && (one.warning || one.verdict === 'Drifted'));
  const names = moved.map(({ name }) => name);
  return new Map(
    pairs.flatMap(({ feature, current }, i) => {
      if (!names.includes(feature.name)) return [];
      const causes = likelyCauses(feature, current, measured[i]!, names);
      return [[feature.name, { bars: barsOf(feature, current), causes }] as const];
    }),
  );
}

async function sumOf(objects: ObjectStore, baseline: Baseline, hours: readonly ProfileRow[]): Promise<Profile> {
  let sum = emptyProfile(baseline);
  for (const { document } of hours) sum = mergeProfiles(sum, profileFromJson(await objects.readText(document)));
  return sum;
}

/** Undefined where nothing was counted: metrics arrive late, and no count is not a count of none. */
const coverageOf = (records: number, invocations: number, fraction: number): number | undefined =>
  invocations === 0 ? undefined : Math.min(1, records / (invocations * fraction));
