import type { BaselineFeature } from './baseline.ts';
import { MEASURE_BINS } from './baseline.ts';
import { emptyNumeric, type NumericProfile, type Profile } from './profile.ts';
import { addNumber } from './profile-builder.ts';
import type { Edges } from './quantile.ts';
import { PREDICTION } from './verdict.ts';

/**
 * Profile of the hold-out's predictions, as live ones are profiled; the training rows' own would flatter the model.
 *
 * @param edges the baseline's for predictions
 */
export function profilePredictions(scores: ArrayLike<number>, edges: Edges): Profile {
  const prediction = emptyNumeric(edges);
  for (let i = 0; i < scores.length; i++) addNumber(prediction, scores[i]!);
  return { rows: scores.length, features: new Map(), prediction };
}

/** The predictions' baseline, to be measured as a numeric feature is. */
export const predictionBaseline = (profile: NumericProfile): BaselineFeature => ({
  name: PREDICTION,
  type: 'numeric',
  profile,
  deciles: decilesOf(profile),
});

/** The edges of a profile that come nearest to deciles: the first above each tenth of the values. Distinct, ascending. */
function decilesOf({ edges, counts, n }: NumericProfile): Edges {
  const deciles: number[] = [];
  let below = 0;
  let tenths = 0;
  for (let i = 0; i < edges.length && n > 0; i++) {
    below += counts[i]!;
    const passed = Math.floor((below * MEASURE_BINS) / n);
    if (passed > tenths && below < n) deciles.push(edges[i]!);
    tenths = passed;
  }
  return deciles;
}
