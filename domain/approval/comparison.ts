import type { Evaluation } from '../evaluation/evaluate.ts';
import type { Intervals } from '../evaluation/intervals.ts';
import { lowerIsBetter } from '../evaluation/metric-names.ts';

/** Candidate against champion on the same rows, as far as it was measured. */
export interface Comparison {
  readonly championVersion?: number;
  /** The metric that decides first. */
  readonly metrics: readonly ComparedMetric[];
  /** Slices of the hold-out that are below the whole, worst first, at most ten. */
  readonly slices: readonly SliceMeasure[];
  readonly changedDecisions?: Evaluation['changedDecisions'];
  /** Why nothing could be compared, in a sentence. */
  readonly notComparable?: string;
}

/** A value; `low` to `high` holds 95 % of what chance makes of it, where that was estimated. */
export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface SliceMeasure {
  /** `carrier = AA` */
  readonly slice: string;
  readonly rows: number;
  readonly metric: string;
  readonly value: number;
}

export interface ComparedMetric {
  readonly metric: string;
  readonly candidate: Estimate;
  readonly champion?: Estimate;
  /** candidate − champion, on the same rows. */
  readonly difference?: Estimate;
}

export type Verdict = 'better' | 'worse' | 'the same';

/** What a difference says: one that chance alone could make is none. */
export function verdictOn({ metric, difference }: ComparedMetric): Verdict | undefined {
  if (!difference) return undefined;
  const { value, low = value, high = value } = difference;
  if (low <= 0 && high >= 0) return 'the same';
  return value > 0 === lowerIsBetter(metric) ? 'worse' : 'better';
}

const NORMAL_95 = 1.96;

/** What the evaluation says, for people: the metric with a known error first, then those with a gate, then the others. */
export function comparisonOf(evaluation: Evaluation): Comparison {
  const { champion, candidate, changedDecisions, notComparable, gates } = evaluation;
  const measured = champion?.candidateMetrics ?? candidate.metrics;
  const order = [
    ...Object.keys(candidate.standardErrors),
    ...gates.map(({ metric }) => metric),
    ...Object.keys(measured),
  ];
  const names = [...new Set(order)].filter((metric) => Object.hasOwn(measured, metric));
  return {
    ...(champion && { championVersion: champion.version }),
    metrics: names.map((metric) => compared(metric, evaluation, measured[metric]!)),
    slices: worstSlices(evaluation, names[0]),
    ...(changedDecisions && { changedDecisions }),
    ...(notComparable !== undefined && { notComparable }),
  };
}

const MOST_SLICES = 10;

function worstSlices({ slices, candidate }: Evaluation, metric: string | undefined): SliceMeasure[] {
  if (metric === undefined) return [];
  const whole = candidate.metrics[metric] ?? 0;
  const sign = lowerIsBetter(metric) ? -1 : 1;
  return slices
    .flatMap(({ attribute, value, rows, metrics }) => {
      const measured = metrics[metric];
      if (measured === undefined || !Number.isFinite(measured) || sign * (measured - whole) >= 0) return [];
      return [{ slice: `${attribute} = ${value}`, rows, metric, value: measured }];
    })
    .sort((a, b) => sign * (a.value - b.value))
    .slice(0, MOST_SLICES);
}

function compared(metric: string, { champion, candidate }: Evaluation, value: number): ComparedMetric {
  const noise = NORMAL_95 * (candidate.standardErrors[metric] ?? Number.NaN);
  // Measured on the rows that neither was trained on, the candidate's value has another interval than on its whole hold-out.
  const own = value === candidate.metrics[metric] ? candidate.intervals : undefined;
  const other = champion?.metrics[metric];
  if (other === undefined) return { metric, candidate: estimate(value, own, metric, noise) };
  return {
    metric,
    candidate: estimate(value, own, metric, noise),
    champion: estimate(other, champion?.intervals, metric),
    difference: estimate(value - other, champion?.differences, metric, noise),
  };
}

/** @param noise used where no interval was estimated, as in evaluations of before */
function estimate(
  value: number,
  intervals: Intervals | undefined,
  metric: string,
  noise: number = Number.NaN,
): Estimate {
  const interval = intervals && Object.hasOwn(intervals, metric) ? intervals[metric] : undefined;
  if (interval) return { value, low: interval.low, high: interval.high };
  return Number.isFinite(noise) ? { value, low: value - noise, high: value + noise } : { value };
}
