import type { Weights } from './sample.ts';

const { floor, max, min } = Math;

const BINS = 10;

/** Upper edges of all bins but the last, as numpy.linspace(0, 1, 11) has them. */
const EDGES = Array.from({ length: BINS - 1 }, (_, i) => (i + 1) * 0.1);

/** One of ten equal bins of scores. */
export interface CalibrationBin {
  readonly rows: number;
  /** Sum of the answers, 1 or 0, and of the scores. */
  readonly positives: number;
  readonly scores: number;
}

/**
 * Sums what is predicted and what is, per bin; a score on an edge belongs to the bin below it.
 *
 * @param outcomes 1 or 0
 * @param scores from 0 to 1
 * @see scikit-learn's calibration_curve(strategy='uniform')
 */
export function calibrationBins(
  outcomes: Float64Array,
  scores: Float64Array,
  weights: Weights,
): readonly CalibrationBin[] {
  const bins = Array.from({ length: BINS }, () => ({ rows: 0, positives: 0, scores: 0 }));
  for (let row = 0; row < outcomes.length; row++) {
    const bin = bins[binOf(scores[row]!)]!;
    const weight = weights[row]!;
    bin.rows += weight;
    bin.positives += weight * outcomes[row]!;
    bin.scores += weight * scores[row]!;
  }
  return bins;
}

/** Σ |share of positives − mean score| over the bins, weighted by rows. */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return bins.reduce((sum, bin) => sum + Math.abs(bin.positives - bin.scores), 0) / rows;
}

/** The number of edges below a score. */
function binOf(score: number): number {
  let bin = min(BINS - 1, max(0, floor(score * BINS)));
  while (bin > 0 && EDGES[bin - 1]! >= score) bin -= 1;
  while (bin < BINS - 1 && EDGES[bin]! < score) bin += 1;
  return bin;
}
