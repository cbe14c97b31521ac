import type { CaptureTally } from '../capture/capture-layout.ts';
import type { Profile } from '../drift/profile.ts';
import type { FeatureVerdict } from '../drift/verdict.ts';
import type { WindowRow } from './rows.ts';

/** CloudWatch's. */
export const METRIC_NAMESPACE = 'Launchway';

/** The metrics of a deployment, with CloudWatch's unit of each; shares are percentages. */
export const METRIC_UNITS = {
  /** Windows that were checked, and those of them that held too little to judge. */
  WindowsChecked: 'Count',
  WindowsNotJudged: 'Count',
  Rows: 'Count',
  /** Lines or rows of captures that could not be read. */
  UnreadRows: 'Count',
  /** Of what was to be captured; not written where invocations were not counted. */
  CaptureCoverage: 'Percent',
  DriftedFeatures: 'Count',
  /** Of the features that are judged; not written for a window that was not judged. */
  DriftedShare: 'Percent',
  /** Of all values of the window's rows. */
  MissingShare: 'Percent',
  /** Uploaded outcomes that named a prediction. */
  LabelsMatched: 'Count',
  /** Windows whose outcomes were evaluated. */
  WindowsEvaluated: 'Count',
  /** Of the newest evaluated window's predictions. */
  LabelledShare: 'Percent',
  /** Gates that the newest evaluated window misses. */
  GatesMissed: 'Count',
  ModelsServed: 'Count',
  /** Models that serve, and whose monitoring does not see. */
  ModelsNotWatched: 'Count',
  /** Uploads of the last three days that became nothing, not even a refusal. */
  UploadsNotAdmitted: 'Count',
  /** Endpoints, configurations and models that nobody uses. */
  HostingUnused: 'Count',
} as const;

export type MetricName = keyof typeof METRIC_UNITS;

/** Some metrics of one moment, of a model or of the whole deployment. */
export interface MetricSet {
  readonly model?: string;
  /** Said beside them, and no dimension: a version more would be a metric more. */
  readonly version?: number;
  readonly at: Date;
  readonly values: Readonly<Partial<Record<MetricName, number>>>;
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

/** @param profile undefined where the window held no row */
export function windowMetrics(
  { verdict, drifted, rows, coverage }: Pick<WindowRow, 'verdict' | 'drifted' | 'rows' | 'coverage'>,
  features: readonly FeatureVerdict[],
  tally: CaptureTally,
  profile: Profile | undefined,
): MetricSet['values'] {
  const judged = verdict !== 'InsufficientData';
  const watched = features.filter(({ excluded }) => !excluded).length;
  return {
    WindowsChecked: 1,
    WindowsNotJudged: judged ? 0 : 1,
    Rows: rows,
    UnreadRows: Object.values(tally.unread).reduce((sum, one) => sum + one, 0),
    DriftedFeatures: drifted.length,
    ...(coverage !== undefined && { CaptureCoverage: 100 * coverage }),
    ...(judged && { DriftedShare: percent(drifted.length, watched) }),
    ...(profile && { MissingShare: missingShare(profile) }),
  };
}

function missingShare({ rows, features }: Profile): number {
  const missing = [...features.values()].reduce((sum, feature) => sum + feature.missing, 0);
  return percent(missing, rows * features.size);
}
