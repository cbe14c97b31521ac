import { describe, expect, it } from '@jest/globals';
import { SCORE_EDGES } from '../../../domain/drift/baseline.ts';
import { countBins } from '../../../domain/drift/quantile.ts';
import { measureAll } from '../../../domain/evaluation/measure.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { sampleOf } from '../../../domain/evaluation/sample.ts';
import { calibrated, countOutcomes, estimateQuality } from '../../../domain/quality/estimate.ts';

const THRESHOLD = 0.3;

/** Scores that lie: a score of s comes true s² of the time. @param power above 1 leaves fewer high scores */
function drawn(rows: number, power: number, seed: number) {
  const random = seededRandom(seed);
  const scores = Float64Array.from({ length: rows }, () => random() ** power);
  return { scores, truth: scores.map((score) => (random() < score * score ? 1 : 0)) };
}

function estimated(holdOut: ReturnType<typeof drawn>, scores: Float64Array, seed = 1) {
  const outcomes = countOutcomes(holdOut.scores, holdOut.truth, SCORE_EDGES);
  return estimateQuality(outcomes, countBins(SCORE_EDGES, scores), THRESHOLD, seededRandom(seed))!;
}

const measured = ({ scores, truth }: ReturnType<typeof drawn>) =>
  measureAll(sampleOf(truth, scores), {
    type: 'binary-classification',
    target: 'y',
    positiveClass: '1',
    decisionThreshold: THRESHOLD,
  });

describe('quality without outcomes', () => {
  it('pools neighbours that fall, and fills bins that the hold-out left empty', () => {
    const chance = calibrated({ rows: [0, 2, 2, 0, 4, 0], positives: [0, 1, 0, 0, 3, 0] });
    expect(chance).toEqual([0.25, 0.25, 0.25, 0.5, 0.75, 0.75]);
    expect(calibrated({ rows: [1, 1, 1], positives: [1, 0, 0] })).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  it('is what was measured on the hold-out, on the hold-out’s own scores', () => {
    const holdOut = drawn(20_000, 1, 1);
    const { metrics, expectedPositives } = estimated(holdOut, holdOut.scores);
    const real = measured(holdOut);
    for (const [metric, estimate] of Object.entries(metrics)) {
      expect(estimate!.value).toBeCloseTo(estimate!.onHoldOut, 12);
      expect(Math.abs(estimate!.value - real[metric]!)).toBeLessThan(0.01);
    }
    expect(expectedPositives!.window).toBeCloseTo(expectedPositives!.holdOut, 12);
  });

  it('follows inputs that move: what is measured later lies within what it says of its own error', () => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const window = drawn(2_000, 1.8, 100 + seed);
      const { metrics } = estimated(drawn(5_000, 1, seed), window.scores, seed);
      const real = measured(window);
      for (const metric of ['auc', 'accuracy', 'precision', 'recall', 'f1'] as const) {
        const { value, standardError, onHoldOut } = metrics[metric]!;
        errors.push((real[metric]! - value) / standardError);
        if (metric === 'precision') expect(value).toBeLessThan(onHoldOut);
      }
    }
    const within = (limit: number) => errors.filter((error) => Math.abs(error) < limit).length / errors.length;
    expect(within(1.96)).toBeGreaterThan(0.88);
    expect(within(4)).toBe(1);
  });

  it('says nothing where there is nothing to say', () => {
    const outcomes = countOutcomes([0.1, 0.9], [0, 1], SCORE_EDGES);
    const none = new Array<number>(SCORE_EDGES.length + 1).fill(0);
    expect(estimateQuality(outcomes, none, 0.5, Math.random)).toBeUndefined();
    const oneClass = countOutcomes([0.1, 0.9], [0, 0], SCORE_EDGES);
    expect(estimateQuality(oneClass, outcomes.rows, 0.5, Math.random)).toBeUndefined();
    expect(() => estimateQuality(outcomes, [1, 2], 0.5, Math.random)).toThrow('expected 240 bins, got 2');
    // Nothing is decided positive: its precision is undefined, and left out.
    const low = countBins(SCORE_EDGES, [0.05, 0.1]);
    expect(estimateQuality(outcomes, low, 0.99, seededRandom(1))!.metrics.precision).toBeUndefined();
  });
});
