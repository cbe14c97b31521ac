import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { measureAll, undefinedMeasures } from '../../../domain/evaluation/measure.ts';
import { METRICS } from '../../../domain/evaluation/metric-names.ts';
import { multiclassSampleOf, type Sample, sampleOf } from '../../../domain/evaluation/sample.ts';
import type { Problem } from '../../../domain/model-definition.ts';

interface Case {
  readonly name: string;
  readonly threshold?: number;
  readonly quantile?: number;
  readonly probabilities?: number[][];
  readonly generated?: { readonly rows: number; readonly seed: number; readonly decimals: number };
  readonly truth: number[];
  readonly scores: number[];
  readonly expected: Record<string, number>;
}

const casesOf = (file: string): Case[] => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).cases;

const sample = ({ truth, scores }: Pick<Case, 'truth' | 'scores'>) =>
  sampleOf(Float64Array.from(truth), Float64Array.from(scores));

/** As make_reference.py draws them. */
function generate({ rows, seed, decimals }: NonNullable<Case['generated']>): Pick<Case, 'truth' | 'scores'> {
  let state = seed;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  const truth = Array.from({ length: rows }, () => Number(random() < 0.2));
  const scores = truth.map((y) => Math.floor((0.3 * y + 0.7 * random()) * 10 ** decimals + 0.5) / 10 ** decimals);
  return { truth, scores };
}

/** To 1e-9, relative where values are large; what scikit-learn has no value for has a name here. */
function expectEqual(of: Sample, problem: Problem, expected: Record<string, number>): void {
  const measured = measureAll(of, problem);
  expect(Object.keys(measured).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const off = Math.abs(measured[name]! - value) / Math.max(1, Math.abs(value));
    expect([name, measured[name], off < 1e-9]).toEqual([name, measured[name], true]);
  }
  const all = { ...measured, ...undefinedMeasures(of, problem, measured) };
  expect(Object.keys(all).sort()).toEqual([...METRICS[problem.type]].sort());
}

const problemOf = (type: Problem['type'], more: Partial<Problem> = {}): Problem => ({
  type,
  target: 'y',
  decisionThreshold: 0.5,
  ...more,
});

describe('measures of a classifier equal scikit-learn’s', () => {
  it.each(casesOf('./binary-reference.json'))('$name', (reference) => {
    const { generated, threshold = 0.5, expected } = reference;
    const of = sample(generated ? generate(generated) : reference);
    expectEqual(of, problemOf('binary-classification', { decisionThreshold: threshold }), expected);
  });
});

describe('measures of a regression equal scikit-learn’s', () => {
  it.each(casesOf('./regression-reference.json'))('$name', (reference) => {
    const { quantile, expected } = reference;
    expectEqual(sample(reference), problemOf('regression', quantile === undefined ? {} : { quantile }), expected);
  });
});

describe('measures of a multiclass classifier equal scikit-learn’s', () => {
  it.each(casesOf('./multiclass-reference.json'))('$name', ({ truth, probabilities = [], expected }) => {
    const columns = probabilities[0]!.map((_, k) => Float64Array.from(probabilities, (row) => row[k]!));
    const problem = problemOf('multiclass-classification', { classes: columns.map((_, k) => String(k)) });
    expectEqual(multiclassSampleOf(Float64Array.from(truth), columns), problem, expected);
  });
});

describe('a measure without a value', () => {
  const binary = problemOf('binary-classification');
  const why = (truth: number[], scores: number[], problem = binary) =>
    undefinedMeasures(sample({ truth, scores }), problem, measureAll(sample({ truth, scores }), problem));

  it('says so by name, and says what it would need', () => {
    expect(why([1, 1], [0.2, 0.3])).toEqual({ auc: 'OneClassOnly', gini: 'OneClassOnly', ks: 'OneClassOnly' });
    expect(why([0, 0], [0.2, 0.3])).toHaveProperty('prAuc', 'OneClassOnly');
    expect(why([0, 1], [-3, 4])).toEqual({
      logLoss: 'NotProbabilities',
      brier: 'NotProbabilities',
      calibrationError: 'NotProbabilities',
    });
    expect(why([2, 2], [1, 3], problemOf('regression'))).toEqual({ r2: 'AnswersAllEqual' });
    expect(why([0, 1e200], [1, 3], problemOf('regression'))).toMatchObject({ rmse: 'BeyondNumbers' });
    expect(why([], [])).toHaveProperty('auc', 'NoRows');
  });
  it('is one of many where a class does not occur', () => {
    const columns = [0, 1, 2].map(() => Float64Array.from([0.2, 0.3]));
    const of = multiclassSampleOf(Float64Array.from([0, 1]), columns);
    const problem = problemOf('multiclass-classification', { classes: ['a', 'b', 'c'] });
    expect(undefinedMeasures(of, problem, measureAll(of, problem))).toMatchObject({ aucMacro: 'ClassNotInHoldOut' });
  });
});

describe('a sample', () => {
  it('refuses scores that are not finite, and other lengths', () => {
    expect(() => sample({ truth: [0, 1], scores: [0, Number.NaN] })).toThrow('row 2');
    expect(() => sample({ truth: [0], scores: [0, 1] })).toThrow(RangeError);
  });
});
