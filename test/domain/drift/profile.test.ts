import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BaselineBuilder, emptyProfile, profileOver } from '../../../domain/drift/baseline.ts';
import { measureFeature } from '../../../domain/drift/measures.ts';
import {
  type CategoricalProfile,
  meanOf,
  mergeNumeric,
  mergeProfiles,
  type NumericProfile,
  type Profile,
} from '../../../domain/drift/profile.ts';
import { readNumber, type Value } from '../../../domain/drift/profile-builder.ts';
import {
  baselineFromJson,
  baselineToJson,
  profileFromJson,
  profileToJson,
} from '../../../domain/drift/profile-json.ts';
import { ProfileSum } from '../../../domain/drift/profile-sum.ts';
import { atomEdges, coarsen, countBins } from '../../../domain/drift/quantile.ts';
import { shardFromJson, shardToJson } from '../../../domain/drift/shard-json.ts';
import { judge } from '../../../domain/drift/verdict.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';

const FEATURES = [
  { name: 'amount', type: 'numeric' },
  { name: '__proto__', type: 'categorical' },
] as const;

const numberValue = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.constantFrom<Value>(null, '', 'NaN', 'inf', 'oops', -0),
);
const rows = fc.array(fc.tuple(numberValue, fc.constantFrom('a', 'b', '', '__proto__', null)), { maxLength: 60 });

const baseline = (() => {
  const builder = new BaselineBuilder(FEATURES);
  for (let i = 0; i < 500; i++) builder.row([(i * 37) % 101, i % 3 === 0 ? 'a' : '__proto__']);
  return builder.finish();
})();

function profileOf(some: readonly (readonly Value[])[]): Profile {
  const builder = profileOver(baseline);
  for (const row of some) builder.row(row, undefined);
  return builder.profile;
}

/** Everything that is exact in any order; sums of small integers are. */
const exactly = (profile: Profile): unknown => {
  const text = JSON.parse(profileToJson(profile));
  for (const { profile: feature } of text.features) delete feature.m2;
  return text;
};

describe('a profile', () => {
  it('is the same merged from parts, in any order, as counted in one pass', () => {
    fc.assert(
      fc.property(rows, rows, rows, (a, b, c) => {
        const [x, y, z] = [profileOf(a), profileOf(b), profileOf(c)];
        const once = exactly(profileOf([...a, ...b, ...c]));
        expect(exactly(mergeProfiles(mergeProfiles(x, y), z))).toEqual(once);
        expect(exactly(mergeProfiles(x, mergeProfiles(y, z)))).toEqual(once);
        expect(exactly(mergeProfiles(z, mergeProfiles(y, x)))).toEqual(once);
        expect(exactly(mergeProfiles(emptyProfile(baseline), x))).toEqual(exactly(x));
      }),
    );
  });

  it('comes back from JSON as it went', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const profile = profileOf(some);
        expect(profileFromJson(profileToJson(profile))).toEqual(profile);
      }),
    );
    expect(baselineFromJson(baselineToJson(baseline))).toEqual(baseline);
  });

  it('of what a multiclass model decides is additive too, and comes back from JSON and from parts of an hour', () => {
    const { features, rows: trained, prediction } = baseline;
    const three = { features, rows: trained, prediction: { ...prediction, classes: 3 } };
    expect(baselineFromJson(baselineToJson(three))).toEqual(three);
    const p = fc.constantFrom<Value>(0, 1, '0.5', 0.29, '0.3', ' 1e-3 ', null, 'oops', 1.5, -0.1, 'NaN');
    const answers = fc.array(fc.array(p, { minLength: 2, maxLength: 4 }), { maxLength: 20 });
    const decided = (some: readonly (readonly Value[])[]) => {
      const builder = profileOver(three, undefined, 1);
      for (const answer of some) builder.row([1, 'a'], answer[1], {}, 0, answer);
      return builder.profile;
    };
    fc.assert(
      fc.property(answers, answers, (a, b) => {
        const [x, y, both] = [decided(a), decided(b), decided([...a, ...b])];
        expect(mergeProfiles(y, x).decisions).toEqual(both.decisions);
        const { counts, undecided } = both.decisions!;
        expect(counts.reduce((sum, count) => sum + count, undecided)).toBe(a.length + b.length);
        expect(profileFromJson(profileToJson(both))).toEqual(both);
        const sum = new ProfileSum(emptyProfile(three));
        for (const part of [x, y]) sum.add(shardFromJson(shardToJson(part), emptyProfile(three)));
        expect(sum.profile().decisions).toEqual(both.decisions);
      }),
    );
    // Column 1 on: 0.3, 0.29, 0.29: the first class, in the bin of 0.3; then the second of two equals; then none.
    const { counts, undecided } = decided([
      ['x', 0.3, 0.29, 0.29],
      ['x', 0.2, '0.4', 0.4],
      ['x', 0.2, 0.4],
    ]).decisions!;
    expect(counts.flatMap((count, i) => (count > 0 ? [[i, count]] : []))).toEqual([
      [Math.floor(0.3 * 100), 1],
      [140, 1],
    ]);
    expect(undecided).toBe(1);
  });

  it('of before has no decisions, and takes those that are added to it', () => {
    const { decisions: _, ...before } = profileOf([[1, 'a']]);
    const decisions = { classes: 3, counts: new Array<number>(300).fill(1), undecided: 2 };
    expect(mergeProfiles(before, { ...before, decisions })).toMatchObject({ rows: 2, decisions });
    expect(profileFromJson(profileToJson(before))).not.toHaveProperty('decisions');
    expect(() =>
      mergeProfiles({ ...before, decisions }, { ...before, decisions: { ...decisions, classes: 4 } }),
    ).toThrow('expected decisions of 3 classes, got 4');
    const damaged = profileToJson({ ...before, decisions: { ...decisions, counts: [1] } });
    expect(() => profileFromJson(damaged)).toThrow('expected 300 counts of decisions, got 1');
  });

  it('refuses another schema', () => {
    expect(() => profileFromJson('{"schema":"other"}')).toThrow('expected launchway/profile/v1, got other');
    expect(() => profileFromJson('{')).toThrow('expected JSON of launchway/profile/v1');
  });

  it('counts every row once, whatever it holds', () => {
    const amount = profileOf([
      ['1', 'a'],
      [null, 'a'],
      ['Infinity', 'a'],
      ['abc', null],
      [-0, ''],
    ]).features.get('amount');
    expect(amount).toMatchObject({ n: 2, missing: 1, nonFinite: 1, unreadable: 1, min: 0, max: 1 });
  });

  it('refuses a row with a field too many, which would shift the others', () => {
    expect(() => profileOf([['1', 'a', 'b']])).toThrow('expected 2 values, got 3');
  });
});

