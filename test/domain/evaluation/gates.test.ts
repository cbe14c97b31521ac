import { describe, expect, it } from '@jest/globals';
import { bootstrap, quantile, standardError } from '../../../domain/evaluation/bootstrap.ts';
import { rowsUnseenByBoth } from '../../../domain/evaluation/compare.ts';
import { type ChampionEvidence, type Evidence, gatesPass, judgeGate } from '../../../domain/evaluation/gates.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { type Sample, sampleOf } from '../../../domain/evaluation/sample.ts';

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
  it('fails where the measure is not defined, and says why', () => {
    const logits = sampleOf(Float64Array.from([0, 1, 1]), Float64Array.from([-3, 2, 4]));
    expect(judgeGate({ metric: 'logLoss', atMost: 1 }, { ...evidence(logits), attributes: new Map() })).toMatchObject({
      verdict: 'Failed',
      measured: null,
    });
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
  it('says NotComparable where it is, which stops nothing by itself', () => {
    const result = judgeGate(
      notWorse,
      evidence(scored(0.6), { kind: 'notComparable', version: 7, why: 'other features' }),
    );
    expect(result).toMatchObject({ verdict: 'NotComparable', why: 'other features' });
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
  it('is NotComparable where no slice has rows enough', () => {
    expect(judgeGate({ ...gate, atLeast: 0.5, minRows: 5000 }, evidence(scored(0.5))).verdict).toBe('NotComparable');
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
  it('cannot be known across different splits, or without a record', () => {
    expect(rowsUnseenByBoth('m', ['1'], hash(0.2), { kind: 'time', fraction: 0.2 }, half)).toHaveProperty('why');
    expect(rowsUnseenByBoth('m', ['1'], hash(0.2), undefined, half)).toHaveProperty('why');
  });
});
