import { describe, expect, it } from '@jest/globals';
import { SCORE_EDGES } from '../../../domain/drift/baseline.ts';
import { measureFeature } from '../../../domain/drift/measures.ts';
import { predictionBaseline, profilePredictions } from '../../../domain/drift/prediction.ts';
import { judge, PREDICTION, predictionKsThreshold } from '../../../domain/drift/verdict.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';

const random = seededRandom(11);
const scores = (rows: number, power: number) => Float64Array.from({ length: rows }, () => random() ** power);
/** Without chance. @param quantile of the distribution */
const evenly = (rows: number, quantile: (u: number) => number) =>
  Float64Array.from({ length: rows }, (_, i) => quantile((i + 0.5) / rows));
const tilted = (u: number): number => (-0.55 + Math.sqrt(0.55 ** 2 + 4 * 0.45 * u)) / 0.9;
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

  it('move by what a small hold-out may be off by, without having drifted', () => {
    // The density 1 + 0.45 (2x − 1) against the uniform: D = 0.45 / 4, PSI = 0.07. At 2,000 rows the bar is 0.1 + 2.326 · ½/√2000.
    const near = (rows: number) =>
      verdictOf(
        evenly(rows, (u) => u),
        evenly(50_000, tilted),
      );
    expect(near(2_000).measures.find(({ statistic }) => statistic === 'ks-lower')).toMatchObject({
      value: expect.closeTo(0.1125, 3),
      threshold: expect.closeTo(0.126, 4),
    });
    expect(near(2_000)).toMatchObject({ verdict: 'Stable' });
    expect(predictionKsThreshold(0.1, 1_000_000)).toBeCloseTo(0.1012, 4);
    expect(near(1_000_000)).toMatchObject({ verdict: 'Drifted' });
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
