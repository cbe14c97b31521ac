import { describe, expect, it } from '@jest/globals';
import { CONFIDENCE_BINS, type Decisions, decisionOf, emptyDecisions } from '../../../domain/drift/decisions.ts';
import { measureAll } from '../../../domain/evaluation/measure.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { multiclassSampleOf } from '../../../domain/evaluation/sample.ts';
import {
  countDecisionOutcomes,
  type DecisionOutcomes,
  estimateClasses,
} from '../../../domain/quality/estimate-classes.ts';

const NAMES = ['a', 'b', 'c'];
const { floor } = Math;

/** Outcomes of 548 decisions and 452 of a window, made by rule. */
function byRule(): { holdOut: DecisionOutcomes; window: Decisions } {
  const [rows, hits, counts] = [0, 1, 2].map(() => new Array<number>(3 * CONFIDENCE_BINS).fill(0));
  for (let k = 0; k < 3; k++) {
    for (let b = 34; b < CONFIDENCE_BINS; b += 3 + k) {
      const place = k * CONFIDENCE_BINS + b;
      rows![place] = (b * 7 + k * 13) % 23;
      hits![place] = floor((rows![place]! * (b - 10 - 9 * k)) / 100);
      counts![place] = ((b * 5 + k * 29) % 17) * (b < 70 ? 1 : (k + 1) % 3);
    }
  }
  const sumOf = (of: readonly number[], k: number) =>
    of.slice(k * CONFIDENCE_BINS, (k + 1) * CONFIDENCE_BINS).reduce((a, b) => a + b, 0);
  const confusion = new Array<number>(9).fill(0);
  for (let k = 0; k < 3; k++) {
    const wrong = sumOf(rows!, k) - sumOf(hits!, k);
    const next = floor((wrong * (2 + k)) / 7);
    confusion[k * 3 + k] = sumOf(hits!, k);
    confusion[k * 3 + ((k + 1) % 3)] = next;
    confusion[k * 3 + ((k + 2) % 3)] = wrong - next;
  }
  return {
    holdOut: { classes: 3, rows: rows!, hits: hits!, confusion },
    window: { classes: 3, counts: counts!, undecided: 4 },
  };
}

/**
 * A softmax model that is too sure of itself by `lie`, and whose third class is rare.
 *
 * @param mix weights of the classes
 * @param lead how easy cases are to tell
 */
function drawn(rows: number, mix: readonly number[], lead: number, seed: number, lie = 1.6) {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const whole = mix.reduce((a, b) => a + b, 0);
  const truth = new Float64Array(rows);
  const probabilities = mix.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    // What the model sees, then what it is of: outcomes are drawn given the scores, whatever cases there are.
    const leans = drawnOf(mix, random() * whole);
    const logits = mix.map((_, k) => (k === leans ? lead : 0) + normal());
    const softmax = (scale: number) => {
      const e = logits.map((logit) => Math.exp(logit * scale));
      const all = e.reduce((a, b) => a + b, 0);
      return e.map((one) => one / all);
    };
    softmax(lie).forEach((p, k) => {
      probabilities[k]![row] = p;
    });
    truth[row] = drawnOf(softmax(1), random());
  }
  return multiclassSampleOf(truth, probabilities);
}

/** Which of the weights the point `at` of their sum falls to. */
function drawnOf(weights: readonly number[], at: number): number {
  let left = at;
  for (let k = 0; k < weights.length - 1; k++) {
    left -= weights[k]!;
    if (left < 0) return k;
  }
  return weights.length - 1;
}

function decisionsOf({ classes: samples = [], truth }: ReturnType<typeof drawn>): Decisions {
  const { counts } = emptyDecisions(3);
  for (let row = 0; row < truth.length; row++)
    (counts as number[])[decisionOf(3, (k) => samples[k]!.scores[row]!)]! += 1;
  return { classes: 3, counts, undecided: 0 };
}

const measured = (sample: ReturnType<typeof drawn>) =>
  measureAll(sample, { type: 'multiclass-classification', target: 'y', classes: NAMES, decisionThreshold: 0.5 });

