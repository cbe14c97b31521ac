import type { Metric } from './binary-metrics.ts';
import type { Sample, Weights } from './sample.ts';
import { weightedMean } from './weighted-mean.ts';

/** Equal answers have a mean that rounding may move off them, so a spread of 0 would not show them. */
function isConstant(truth: Float64Array, weights: Weights): boolean {
  let first: number | undefined;
  for (let row = 0; row < truth.length; row++) {
    if (weights[row] === 0) continue;
    first ??= truth[row]!;
    if (truth[row] !== first) return false;
  }
  return true;
}

const squared = ({ truth, scores }: Sample, weights: Weights) =>
  weightedMean(weights, (row) => (truth[row]! - scores[row]!) ** 2);

/** Measures of a regression; scores are predictions in the target's unit. `r2` is NaN where every answer is the same. */
export const REGRESSION_METRICS = {
  rmse: (sample, weights) => Math.sqrt(squared(sample, weights)),
  mae: ({ truth, scores }, weights) => weightedMean(weights, (row) => Math.abs(truth[row]! - scores[row]!)),
  /** Pinball loss of the quantile that is predicted; half the absolute error for the median. */
  quantileLoss: ({ truth, scores }, weights, { quantile = 0.5 }) =>
    weightedMean(weights, (row) => {
      const error = truth[row]! - scores[row]!;
      return Math.max(quantile * error, (quantile - 1) * error);
    }),
  r2: (sample, weights) => {
    const { truth } = sample;
    const centre = weightedMean(weights, (row) => truth[row]!);
    const spread = weightedMean(weights, (row) => (truth[row]! - centre) ** 2);
    return isConstant(truth, weights) ? Number.NaN : 1 - squared(sample, weights) / spread;
  },
} as const satisfies Readonly<Record<string, Metric>>;
