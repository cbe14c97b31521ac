import { describe, expect, it } from '@jest/globals';
import { BaselineBuilder, profileOver } from '../../../domain/drift/baseline.ts';
import { measureFeature } from '../../../domain/drift/measures.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { barsOf } from '../../../domain/monitoring/feature-bars.ts';
import { likelyCauses } from '../../../domain/monitoring/likely-causes.ts';

type Cell = string | number | null;

const random = seededRandom(3);
const numbers = (rows: number) => Array.from({ length: rows }, () => 20 + 10 * (random() + random() + random()));
const codes = (rows: number) => Array.from({ length: rows }, () => 'abcd'[Math.floor(random() ** 2 * 4)]!);

function causes(type: 'numeric' | 'categorical', before: readonly Cell[], now: readonly Cell[]) {
  const builder = new BaselineBuilder([{ name: 'x', type }]);
  for (const value of before) builder.row([value]);
  const baseline = builder.finish();
  const current = profileOver(baseline);
  for (const value of now) current.row([value], undefined);
  const [feature] = baseline.features;
  const profile = current.profile.features.get('x')!;
  const found = likelyCauses(feature!, profile, measureFeature(feature!, profile), ['x', 'y']);
  return { rules: found.map(({ rule }) => rule), evidence: found[0]!.evidence, bars: barsOf(feature!, profile) };
}

describe('likely causes', () => {
  it('name a source that is missing', () => {
    const now = numbers(1_000).map((value, i) => (i % 5 === 0 ? null : value));
    expect(causes('numeric', numbers(5_000), now)).toMatchObject({
      rules: ['upstream-null'],
      evidence: 'missing in 20.0 % of rows, in training in 0.0 %',
    });
  });

  it('name new codes', () => {
    const now = codes(1_000).map((code, i) => (i % 10 === 0 ? 'E9' : code));
    const { rules, evidence } = causes('categorical', codes(5_000), now);
    expect(rules).toEqual(['new-category']);
    expect(evidence).toBe('10.0 % of values are new to it: "E9" (10.0 %)');
  });

  it('name cases that are no longer sent, and not those that were rare anyway', () => {
    const before = Array.from({ length: 5_000 }, (_, i) => (i % 5 === 0 ? 'a' : i % 250 === 1 ? 'rare' : 'b'));
    const now = Array.from({ length: 1_000 }, () => 'b');
    const { rules, evidence } = causes('categorical', before, now);
    expect(rules).toEqual(['vanished-category']);
    expect(evidence).toBe('"a", 20.0 % of training, do not occur any more');
  });

  it.each([
    [1.609344, 'miles and kilometres'],
    [1 / 1000, 'thousands'],
    [100, 'hundreds'],
  ])('name a unit that changed by %f', (factor, units) => {
    const now = numbers(2_000).map((value) => value * factor);
    const { rules, evidence } = causes('numeric', numbers(5_000), now);
    expect(rules).toContain('unit-change');
    expect(evidence).toContain(units);
  });

  it('name values that are cut off above, and below', () => {
    expect(
      causes(
        'numeric',
        numbers(5_000),
        numbers(2_000).map((value) => Math.min(value, 40)),
      ).rules,
    ).toEqual(['range-clip']);
    expect(
      causes(
        'numeric',
        numbers(5_000),
        numbers(2_000).map((value) => Math.max(value, 28)),
      ).rules,
    ).toEqual(['range-clip']);
  });

  it('call the rest another population, and say what moved with it', () => {
    const { rules, evidence } = causes(
      'numeric',
      numbers(5_000),
      numbers(2_000).map((value) => value + 5),
    );
    expect(rules).toEqual(['population-shift']);
    expect(evidence).toContain('y moved with it');
  });
});

describe('bars', () => {
  it('are the deciles in order for numbers', () => {
    const { bars } = causes('numeric', numbers(5_000), numbers(1_000));
    expect(bars).toHaveLength(10);
    expect(bars[0]!.of).toMatch(/^below /);
    expect(bars.at(-1)!.of).toMatch(/ and above$/);
    expect(bars.reduce((sum, { current }) => sum + current, 0)).toBeCloseTo(1, 12);
  });

  it('are the largest categories, the rest together', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `c${i % 40}`);
    const { bars } = causes('categorical', many, many);
    expect(bars).toHaveLength(12);
    expect(bars.at(-1)).toMatchObject({ of: 'all others' });
    expect(bars.reduce((sum, { baseline }) => sum + baseline, 0)).toBeCloseTo(1, 12);
  });
});
