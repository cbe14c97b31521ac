import type { Metric } from './binary-metrics.ts';
import type { Sample, Weights } from './sample.ts';

function mean({ truth, scores }: Sample, weights: Weights, value: (truth: number, score: number) => number): number {
  let sum = 0;
  let all = 0;
  for (let row = 0; row < truth.length; row++) {
    sum += weights[row]! * value(truth[row]!, scores[row]!);
    all += weights[row]!;
  }
  return sum / all;
}

const squared = (sample: Sample, weights: Weights) => mean(sample, weights, (truth, score) => (truth - score) ** 2);

/** Measures of a regression; scores are predictions in the target's unit. `r2` is NaN where every answer is the same. */
export const REGRESSION_METRICS = {
  rmse: (sample, weights) => Math.sqrt(squared(sample, weights)),
  mae: (sample, weights) => mean(sample, weights, (truth, score) => Math.abs(truth - score)),
  /** Pinball loss of the quantile that is predicted; half the absolute error for the median. */
  quantileLoss: (sample, weights, { quantile = 0.5 }) =>
    mean(sample, weights, (truth, score) => Math.max(quantile * (truth - score), (quantile - 1) * (truth - score))),
  r2: (sample, weights) => {
    const centre = mean(sample, weights, (truth) => truth);
    const spread = mean(sample, weights, (truth) => (truth - centre) ** 2);
    return spread === 0 ? Number.NaN : 1 - squared(sample, weights) / spread;
  },
} as const satisfies Readonly<Record<string, Metric>>;
