import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AuditEntry } from '../../domain/audit.ts';
import { type ChainHead, hoursBetween, verifyTrail } from '../../domain/audit-anchors.ts';
import { nextEntry, verifyExtension } from '../../domain/audit-chain.ts';

const MODEL = 'flights';
const at = (i: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, i)).toISOString();

/** A chain of events with arbitrary content, and which of its entries a head was kept of. */
const trails = fc
  .record({
    events: fc.array(
      fc.record({
        type: fc.string({ minLength: 1 }),
        actor: fc.string({ unit: 'binary' }),
        subject: fc.string(),
        details: fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.jsonValue(),
        ),
      }),
      { minLength: 2, maxLength: 12 },
    ),
    kept: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  })
  .map(({ events, kept }) => {
    const entries: AuditEntry[] = [];
    for (const [i, event] of events.entries()) {
      // As it comes back from the table: JSON.
      entries.push(JSON.parse(JSON.stringify(nextEntry(MODEL, entries.at(-1), event, at(i)))));
    }
    return { entries, heads: headsOf(entries.filter((_, i) => kept[i])) };
  });

const headsOf = (entries: readonly AuditEntry[]): ChainHead[] =>
  entries.map(({ model, sequence, hash }) => ({ model, sequence, hash }));
const picked = (length: number, random: number) => Math.floor(random * length);

describe('A17: a trail', () => {
  it('is whole as it was written, with whichever heads', () => {
    fc.assert(
      fc.property(trails, ({ entries, heads }) => {
        const verdict = verifyTrail(MODEL, entries, heads);
        expect(verdict).toMatchObject({ intact: true, entries: entries.length });
        expect(verdict.anchored).toEqual(heads.at(-1));
      }),
    );
  });

  it('names a row of which any member was changed, added or removed', () => {
    const members = fc.constantFrom('type', 'actor', 'subject', 'at', 'details', 'hash', 'previous', 'model', 'added');
    fc.assert(
      fc.property(
        trails,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        members,
        ({ entries, heads }, random, member) => {
          const i = picked(entries.length, random);
          const altered = entries.with(i, { ...entries[i]!, [member]: 'x'.repeat(65) });
          expect(verifyTrail(MODEL, altered, heads)).toMatchObject({ intact: false, sequence: i + 1 });
          const { [member as 'type']: _, ...without } = entries[i]!;
          fc.pre(member in entries[i]!);
          expect(verifyTrail(MODEL, entries.with(i, without as AuditEntry), heads)).toMatchObject({
            intact: false,
            sequence: i + 1,
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('names a row that was deleted, doubled or moved', () => {
    fc.assert(
      fc.property(trails, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ entries, heads }, random) => {
        const i = picked(entries.length - 1, random);
        expect(verifyTrail(MODEL, entries.toSpliced(i, 1), heads)).toMatchObject({ sequence: i + 1 });
        expect(verifyTrail(MODEL, entries.toSpliced(i, 0, entries[i]!), heads)).toMatchObject({ sequence: i + 2 });
        const moved = entries.with(i, entries[i + 1]!).with(i + 1, entries[i]!);
        expect(verifyTrail(MODEL, moved, heads)).toMatchObject({ intact: false, sequence: i + 1 });
      }),
      { numRuns: 500 },
    );
  });

  it('written anew from a row on, hashes and all, is found by the first head from there; cut off, by the last', () => {
    fc.assert(
      fc.property(trails, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ entries, heads }, random) => {
        const i = picked(entries.length, random);
        const rewritten = entries.slice(0, i);
        for (const { type, subject, at: when } of entries.slice(i)) {
          rewritten.push(nextEntry(MODEL, rewritten.at(-1), { type, subject, actor: 'eve' }, when));
        }
        fc.pre(rewritten[i]!.hash !== entries[i]!.hash);
        const first = heads.find(({ sequence }) => sequence > i);
        const verdict = verifyTrail(MODEL, rewritten, heads);
        expect(verdict.intact).toBe(first === undefined);
        if (first) expect(verdict).toMatchObject({ sequence: first.sequence, problem: 'altered', anchored: first });
        const cut = verifyTrail(MODEL, entries.slice(0, i), heads);
        expect(cut.intact).toBe(first === undefined);
        if (first) expect(cut).toMatchObject({ sequence: i + 1, problem: 'missing' });
      }),
      { numRuns: 500 },
    );
  });

  it('is continued only by the entries that follow its head', () => {
    fc.assert(
      fc.property(trails, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ entries }, random) => {
        const i = picked(entries.length, random);
        const { sequence, hash } = entries[i]!;
        const rest = entries.slice(i + 1);
        expect(verifyExtension(MODEL, { sequence, hash }, rest)).toMatchObject({
          intact: true,
          head: entries.at(-1)!.hash,
        });
        fc.pre(rest.length > 0);
        const other = { sequence, hash: 'f'.repeat(64) };
        expect(verifyExtension(MODEL, other, rest)).toMatchObject({ sequence: i + 2, problem: 'not linked' });
      }),
    );
  });
});

it('hours are those between two, over midnight too', () => {
  expect(hoursBetween('2030-01-31T22', '2030-02-01T01')).toEqual([
    '2030-01-31T22',
    '2030-01-31T23',
    '2030-02-01T00',
    '2030-02-01T01',
  ]);
  expect(hoursBetween('2030-01-01T01', '2030-01-01T00')).toEqual([]);
});
