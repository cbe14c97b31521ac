import type { Weights } from './sample.ts';

const { abs } = Math;

/**
 * Σ wᵢ xᵢ / Σ wᵢ with a compensated sum: a plain one loses what R² of large, close answers consists of.
 *
 * @param term row's x; not asked of rows that count nothing
 * @returns NaN where nothing counts
 * @see Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen
 */
export function weightedMean(weights: Weights, term: (row: number) => number): number {
  let sum = 0;
  let lost = 0;
  let all = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row]!;
    if (weight === 0) continue;
    const added = weight * term(row);
    const next = sum + added;
    lost += abs(sum) >= abs(added) ? sum - next + added : added - next + sum;
    sum = next;
    all += weight;
  }
  // An infinite sum has lost NaN.
  return (Number.isFinite(sum) ? sum + lost : sum) / all;
}
