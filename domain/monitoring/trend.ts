import type { Verdict } from '../drift/verdict.ts';
import type { QualityRow } from '../quality/rows.ts';
import type { WindowRow } from './rows.ts';

/** One window of a curve. */
export interface TrendPoint {
  /** Start of the window, ISO 8601 UTC. */
  readonly at: string;
  /** Null where nothing could be measured. */
  readonly value: number | null;
  /** Beyond its bar. */
  readonly bad: boolean;
}

/** What a check's page shows of the windows before, this one included, oldest first. */
export interface Trend {
  /** Largest effect of any judged feature, relative to its threshold: 1 is on it. */
  readonly drift: readonly TrendPoint[];
  /** Of each measure of quality, over the windows whose outcomes were evaluated. */
  readonly quality: readonly { readonly metric: string; readonly points: readonly TrendPoint[] }[];
}

/** Windows that a curve has room for. */
const MOST_WINDOWS = 30;
/** Measures that are drawn; the quality page has all. */
const MOST_METRICS = 3;

type Window = Pick<WindowRow, 'start' | 'strongest' | 'moved'> & { readonly verdict: Verdict };

/**
 * Drift and quality of a version over time.
 *
 * @param windows oldest first, the one just checked last
 * @param quality of the same version, oldest first
 */
export function trendOf(windows: readonly Window[], quality: readonly QualityRow[]): Trend {
  const evaluated = quality.filter(({ evaluation }) => evaluation !== undefined).slice(-MOST_WINDOWS);
  const metrics = [...new Set(evaluated.flatMap(({ evaluation }) => Object.keys(evaluation!.metrics)))];
  return {
    drift: windows.slice(-MOST_WINDOWS).map((window) => ({
      at: window.start,
      value: strengthOf(window),
      bad: window.verdict === 'Drifted',
    })),
    quality: metrics.slice(0, MOST_METRICS).map((metric) => ({
      metric,
      points: evaluated.map(({ start, evaluation }) => ({
        at: start,
        value: evaluation!.metrics[metric] ?? null,
        bad: evaluation!.failing.includes(metric),
      })),
    })),
  };
}

/** Rows of before know what moved only. */
function strengthOf({ verdict, strongest, moved }: Window): number | null {
  if (verdict === 'InsufficientData') return null;
  return strongest ?? (moved.length > 0 ? Math.max(...moved.map(({ strength }) => strength)) : null);
}
