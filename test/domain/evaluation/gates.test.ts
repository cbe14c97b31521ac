import { describe, expect, it } from '@jest/globals';
import { bootstrap, quantile, standardError } from '../../../domain/evaluation/bootstrap.ts';
import { changedDecisions } from '../../../domain/evaluation/changed-decisions.ts';
import { rowsUnseenByBoth } from '../../../domain/evaluation/compare.ts';
import { type ChampionEvidence, type Evidence, judgeGate } from '../../../domain/evaluation/gates.ts';
import { gatesPass } from '../../../domain/evaluation/gates-pass.ts';
import { differencesOf, intervalsOf } from '../../../domain/evaluation/intervals.ts';
import { METRICS } from '../../../domain/evaluation/metric-names.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { resolutionOf, whatResolves } from '../../../domain/evaluation/resolution.ts';
import { multiclassSampleOf, type Sample, sampleOf } from '../../../domain/evaluation/sample.ts';

const problem = { type: 'binary-classification' as const, target: 'y', positiveClass: '1', decisionThreshold: 0.5 };
const ROWS = 400;

/** Scores that tell `signal` of the truth. */
function scored(signal: number, seed = 1): Sample {
  const random = seededRandom(7);
  const noise = seededRandom(seed);
  const truth = Float64Array.from({ length: ROWS }, () => Number(random() < 0.3));
  return sampleOf(
    truth,
    truth.map((y) => signal * y * 0.5 + noise() * 0.5),
  );
}

const evidence = (candidate: Sample, champion: ChampionEvidence = { kind: 'none' }): Evidence => ({
  problem,
  candidate,
  champion,
  attributes: new Map([['carrier', Array.from({ length: ROWS }, (_, i) => (i < 280 ? 'big' : `small${i % 2}`))]]),
  seed: 42,
});

const against = (candidate: Sample, champion: Sample): Evidence =>
  evidence(candidate, { kind: 'comparable', version: 7, candidate, champion });

describe('a gate with a bar', () => {
  it('passes at the bar and fails below, with the numbers in words', () => {
    const good = judgeGate({ metric: 'auc', atLeast: 0.6 }, evidence(scored(0.6)));
    expect(good).toMatchObject({ verdict: 'Passed', measured: expect.any(Number), needed: 'at least 0.6' });
    const poor = judgeGate({ metric: 'auc', atLeast: 0.99 }, evidence(scored(0.6)));
    expect(poor).toMatchObject({ verdict: 'Failed', why: expect.stringContaining('at least 0.99 is needed') });
    expect(gatesPass([good, poor])).toBe(false);
  });
  it('reads measures that are better when lower the right way', () => {
    expect(judgeGate({ metric: 'brier', atMost: 0.9 }, evidence(scored(0.6))).verdict).toBe('Passed');
    expect(judgeGate({ metric: 'brier', atMost: 0.01 }, evidence(scored(0.6))).verdict).toBe('Failed');
  });
  it('is not passed where the measure is undefined, and says why by name', () => {
    const logits = sampleOf(Float64Array.from([0, 1, 1]), Float64Array.from([-3, 2, 4]));
    const gate = judgeGate({ metric: 'logLoss', atMost: 1 }, { ...evidence(logits), attributes: new Map() });
    expect(gate).toMatchObject({
      verdict: 'Undefined',
      reason: 'NotProbabilities',
      measured: null,
      why: 'logLoss is undefined: it needs scores from 0 to 1, and these are not.',
    });
    expect(gatesPass([gate])).toBe(false);
  });
});

