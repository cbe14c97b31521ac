import { describe, expect, it } from '@jest/globals';
import { SCORE_EDGES } from '../../../domain/drift/baseline.ts';
import { measureFeature } from '../../../domain/drift/measures.ts';
import { predictionBaseline, profilePredictions } from '../../../domain/drift/prediction.ts';
import { judge, PREDICTION } from '../../../domain/drift/verdict.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';

const random = seededRandom(11);
const scores = (rows: number, power: number) => Float64Array.from({ length: rows }, () => random() ** power);
const POLICY = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [] };

const verdictOf = (heldOut: Float64Array, live: Float64Array) => {
  const baseline = predictionBaseline(profilePredictions(heldOut, SCORE_EDGES).prediction!);
  const measured = measureFeature(baseline, profilePredictions(live, SCORE_EDGES).prediction!);
  return judge([measured], POLICY).features[0]!;
};

describe('predictions against those of the hold-out', () => {
  it('are stable while the model answers as it did', () => {
    expect(verdictOf(scores(2_000, 2), scores(1_000, 2))).toMatchObject({ name: PREDICTION, verdict: 'Stable' });
  });

  it('have drifted when its answers moved', () => {
    expect(verdictOf(scores(2_000, 2), scores(1_000, 1))).toMatchObject({ verdict: 'Drifted' });
  });

  it('are held against bins of about a tenth each', () => {
    const { deciles, profile } = predictionBaseline(profilePredictions(scores(5_000, 2), SCORE_EDGES).prediction!);
    expect(deciles).toHaveLength(9);
    expect(profile.kind).toBe('numeric');
  });

  it('of a model that knows few answers have few bins', () => {
    const few = Float64Array.from({ length: 1_000 }, (_, i) => (i % 2 === 0 ? 0.2 : 0.8));
    expect(predictionBaseline(profilePredictions(few, SCORE_EDGES).prediction!).deciles!.length).toBeLessThan(3);
    expect(verdictOf(few, few)).toMatchObject({ verdict: 'Stable' });
  });
});