describe('a feature of many categories', () => {
  const many = (n: number, rows: number, seed: number): string[] => {
    const random = seededRandom(seed);
    return Array.from({ length: rows }, () => `c${Math.floor(random() * n)}`);
  };
  const learnt = (values: readonly string[]) => {
    const builder = new BaselineBuilder([{ name: 'zip', type: 'categorical' }]);
    for (const value of values) builder.row([value]);
    return builder.finish();
  };
  const verdictOf = (over: ReturnType<typeof learnt>, values: readonly string[]) => {
    const counted = profileOver(over);
    for (const value of values) counted.row([value], undefined);
    const measured = measureFeature(over.features[0]!, counted.profile.features.get('zip')!);
    return judge([measured], { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [] }).features[0]!;
  };

  it('is quiet where nothing moved, though most of its categories have no name', () => {
    const quiet = learnt(many(5_000, 10_000, 1));
    for (let seed = 2; seed < 12; seed++) expect(verdictOf(quiet, many(5_000, 2_000, seed)).verdict).toBe('Stable');
  });

  it('is found where its known categories are gone', () => {
    const gone = many(1_500, 10_000, 2).map((category) => `x${category}`);
    expect(verdictOf(learnt(many(1_500, 50_000, 1)), gone)).toMatchObject({ verdict: 'Drifted' });
  });

  it('keeps the names of its baseline whatever came before them, merged or not', () => {
    const over = learnt(['a', 'b']);
    const hours = [many(3_000, 5_000, 1), [...many(3_000, 5_000, 2), 'a'], ['a', 'b']].map((values) => {
      const counted = profileOver(over);
      for (const value of values) counted.row([value], undefined);
      return profileFromJson(profileToJson(counted.profile));
    });
    const merged = hours.reduce(mergeProfiles).features.get('zip') as CategoricalProfile;
    expect([merged.counts.get('a'), merged.counts.get('b')]).toEqual([2, 1]);
    expect(merged.counts.size).toBe(1_000);
    expect([...merged.counts.values()].reduce((a, b) => a + b) + merged.other).toBe(10_003);
    const shard = shardFromJson(shardToJson(hours[2]!), emptyProfile(over));
    expect(shard).toEqual(hours[2]);
    const sum = new ProfileSum(emptyProfile(over));
    for (const hour of hours) sum.add(shardFromJson(shardToJson(hour), emptyProfile(over)));
    expect(profileToJson(sum.profile())).toBe(profileToJson(hours.reduce(mergeProfiles, emptyProfile(over))));
  });
});

it('keeps the mean of numbers whose sum no double holds', () => {
  const builder = new BaselineBuilder([{ name: 'x', type: 'numeric', forced: true }]);
  for (const value of [1.5e308, 1.7e308, 1.6e308, -1e308]) builder.row([value]);
  const profile = builder.finish().features[0]!.profile as NumericProfile;
  expect(meanOf(profile) / 1e308).toBeCloseTo(3.8 / 4, 12);
  expect(meanOf(mergeNumeric(profile, profile)) / 1e308).toBeCloseTo(3.8 / 4, 12);
});

it('treats a numeric feature with up to 20 values as categorical, one category per number', () => {
  const builder = new BaselineBuilder([{ name: 'doors', type: 'numeric' }]);
  for (const value of ['2', '2.0', '4', '2e0', '']) builder.row([value]);
  const [doors] = builder.finish().features;
  expect(doors!.profile).toMatchObject({
    kind: 'categorical',
    counts: new Map([
      ['2', 3],
      ['4', 1],
    ]),
    missing: 1,
  });
});

it('has coarse edges among the fine ones, so deciles are sums of fine bins exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 300 }), (values) => {
      const sorted = Float64Array.from(values).sort();
      const [fine, deciles] = [atomEdges(sorted, 240), atomEdges(sorted, 10)];
      expect(coarsen(fine, countBins(fine, sorted), deciles)).toEqual(countBins(deciles, sorted));
    }),
  );
});

it.each([
  ['1e3', 1000],
  [' 12 ', 12],
  ['-0', 0],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['nan', null],
  ['', null],
  ['0x10', undefined],
  ['1,5', undefined],
  ['1e999', Number.POSITIVE_INFINITY],
] as const)('reads %j as a number: %s', (text, number) => {
  expect(readNumber(text)).toBe(number);
});
