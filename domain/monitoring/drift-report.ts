import type { CaptureTally } from '../capture/capture-layout.ts';
import type { FeatureMeasures } from '../drift/measures.ts';
import type { DriftPolicy, FeatureVerdict, ModelVerdict, Verdict } from '../drift/verdict.ts';
import type { QualityEstimate } from '../quality/estimate.ts';
import type { DataBreak } from './data-quality.ts';
import type { Bar } from './feature-bars.ts';
import type { LikelyCause } from './likely-causes.ts';
import type { WindowRow } from './rows.ts';
import type { ServiceRow } from './service.ts';
import type { ServingCost } from './worth.ts';

export const DRIFT_REPORT_SCHEMA = 'launchway/drift-report/v1';

/** Everything that a check found, as stored; a number in it can be read without its surroundings. */
export interface DriftReport {
  readonly schema: typeof DRIFT_REPORT_SCHEMA;
  readonly model: string;
  readonly version: number;
  readonly window: { readonly start: string; readonly end: string; readonly countsFrom: string };
  readonly policy: DriftPolicy & { readonly persistence: { readonly windows: number; readonly of: number } };
  readonly verdict: Verdict;
  readonly why: string;
  readonly rows: { readonly baseline: number; readonly current: number };
  /** `null`: invocations were not counted, so nobody knows what share was captured. */
  readonly coverage: number | null;
  /** Stretches of training that thresholds were calibrated on; `null`: not asked for, or its rows are in no order of time. */
  readonly calibratedOn?: number | null;
  readonly captures: CaptureTally;
  /** What moved most first. */
  readonly features: readonly ReportedFeature[];
  /** What serving cost by list price; absent where it is not known. */
  readonly cost?: ServingCost;
  /** Errors and latency of the window's calls, and what is usual; absent where the version did not serve, or nothing was counted. */
  readonly service?: ServiceRow;
  /** What of training's constraints it breaks beyond what is let pass; absent where it had too few rows to judge. */
  readonly broken?: readonly DataBreak[];
  /** What the predictions are expected to be worth; absent where that is not estimated. */
  readonly estimate?: QualityEstimate;
  readonly persistence: {
    readonly persistent: readonly string[];
    readonly skewed: readonly string[];
    readonly since: string | null;
  };
}

/** A feature's verdict with every measure behind it. */
export type ReportedFeature = FeatureVerdict &
  Pick<FeatureMeasures, 'distribution' | 'missing' | 'shifts'> &
  Partial<Picture>;

/** What is shown of a feature that moved, and why it may have. */
export interface Picture {
  readonly bars: readonly Bar[];
  readonly causes: readonly LikelyCause[];
}

/** The verdicts, each joined with its feature's measures. */
export function reportedFeatures(
  verdict: ModelVerdict,
  measured: readonly FeatureMeasures[],
  pictures: ReadonlyMap<string, Picture> = new Map(),
): ReportedFeature[] {
  const byName = new Map(measured.map((feature) => [feature.name, feature]));
  return verdict.features.map((feature) => {
    const { distribution, missing, shifts } = byName.get(feature.name)!;
    return { ...feature, distribution, missing, shifts, ...pictures.get(feature.name) };
  });
}

/** Largest effect of a judged feature; undefined where none could be measured. */
export function strongestOf({ verdict, features }: ModelVerdict): number | undefined {
  const judged = features.filter(({ excluded, measures }) => !excluded && measures.length > 0);
  if (verdict === 'InsufficientData' || judged.length === 0) return undefined;
  return Math.max(...judged.map(({ strength }) => strength));
}

const MOST_MOVED = 20;

/** What a window's row keeps of the ranking. */
export const movedOf = (verdict: ModelVerdict): WindowRow['moved'] =>
  verdict.features
    .filter((feature) => !feature.excluded && (feature.warning || feature.verdict === 'Drifted'))
    .slice(0, MOST_MOVED);
