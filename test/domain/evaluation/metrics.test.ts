import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { measureAll } from '../../../domain/evaluation/measure.ts';
import { multiclassSampleOf, sampleOf } from '../../../domain/evaluation/sample.ts';

interface Case {
  readonly name: string;
  readonly threshold?: number;
  readonly quantile?: number;
  readonly probabilities?: number[][];
  readonly truth: number[];
  readonly scores: number[];
  readonly expected: Record<string, number>;
}

const casesOf = (file: string): Case[] => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).cases;

const sample = ({ truth, scores }: Pick<Case, 'truth' | 'scores'>) =>
  sampleOf(Float64Array.from(truth), Float64Array.from(scores));

function expectEqual(measured: Record<string, number>, expected: Record<string, number>): void {
  expect(Object.keys(measured).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected))
    expect([name, measured[name]]).toEqual([name, expect.closeTo(value, 10)]);
}

describe('measures of a classifier equal scikit-learn’s', () => {
  it.each(casesOf('./binary-reference.json'))('$name', (reference) => {
    const problem = {
      type: 'binary-classification' as const,
      target: 'y',
      decisionThreshold: reference.threshold ?? 0.5,
    };
    expectEqual(measureAll(sample(reference), problem), reference.expected);
  });
});

describe('measures of a regression equal scikit-learn’s', () => {
  it.each(casesOf('./regression-reference.json'))('$name', (reference) => {
    const { quantile } = reference;
    const problem = {
      type: 'regression' as const,
      target: 'y',
      decisionThreshold: 0.5,
      ...(quantile !== undefined && { quantile }),
    };
    expectEqual(measureAll(sample(reference), problem), reference.expected);
  });
});

describe('measures of a multiclass classifier equal scikit-learn’s', () => {
  it.each(casesOf('./multiclass-reference.json'))('$name', ({ truth, probabilities = [], expected }) => {
    const columns = probabilities[0]!.map((_, k) => Float64Array.from(probabilities, (row) => row[k]!));
    const classes = columns.map((_, k) => String(k));
    const problem = { type: 'multiclass-classification' as const, target: 'y', decisionThreshold: 0.5, classes };
    expectEqual(measureAll(multiclassSampleOf(Float64Array.from(truth), columns), problem), expected);
  });
});

describe('a sample', () => {
  it('refuses scores that are not finite, and other lengths', () => {
    expect(() => sample({ truth: [0, 1], scores: [0, Number.NaN] })).toThrow('row 2');
    expect(() => sample({ truth: [0], scores: [0, 1] })).toThrow(RangeError);
  });
  it('has no AUC with one class only', () => {
    const problem = { type: 'binary-classification' as const, target: 'y', decisionThreshold: 0.5 };
    expect(measureAll(sample({ truth: [1, 1], scores: [0.2, 0.3] }), problem)).not.toHaveProperty('auc');
  });
});
