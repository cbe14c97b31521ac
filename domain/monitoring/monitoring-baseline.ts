import type { TimeWindow } from '../drift/persistence.ts';
import type { ObjectRef } from '../model.ts';

/** Fewer rows than this make no baseline: every later window would be judged by their chance. */
export const LEAST_BASELINE_ROWS = 1_000;

/**
 * The `BASELINE` row: what a version's windows are held against, where that is not its training data alone. It is a part of
 * monitoring; the approved baseline is never touched, and comes back with one row more.
 */
export interface MonitoringBaseline {
  readonly model: string;
  readonly version: number;
  /** 1, 2, 3 … within the version. */
  readonly number: number;
  /** `launchway/monitoring-baseline/v1`, pinned; absent: the training data again. */
  readonly document?: ObjectRef & { readonly sha256: string };
  /** Features that are as the window had them; empty for the training data. */
  readonly features: readonly string[];
  readonly window?: TimeWindow;
  readonly rows?: number;
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly reason: string;
  /** What asked for it, delivered once or many times. */
  readonly origin: string;
}

export const MONITORING_BASELINE_SCHEMA = 'launchway/monitoring-baseline/v1';

/** What the document holds: texts as `profile-json` writes them. */
export interface MonitoringBaselineDocument {
  readonly schema: typeof MONITORING_BASELINE_SCHEMA;
  readonly baseline: string;
  /** A profile of predictions, where these are among the features. */
  readonly prediction?: string;
}

/** `origin, destination as 2026-02-03 had them, says ada: winter schedule` */
export const baselineInWords = ({ features, window, by, reason }: MonitoringBaseline): string =>
  window === undefined
    ? `the training data, says ${by}: ${reason}`
    : `${features.join(', ')} as the window of ${window.start.slice(0, 16)} had them, says ${by}: ${reason}`;
