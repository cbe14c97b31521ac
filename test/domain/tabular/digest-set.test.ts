import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestSet } from '../../../domain/tabular/digest-set.ts';

it('tells what it saw, as a set of the texts themselves would', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', '\0', 'é', '1') })), (texts) => {
      const digests = new DigestSet();
      const known = new Set<string>();
      for (const text of texts) {
        expect(digests.has(text)).toBe(known.has(text));
        expect(digests.add(text)).toBe(!known.has(text));
        known.add(text);
      }
      expect(digests.size).toBe(known.size);
    }),
  );
});

it('takes no two of 300,000 ids that differ in a digit for one', () => {
  const digests = new DigestSet();
  let taken = 0;
  for (let i = 0; i < 100_000; i++)
    for (const id of [String(i), `flight-2001-${i}`, `${i}\0${i % 7}\0JFK`]) if (digests.add(id)) taken += 1;
  expect(taken).toBe(300_000);
});
