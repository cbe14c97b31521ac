import { createHash } from 'node:crypto';
import type { AuditEntry, AuditEvent } from './audit.ts';
import { canonicalJson } from './canonical-json.ts';

/** What the first entry of a chain names as its previous hash. */
const FIRST_PREVIOUS = '0'.repeat(64);

/** Hex SHA-256 of the canonical JSON of an entry without its hash. */
function entryHash(entry: Omit<AuditEntry, 'hash'> & { readonly hash?: string }): string {
  const { hash: _hash, ...unhashed } = entry;
  return createHash('sha256').update(canonicalJson(unhashed)).digest('hex');
}

/** The entry that extends a chain by one event. */
export function nextEntry(model: string, last: AuditEntry | undefined, event: AuditEvent, at: string): AuditEntry {
  const unhashed = {
    ...event,
    model,
    sequence: (last?.sequence ?? 0) + 1,
    at,
    previous: last?.hash ?? FIRST_PREVIOUS,
  };
  return { ...unhashed, hash: entryHash(unhashed) };
}

export type ChainVerdict =
  | { readonly intact: true; readonly entries: number; readonly head: string }
  | {
      readonly intact: false;
      /** The sequence number of the first row that is not what was written there. */
      readonly sequence: number;
      readonly problem: 'missing' | 'reordered' | 'altered' | 'not linked' | 'of another model';
      readonly why: string;
    };

/**
 * Checks a model's whole chain, in the order of the table, and names the first row that is wrong.
 *
 * The last rows can be cut off without a trace in the chain itself, and a chain can be forged from any row on; so compare with
 * `head`, kept elsewhere.
 *
 * @param entries the model's `AUDIT#` rows by `sk`
 * @param head the hash and sequence of the newest entry known from outside the table
 */
export function verifyChain(
  model: string,
  entries: readonly AuditEntry[],
  head?: { readonly sequence: number; readonly hash: string },
): ChainVerdict {
  const chain = verifyExtension(model, undefined, entries);
  return (chain.intact && head && againstHead(entries, head)) || chain;
}

/**
 * Checks that entries follow one another, and the one before.
 *
 * @param after the entry before the first of them; undefined for a whole chain
 */
export function verifyExtension(
  model: string,
  after: { readonly sequence: number; readonly hash: string } | undefined,
  entries: readonly AuditEntry[],
): ChainVerdict {
  const { sequence: start, hash } = after ?? { sequence: 0, hash: FIRST_PREVIOUS };
  let previous = hash;
  for (const [i, entry] of entries.entries()) {
    const wrong = wrongRow(model, entry, start + i + 1, previous);
    if (wrong) return failed(start + i + 1, wrong.problem, wrong.why);
    previous = entry.hash;
  }
  return { intact: true, entries: start + entries.length, head: previous };
}

/** Compares a chain that is consistent in itself with a head kept elsewhere. @returns undefined where they agree */
export function againstHead(
  entries: readonly AuditEntry[],
  head: { readonly sequence: number; readonly hash: string },
): ChainVerdict | undefined {
  const known = entries[head.sequence - 1];
  if (known?.hash === head.hash) return undefined;
  return known
    ? failed(head.sequence, 'altered', `expected the hash ${head.hash} kept outside the table, got ${known.hash}`)
    : failed(entries.length + 1, 'missing', `expected ${head.sequence} entries, got ${entries.length}`);
}

type Wrong = Omit<Extract<ChainVerdict, { intact: false }>, 'intact' | 'sequence'>;

const failed = (sequence: number, problem: Wrong['problem'], why: string): ChainVerdict => ({
  intact: false,
  sequence,
  problem,
  why,
});

function wrongRow(model: string, entry: AuditEntry, expected: number, previous: string): Wrong | undefined {
  if (entry.model !== model) {
    return { problem: 'of another model', why: `expected an entry of ${model}, got one of ${entry.model}` };
  }
  if (entry.sequence !== expected) {
    return entry.sequence > expected
      ? { problem: 'missing', why: `expected entry ${expected}, got entry ${entry.sequence}` }
      : { problem: 'reordered', why: `expected entry ${expected}, got entry ${entry.sequence} again` };
  }
  if (entryHash(entry) !== entry.hash) {
    return {
      problem: 'altered',
      why: `expected the hash ${entryHash(entry)} of what the row holds, got ${entry.hash}`,
    };
  }
  if (entry.previous !== previous) {
    return { problem: 'not linked', why: `expected it to follow ${previous}, got ${entry.previous}` };
  }
  return undefined;
}
