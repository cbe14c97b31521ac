import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sampleOfFiles } from '../../../domain/staleness/sample-of-files.ts';

const files = fc.uniqueArray(fc.record({ key: fc.string({ minLength: 1 }), bytes: fc.integer({ min: 1, max: 100 }) }), {
  minLength: 1,
  maxLength: 40,
  selector: ({ key }) => key,
});
const sum = (of: readonly { readonly bytes: number }[]) => of.reduce((total, { bytes }) => total + bytes, 0);

it('is all files where they are few enough, and otherwise no more bytes than asked for, in their order', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 3000 }), (all, most) => {
      const chosen = sampleOfFiles(all, most);
      expect(chosen).toEqual(all.filter((file) => chosen.includes(file)));
      if (sum(all) <= most) expect(chosen).toEqual(all);
      else expect(chosen.length === 1 || sum(chosen) <= most).toBe(true);
      expect(chosen.length).toBeGreaterThan(0);
    }),
  );
});

it('is the same whatever the order, and of every hour alike', () => {
  const all = Array.from({ length: 240 }, (_, i) => ({ key: `m/2026/02/${i % 10}/${i}.jsonl`, bytes: 10 }));
  const chosen = sampleOfFiles(all, 1200);
  expect(new Set(sampleOfFiles(all.toReversed(), 1200))).toEqual(new Set(chosen));
  const perDay = Array.from({ length: 10 }, (_, day) => chosen.filter(({ key }) => key.includes(`/${day}/`)).length);
  // 12 of 24 each, standard deviation 2.4: four of them.
  for (const count of perDay) expect(Math.abs(count - 12)).toBeLessThan(10);
});
