import type { Random } from './random.ts';
import type { Weights } from './sample.ts';

// Bound once: a global that is looked up at every draw costs more than the draw.
const { floor } = Math;

/** Row visits that a step may spend: 2,000 replicates up to 100,000 rows, fewer above. */
const BUDGET = 2e8;

const replicatesFor = (rows: number): number => Math.max(200, Math.min(2000, Math.floor(BUDGET / Math.max(rows, 1))));

/**
 * Values of a statistic over resamples of the rows (with replacement), ascending. Resamples where it is not defined are left out.
 *
 * A statistic of two models that reads one resample for both is a paired bootstrap: what the rows have in common cancels.
 *
 * @param statistic of the weights of one resample; NaN where it is not defined
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 6 and 13
 */
export function bootstrap(
  rows: number,
  statistic: (weights: Weights) => number,
  random: Random,
  replicates: number = replicatesFor(rows),
): Float64Array {
  const values: number[] = [];
  const weights = new Uint32Array(rows);
  for (let replicate = 0; replicate < replicates; replicate++) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[floor(random() * rows)]! += 1;
    const value = statistic(weights);
    if (Number.isFinite(value)) values.push(value);
  }
  return Float64Array.from(values).sort();
}

/** Standard deviation of the replicates; NaN below two. */
export function standardError(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** Linear between order statistics (type 7). @param values ascending @param q from 0 to 1 */
export function quantile(values: Float64Array, q: number): number {
  const at = q * (values.length - 1);
  const below = Math.floor(at);
  const low = values[below];
  if (low === undefined) return Number.NaN;
  return low + (at - below) * ((values[below + 1] ?? low) - low);
}