describe('quality of a multiclass model without outcomes', () => {
  it('is what numpy and scikit-learn make of the same counts', () => {
    const { holdOut, window } = byRule();
    const estimate = estimateClasses(holdOut, window, NAMES, seededRandom(1))!;
    expect(estimate).toMatchObject({ rows: 452, holdOutRows: 548, undecided: 4 });
    // scikit-learn 1.2.1: IsotonicRegression per class on rows + 5 of the pooled curve, metrics with sample_weight of the
    // expected confusion.
    const expected = {
      accuracy: [0.4184640160219267, 0.47323818992948485],
      balancedAccuracy: [0.39804727142683255, 0.46417290107049974],
      mcc: [0.11123124075987506, 0.19554171685080854],
      precisionMacro: [0.36776726398263787, 0.4538337422068725],
      recallMacro: [0.39804727142683255, 0.46417290107049974],
      f1Macro: [0.3767544323895146, 0.4536231624753497],
      precisionWeighted: [0.3866180313088421, 0.46578455481279685],
      recallWeighted: [0.4184640160219267, 0.47323818992948485],
      f1Weighted: [0.39698912899804545, 0.4648398983522987],
    };
    expect(Object.keys(estimate.metrics).sort()).toEqual(Object.keys(expected).sort());
    for (const [metric, [here, there]] of Object.entries(expected)) {
      const { value, onHoldOut, standardError } = estimate.metrics[metric as keyof typeof expected]!;
      expect(value).toBeCloseTo(here!, 12);
      expect(onHoldOut).toBeCloseTo(there!, 12);
      expect(standardError).toBeGreaterThan(0.01);
      expect(standardError).toBeLessThan(0.1);
    }
    const shares = estimate.expectedClasses!.map(({ name, window: here, holdOut: there }) => [name, here, there]);
    expect(shares).toEqual([
      ['a', expect.closeTo(0.4064143, 7), expect.closeTo(0.42837156, 7)],
      ['b', expect.closeTo(0.31900431, 7), expect.closeTo(0.26743259, 7)],
      ['c', expect.closeTo(0.27458139, 7), expect.closeTo(0.30419586, 7)],
    ]);
  });

  it('is what was measured on the hold-out, on the hold-out’s own decisions', () => {
    const holdOut = drawn(20_000, [5, 4, 1], 2, 7);
    const { metrics } = estimateClasses(countDecisionOutcomes(holdOut)!, decisionsOf(holdOut), NAMES, seededRandom(1))!;
    const real = measured(holdOut);
    for (const [metric, { value, onHoldOut }] of Object.entries(metrics)) {
      expect(value).toBeCloseTo(onHoldOut, 12);
      expect(Math.abs(value - real[metric]!)).toBeLessThan(0.003);
    }
  });

  it('follows cases that move and become harder: what is measured later lies within what it says of its own error', () => {
    const errors: Record<string, number[]> = {};
    let lower = 0;
    for (let seed = 1; seed <= 25; seed++) {
      const holdOut = countDecisionOutcomes(drawn(3_000, [5, 4, 1], 2, seed))!;
      const window = drawn(1_500, [2, 4, 4], 1, 9_000 + seed);
      const { metrics } = estimateClasses(holdOut, decisionsOf(window), NAMES, seededRandom(seed))!;
      const real = measured(window);
      for (const metric of ['accuracy', 'f1Macro', 'recallMacro', 'precisionMacro', 'mcc'] as const) {
        const { value, standardError } = metrics[metric]!;
        errors[metric] = [...(errors[metric] ?? []), (real[metric]! - value) / standardError];
      }
      if (metrics.accuracy!.value < metrics.accuracy!.onHoldOut) lower += 1;
    }
    const all = Object.values(errors).flat();
    const within = (limit: number) => all.filter((error) => Math.abs(error) < limit).length / all.length;
    expect(within(1.96)).toBeGreaterThan(0.88);
    expect(within(4)).toBe(1);
    expect(lower).toBe(25);
  });

  it('does not trust the three rows that the hold-out decided for a class', () => {
    const { holdOut } = byRule();
    const place = 2 * CONFIDENCE_BINS + 90;
    const rare = (of: readonly number[]) =>
      of.map((count, i) => (i < 2 * CONFIDENCE_BINS ? count : i === place ? 3 : 0));
    const confusion = [...holdOut.confusion.slice(0, 6), 0, 0, 3];
    const outcomes = { classes: 3, rows: rare(holdOut.rows), hits: rare(holdOut.hits), confusion };
    const counts = emptyDecisions(3).counts.map((_, i) => (i === place ? 1_000 : 0));
    const { value, standardError } = estimateClasses(
      outcomes,
      { classes: 3, counts, undecided: 0 },
      NAMES,
      seededRandom(1),
    )!.metrics.accuracy!;
    expect(value).toBeLessThan(0.95);
    expect(standardError).toBeGreaterThan(0.02);
  });

  it('says nothing where there is nothing to say', () => {
    const { holdOut, window } = byRule();
    expect(estimateClasses(holdOut, emptyDecisions(3), NAMES, Math.random)).toBeUndefined();
    const oneClass = { ...holdOut, confusion: [548, 0, 0, 0, 0, 0, 0, 0, 0] };
    expect(estimateClasses(oneClass, window, NAMES, Math.random)).toBeUndefined();
    expect(() => estimateClasses(holdOut, emptyDecisions(4), NAMES, Math.random)).toThrow(
      'expected decisions of 3 classes, got 4',
    );
    const logits = multiclassSampleOf(Float64Array.of(0, 1, 2), [
      Float64Array.of(3, 0, 0),
      Float64Array.of(0, 3, 0),
      Float64Array.of(0, 0, 3),
    ]);
    expect(countDecisionOutcomes(logits)).toBeUndefined();
  });
});
