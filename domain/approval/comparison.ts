import type { Evaluation } from '../evaluation/evaluate.ts';

/** Candidate against champion on the same rows, as far as it was measured. */
export interface Comparison {
  readonly championVersion?: number;
  /** The metric that decides first. */
  readonly metrics: readonly ComparedMetric[];
  readonly changedDecisions?: Evaluation['changedDecisions'];
  /** Why nothing could be compared, in a sentence. */
  readonly notComparable?: string;
}

export interface ComparedMetric {
  readonly metric: string;
  readonly candidate: number;
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
    ...(changedDecisions && { changedDecisions }),
    ...(notComparable !== undefined && { notComparable }),
  };
}

function compared(metric: string, { champion, candidate }: Evaluation, value: number): ComparedMetric {
  const other = champion?.metrics[metric];
  if (other === undefined) return { metric, candidate: value };
  const error = candidate.standardErrors[metric];
  const difference = { estimate: value - other, ...(error !== undefined && { noise: NORMAL_95 * error }) };
  return { metric, candidate: value, champion: other, difference };
}
