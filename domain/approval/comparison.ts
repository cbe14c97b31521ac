import type { Evaluation } from '../evaluation/evaluate.ts';
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

export interface SliceMeasure {
  /** `carrier = AA` */
  readonly slice: string;
  readonly rows: number;
  readonly metric: string;
  readonly value: number;
}

export interface ComparedMetric {
  readonly metric: string;
  readonly candidate: number;
  /** What chance alone moves the candidate's value by, at 95 %, where it was estimated. */
  readonly noise?: number;
  readonly champion?: number;
  /** candidate − champion; `noise` is what chance alone moves the candidate's value by, at 95 %. */
  readonly difference?: { readonly estimate: number; readonly noise?: number };
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
  const other = champion?.metrics[metric];
  const error = candidate.standardErrors[metric];
  const noise = error === undefined ? {} : { noise: NORMAL_95 * error };
  if (other === undefined) return { metric, candidate: value, ...noise };
  return { metric, candidate: value, champion: other, difference: { estimate: value - other, ...noise }, ...noise };
}