describe('a gate against the champion', () => {
  const notWorse = { metric: 'auc', versusChampion: 'notWorse' as const, margin: 0.02, confidence: 0.95 };
  const better = { metric: 'auc', versusChampion: 'better' as const, confidence: 0.95 };

  it('passes a first version, and says that it has no champion', () => {
    expect(judgeGate(notWorse, evidence(scored(0.6)))).toMatchObject({
      verdict: 'Passed',
      measured: null,
      why: expect.stringContaining('first version'),
    });
  });
  it('passes an equal candidate, which is not better', () => {
    expect(judgeGate(notWorse, against(scored(0.6), scored(0.6))).verdict).toBe('Passed');
    expect(judgeGate(better, against(scored(0.6), scored(0.6))).verdict).toBe('Failed');
  });
  it('passes a clearly better one and fails a clearly worse one', () => {
    expect(judgeGate(better, against(scored(0.9, 2), scored(0.3, 3))).verdict).toBe('Passed');
    expect(judgeGate(notWorse, against(scored(0.3, 2), scored(0.9, 3)))).toMatchObject({
      verdict: 'Failed',
      why: expect.stringMatching(/worse than version 7's .*standard error/),
    });
  });
  it('tells what is surely worse from what the hold-out cannot resolve, and says what would', () => {
    expect(judgeGate(notWorse, against(scored(0.3, 2), scored(0.9, 3))).reason).toBe('SurelyWorse');
    const fine = judgeGate({ ...notWorse, margin: 0.001 }, against(scored(0.6, 2), scored(0.6, 3)));
    expect(fine).toMatchObject({ verdict: 'Failed', reason: 'MarginNotResolved' });
    expect(fine.why).toMatch(/cannot resolve a margin of 0\.001: of equal candidates \d+(\.\d)? % would pass/);
    const [, margin] = /a margin of (0\.\d+), or [\d,]+ rows of hold-out\.$/.exec(fine.why)!;
    const wide = judgeGate({ ...notWorse, margin: Number(margin) }, against(scored(0.6, 2), scored(0.6, 3)));
    expect(wide.reason).not.toBe('MarginNotResolved');
  });
  it('says NotComparable where it is, which stops nothing by itself', () => {
    const result = judgeGate(
      notWorse,
      evidence(scored(0.6), { kind: 'notComparable', version: 7, reason: 'OtherFeatures', why: 'other features' }),
    );
    expect(result).toMatchObject({ verdict: 'NotComparable', reason: 'OtherFeatures', why: 'other features' });
    expect(gatesPass([result])).toBe(true);
  });
  it('is the same every time', () => {
    const judge = () => judgeGate(notWorse, against(scored(0.5, 2), scored(0.5, 3)));
    expect(judge()).toEqual(judge());
  });
});

describe('a slice gate', () => {
  const gate = { metric: 'auc', slice: 'carrier', minRows: 50, confidence: 0.95 };
  it('fails only where a slice is surely below the bar', () => {
    expect(judgeGate({ ...gate, atLeast: 0.999 }, evidence(scored(0.3))).verdict).toBe('Failed');
    const point = judgeGate({ ...gate, atLeast: 0.5 }, evidence(scored(0.5)));
    expect(judgeGate({ ...gate, atLeast: point.measured! + 0.005 }, evidence(scored(0.5))).verdict).toBe('Passed');
    expect(point.why).toContain('of 3 slices');
  });
  it('is NotComparable where no slice has rows enough, and says how large the largest is', () => {
    expect(judgeGate({ ...gate, atLeast: 0.5, minRows: 5000 }, evidence(scored(0.5)))).toMatchObject({
      verdict: 'NotComparable',
      reason: 'SliceTooSmall',
      why: 'None of 3 slices of carrier has 5000 rows of the hold-out; the largest has 280.',
    });
  });
  it('says how many slices were too small to be judged', () => {
    expect(judgeGate({ ...gate, atLeast: 0.1, minRows: 200 }, evidence(scored(0.5))).why).toMatch(
      /0 of 1 slices of carrier are surely beyond .* 2 more slices are too small to be judged\.$/,
    );
  });
});

describe('the bootstrap', () => {
  it('finds the standard error of a mean', () => {
    const values = Float64Array.from({ length: 400 }, (_, i) => i % 2);
    const mean = (weights: Uint32Array) => weights.reduce((sum, w, i) => sum + w * values[i]!, 0) / 400;
    const replicates = bootstrap(400, mean, seededRandom(3), 2000);
    expect(standardError(replicates)).toBeCloseTo(0.5 / 20, 2);
    expect(quantile(replicates, 0.5)).toBeCloseTo(0.5, 2);
  });
  it('draws uniform numbers from any seed', () => {
    for (const seed of [0, 1, 2 ** 31]) {
      const random = seededRandom(seed);
      const numbers = Array.from({ length: 10_000 }, random);
      expect(numbers.reduce((a, b) => a + b) / 10_000).toBeCloseTo(0.5, 1);
      expect(Math.max(...numbers)).toBeLessThan(1);
    }
  });
});

describe('what a hold-out can resolve', () => {
  // statistics.md: SE(difference) of .006 to .012 makes an equal candidate pass a margin of .005 in 11 to 21 % of runs.
  it.each([
    [0.012, 0.109],
    [0.006, 0.209],
  ])('with a standard error of %f lets %f of equal candidates pass a margin of .005', (error, share) => {
    expect(resolutionOf(error, 1388, 0.005, 0.95).passing).toBeCloseTo(share, 2);
  });
  it('lets half of them pass the margin that it names, on the rows that it names', () => {
    const { marginNeeded, rowsNeeded } = resolutionOf(0.01, 1000, 0.005, 0.95);
    expect(resolutionOf(0.01, 1000, marginNeeded, 0.95).passing).toBeCloseTo(0.5, 10);
    expect(resolutionOf(0.01 * Math.sqrt(1000 / rowsNeeded), rowsNeeded, 0.005, 0.95).passing).toBeCloseTo(0.5, 3);
    expect(resolutionOf(0.01, 1000, 0, 0.95).rowsNeeded).toBe(Number.POSITIVE_INFINITY);
  });
  it('rounds what would resolve up, never down', () => {
    expect(whatResolves({ passing: 0.1, marginNeeded: 0.01641, rowsNeeded: 4321 })).toBe(
      'a margin of 0.017, or 4,400 rows of hold-out',
    );
  });
});

describe('what changes for people', () => {
  const samples = () => [scored(0.6, 2), scored(0.6, 3)] as const;
  it('is counted in all and by segment, most changed first', () => {
    const [candidate, champion] = samples();
    const { attributes } = evidence(candidate);
    const changed = changedDecisions(candidate, champion, problem, attributes);
    expect(changed.changed).toBe(changed.toPositive + changed.toNegative);
    expect(changed.segments!.map(({ rows }) => rows).sort()).toEqual([280, 60, 60]);
    expect(changed.segments!.reduce((sum, segment) => sum + segment.changed, 0)).toBe(changed.changed);
    const shares = changed.segments!.map((segment) => segment.changed / segment.rows);
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  });
  it('is told as right and wrong where there are many classes, with the moves', () => {
    const of = (...best: number[]) =>
      multiclassSampleOf(
        Float64Array.from([0, 1, 2, 2]),
        [0, 1, 2].map((k) => Float64Array.from(best, (class_) => Number(class_ === k))),
      );
    const many = { ...problem, type: 'multiclass-classification' as const, classes: ['a', 'b', 'c'] };
    expect(changedDecisions(of(0, 1, 2, 1), of(0, 2, 1, 2), many, new Map())).toEqual({
      ...{ rows: 4, changed: 3, toPositive: 2, toNegative: 1, segments: [] },
      moves: [
        { from: 2, to: 1, rows: 2 },
        { from: 1, to: 2, rows: 1 },
      ],
    });
  });
});

describe('intervals', () => {
  it('hold the value, and are about as wide as theory says', () => {
    const of = scored(0.4);
    const found = intervalsOf(of, problem, 3);
    expect(Object.keys(found).sort()).toEqual([...METRICS['binary-classification']].sort());
    const { value, low, high, standardError: error } = found.accuracy!;
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    // Binomial: √(p(1 − p)/n).
    expect(error).toBeCloseTo(Math.sqrt((value * (1 - value)) / ROWS), 2);
    expect(intervalsOf(of, problem, 3)).toEqual(found);
  });
  it('are narrower for the difference of two models that err alike than for each', () => {
    const candidate = scored(0.6, 2);
    const champion = sampleOf(
      candidate.truth,
      candidate.scores.map((score, i) => score + (i % 7) / 1000),
    );
    const difference = differencesOf(candidate, champion, problem, 3).auc!;
    expect(difference.standardError).toBeLessThan(intervalsOf(candidate, problem, 3).auc!.standardError / 2);
  });
});

describe('rows that neither model was trained on', () => {
  const half = (text: string) => (text.endsWith('a') ? 0.1 : 0.6);
  const hash = (fraction: number) => ({ kind: 'id-hash' as const, fraction });
  it('are those below both fractions of the id hash', () => {
    expect(rowsUnseenByBoth('m', ['1a', '2b'], hash(0.7), hash(0.2), half)).toEqual({ rows: [0] });
  });
  it('are all, in time, unless the hold-out begins before the champion’s', () => {
    const time = (from: string) => ({ kind: 'time' as const, fraction: 0.2, from });
    expect(rowsUnseenByBoth('m', ['1', '2'], time('2001-02-01'), time('2001-01-25'), half)).toEqual({ rows: [0, 1] });
    expect(rowsUnseenByBoth('m', ['1'], time('2001-01-01'), time('2001-01-25'), half)).toHaveProperty('why');
  });
  it('are all rows of a test file that the champion was held out on too, and none of another', () => {
    const file = (sha256: string) => ({ kind: 'file' as const, fraction: 0.2, sha256 });
    expect(rowsUnseenByBoth('m', ['1', '2'], file('a'), file('a'), half)).toEqual({ rows: [0, 1] });
    expect(rowsUnseenByBoth('m', ['1', '2'], file('a'), file('b'), half)).toHaveProperty('why');
  });
  it('cannot be known across different splits, or without a record', () => {
    expect(rowsUnseenByBoth('m', ['1'], hash(0.2), { kind: 'time', fraction: 0.2 }, half)).toHaveProperty('why');
    expect(rowsUnseenByBoth('m', ['1'], hash(0.2), undefined, half)).toHaveProperty('why');
  });
});
