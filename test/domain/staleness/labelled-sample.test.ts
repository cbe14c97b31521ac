import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LabelledSample } from '../../../domain/staleness/labelled-sample.ts';

const sampled = (ids: readonly string[], most: number) => {
  const sample = new LabelledSample(most);
  for (const id of ids) sample.add({ inferenceId: id }, 0, [id], 1);
  return sample.finish().map(({ features }) => features[0]!);
};

describe('a sample of labelled predictions', () => {
  it('is the same in whichever order they come, has no more than asked for, and grows by keeping what it had', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.string({ minLength: 1, maxLength: 8 }).filter((id) => !/[\r\n]/.test(id)),
          { minLength: 1, maxLength: 60 },
        ),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 100 }),
        (ids, most, shift) => {
          const one = sampled(ids, most);
          const rotated = ids.map((_, i) => ids[(i + shift) % ids.length]!);
          expect(sampled(rotated.toReversed(), most)).toEqual(one);
          expect(one).toHaveLength(Math.min(most, ids.length));
          expect(sampled(ids, most + 7).slice(0, one.length)).toEqual(one);
        },
      ),
    );
  });

  it('is not drawn by what was asked or answered: every twentieth of 20,000 ids is in it as often', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `flight-${i}`);
    const places = sampled(ids, 5_000).map((id) => Number(id.slice(7)));
    const perTwentieth = Array.from(
      { length: 20 },
      (_, k) => places.filter((place) => Math.floor(place / 1000) === k).length,
    );
    // Hypergeometric: 250 of 1,000 each, standard deviation 13.3; five of them.
    for (const count of perTwentieth) expect(Math.abs(count - 250)).toBeLessThan(67);
  });

  it('counts a prediction that is named several times once, as it was asked first, in whichever order they are read', () => {
    const asked = [
      { eventId: 'e1', inferenceTime: '2026-02-03T04:05:07Z', features: ['again'] },
      { eventId: 'e2', inferenceTime: '2026-02-03T04:05:06Z', features: ['first'] },
      { eventId: 'e3', inferenceTime: '2026-03-01T00:00:00Z', features: ['once its outcome was known'] },
      { eventId: 'e4', features: ['at no known time'] },
    ];
    for (const order of [asked, asked.toReversed(), [asked[3]!, asked[1]!, asked[0]!, asked[2]!]]) {
      const sample = new LabelledSample(10);
      for (const { features, ...metadata } of order) sample.add({ inferenceId: 'a', ...metadata }, 0, features, 1);
      sample.add({ inferenceId: 'a', eventId: 'e2' }, 1, ['second row'], 0);
      expect(sample.finish().toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: 'a', at: '2026-02-03T04:05:06Z', features: ['first'], truth: 1 },
        { id: 'a#1', at: '', features: ['second row'], truth: 0 },
      ]);
    }
  });

  it('names by event where the caller gave no id, and leaves out what nothing names', () => {
    const sample = new LabelledSample(10);
    sample.add({ eventId: 'e1' }, 0, [1.5, null, 'x'], 1);
    sample.add({ eventId: '' }, 0, ['y'], 1);
    expect(sample.finish()).toEqual([{ id: 'e1', at: '', features: ['1.5', '', 'x'], truth: 1 }]);
    expect(sample.labelled).toBe(1);
  });

  it('leaves out and counts what would be two lines of a batch transform', () => {
    const sample = new LabelledSample(10);
    sample.add({ inferenceId: 'a' }, 0, ['one\ntwo'], 1);
    expect([sample.finish(), sample.labelled, sample.unsendable]).toEqual([[], 1, 1]);
  });
});
