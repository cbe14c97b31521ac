import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AuditEntry } from '../../domain/audit.ts';
import { nextEntry, verifyChain } from '../../domain/audit-chain.ts';

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let i = 1; i <= length; i++) {
    const event = { type: `Event${i}`, actor: 'ada', subject: `release/${i}`, details: { i } };
    entries.push(nextEntry('flights', entries.at(-1), event, `2030-01-01T00:00:${String(i).padStart(2, '0')}.000Z`));
  }
  return entries;
}

const index = (length: number) => fc.nat({ max: length - 1 });

describe('the audit chain', () => {
  const entries = chain(20);
  const head = { sequence: 20, hash: entries[19]!.hash };

  it('is intact as it was written, empty too', () => {
    expect(verifyChain('flights', entries, head)).toEqual({ intact: true, entries: 20, head: head.hash });
    expect(verifyChain('flights', [])).toEqual({ intact: true, entries: 0, head: '0'.repeat(64) });
  });

  it('names a row whose content was changed', () => {
    fc.assert(
      fc.property(index(20), fc.constantFrom('type', 'actor', 'subject', 'at', 'details'), (i, member) => {
        const altered = entries.with(i, { ...entries[i]!, [member]: 'forged' });
        expect(verifyChain('flights', altered)).toMatchObject({ intact: false, sequence: i + 1, problem: 'altered' });
      }),
    );
  });

  it('names the row after one that was forged with a hash of its own', () => {
    const forged = nextEntry('flights', entries[3], { type: 'Forged', actor: 'eve', subject: 'x' }, 'now');
    expect(verifyChain('flights', entries.with(4, forged))).toMatchObject({ sequence: 6, problem: 'not linked' });
  });

  it('names a row that was deleted', () => {
    fc.assert(
      fc.property(index(19), (i) => {
        expect(verifyChain('flights', entries.toSpliced(i, 1))).toMatchObject({ sequence: i + 1, problem: 'missing' });
      }),
    );
  });

  it('names rows that were reordered', () => {
    fc.assert(
      fc.property(index(19), (i) => {
        const swapped = entries.with(i, entries[i + 1]!).with(i + 1, entries[i]!);
        expect(verifyChain('flights', swapped)).toMatchObject({ intact: false, sequence: i + 1 });
      }),
    );
    expect(verifyChain('flights', [...entries, entries[7]!])).toMatchObject({ sequence: 21, problem: 'reordered' });
  });

  it('names a row of another model', () => {
    expect(verifyChain('flights', entries.with(2, { ...entries[2]!, model: 'loans' }))).toMatchObject({
      sequence: 3,
      problem: 'of another model',
    });
  });

  it('finds rows cut off the end, or a chain written anew, by the head kept elsewhere', () => {
    expect(verifyChain('flights', entries.slice(0, 15))).toMatchObject({ intact: true });
    expect(verifyChain('flights', entries.slice(0, 15), head)).toMatchObject({ sequence: 16, problem: 'missing' });
    const anew = chain(25).map((entry) => entry);
    const rewritten: AuditEntry[] = [];
    for (const { type, subject, at } of anew) {
      rewritten.push(nextEntry('flights', rewritten.at(-1), { type, subject, actor: 'eve' }, at));
    }
    expect(verifyChain('flights', rewritten)).toMatchObject({ intact: true });
    expect(verifyChain('flights', rewritten, head)).toMatchObject({ sequence: 20, problem: 'altered' });
  });
});
