import { describe, expect, it } from '@jest/globals';
import { readModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { judgeFairness as judgeWithGroups } from '../../../domain/evaluation/fairness.ts';
import { sampleOf } from '../../../domain/evaluation/sample.ts';
import { definitionText } from '../../support/release-world.ts';

const judgeFairness = (...given: Parameters<typeof judgeWithGroups>) => judgeWithGroups(...given).gate;
const problem = { decisionThreshold: 0.5 };
const impact = { attribute: 'sex', metric: 'disparate-impact' as const, atLeast: 0.8, minRows: 100, confidence: 0.95 };
const opportunity = {
  attribute: 'sex',
  metric: 'equal-opportunity-difference' as const,
  atMost: 0.1,
  minRows: 100,
  confidence: 0.95,
};

/** 1,000 rows, half of each group; `share` of a group's rows are selected, whatever their answer. */
function decisions(share: Readonly<Record<'a' | 'b', number>>) {
  const values = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 'a' : 'b'));
  const truth = Float64Array.from(values, (_, i) => Number((i >> 1) % 2 === 0));
  const scores = Float64Array.from(values, (group, i) =>
    Number(((i >> 1) * 37) % 500 < share[group as 'a' | 'b'] * 500),
  );
  return { values, sample: sampleOf(truth, scores) };
}

describe('fairness', () => {
  it('passes where groups are decided alike', () => {
    const { sample, values } = decisions({ a: 0.4, b: 0.4 });
    expect(judgeFairness(impact, problem, sample, values, 1)).toMatchObject({ verdict: 'Passed', measured: 1 });
    expect(judgeFairness(opportunity, problem, sample, values, 1)).toMatchObject({ verdict: 'Passed', measured: 0 });
  });

  it('fails where one group is surely decided otherwise, and names both', () => {
    const { sample, values } = decisions({ a: 0.2, b: 0.5 });
    const result = judgeFairness(impact, problem, sample, values, 1);
    expect(result).toMatchObject({ verdict: 'Failed', measured: expect.closeTo(0.4, 10) });
    expect(result.why).toMatch(/between "a" and "b"; at best 0\.\d+, over 2 groups/);
    expect(judgeFairness(opportunity, problem, sample, values, 1)).toMatchObject({ verdict: 'Failed' });
  });

  it('shows each group with its interval, and the measure with one that holds it', () => {
    const { sample, values } = decisions({ a: 0.2, b: 0.5 });
    const { result } = judgeWithGroups(impact, problem, sample, values, 1);
    expect(result).toMatchObject({
      value: expect.closeTo(0.4, 10),
      groups: [
        // Wilson's interval of 100 in 500, from R's prop.test(100, 500, correct = FALSE).
        { group: 'a', rows: 500, rate: 0.2, low: expect.closeTo(0.16729, 4), high: expect.closeTo(0.23729, 4) },
        { group: 'b', rows: 500, rate: 0.5 },
      ],
    });
    expect(result!.low).toBeLessThan(0.4);
    expect(result!.high).toBeGreaterThan(0.4);
  });

  it('does not fail by chance: a ratio just below the bar is within what the rows can tell', () => {
    const { sample, values } = decisions({ a: 0.39, b: 0.5 });
    expect(judgeFairness(impact, problem, sample, values, 1)).toMatchObject({
      verdict: 'Passed',
      measured: expect.closeTo(0.78, 10),
    });
  });

  it('is NotComparable without two groups of rows enough, or without a positive decision', () => {
    const { sample, values } = decisions({ a: 0, b: 0 });
    expect(judgeFairness(impact, problem, sample, values, 1).verdict).toBe('NotComparable');
    expect(judgeFairness({ ...impact, minRows: 600 }, problem, sample, values, 1)).toMatchObject({
      verdict: 'NotComparable',
      why: expect.stringContaining('No group'),
    });
  });

  it('is asked for in model.yaml, with the bar that fits the measure', () => {
    const fairness = (text: string) =>
      readModelDefinition(definitionText((all) => `${all}validation: { fairness: [${text}] }\n`)).validation.fairness;
    expect(fairness('{ attribute: carrier, metric: disparate-impact, atLeast: 0.8 }')).toEqual([
      { attribute: 'carrier', metric: 'disparate-impact', atLeast: 0.8, minRows: 200, confidence: 0.95 },
    ]);
    expect(() => fairness('{ attribute: origin, metric: disparate-impact, atLeast: 0.8 }')).toThrow(
      'columns.attributes',
    );
    expect(() => fairness('{ attribute: carrier, metric: disparate-impact, atMost: 0.8 }')).toThrow(
      'atMost has no effect',
    );
  });
});
