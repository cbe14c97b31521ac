import type { AuditEntry } from './audit.ts';
import { againstHead, type ChainVerdict, verifyChain } from './audit-chain.ts';

/** The newest entry of a chain as it was at some moment, kept where nobody can change or delete it. */
export interface ChainHead {
  readonly model: string;
  readonly sequence: number;
  /** Hex SHA-256 of that entry. */
  readonly hash: string;
}

/** Heads of chains outside the table, each written once and locked. */
export interface ChainAnchors {
  keep(head: ChainHead): Promise<void>;
  /** Every head that was ever kept of a model, what was hidden by a delete marker too; by sequence. */
  list(model: string): Promise<ChainHead[]>;
}

/** Which chains have grown, and how far each was anchored. */
export interface ChainGrowth {
  /** Models with entries in an hour, `2026-11-21T14`. Eventually consistent. */
  modelsIn(hour: string): Promise<string[]>;
  /** The entries after a sequence number, in order. Strongly consistent. */
  entriesAfter(model: string, sequence: number): Promise<AuditEntry[]>;
  lastHead(model: string): Promise<ChainHead | undefined>;
  setLastHead(head: ChainHead): Promise<void>;
  /** The last hour that was looked at to its end. */
  hourDone(): Promise<string | undefined>;
  setHourDone(hour: string): Promise<void>;
}

/** A whole chain against itself, and against every head that was kept of it. */
export type TrailVerdict = ChainVerdict & {
  /** The newest head that was kept; absent where none was. What came after it is proved by the chain alone. */
  readonly anchored?: ChainHead;
};

/**
 * Checks a model's chain and every head kept elsewhere. A chain that was written anew from some row on is consistent in itself;
 * only the heads tell.
 *
 * @param entries the model's `AUDIT#` rows by `sk`
 * @param heads as kept outside the table, by sequence
 */
export function verifyTrail(model: string, entries: readonly AuditEntry[], heads: readonly ChainHead[]): TrailVerdict {
  const anchored = heads.at(-1);
  const chain = verifyChain(model, entries);
  for (const head of chain.intact ? heads : []) {
    const verdict = againstHead(entries, head);
    if (verdict) return { ...verdict, anchored: head };
  }
  return { ...chain, ...(anchored && { anchored }) };
}

/** `2026-11-21T14`, in UTC. */
export const hourOf = (at: Date): string => at.toISOString().slice(0, 13);

/** From one hour to another, both included. */
export function hoursBetween(from: string, to: string): string[] {
  const hours: string[] = [];
  for (let at = Date.parse(`${from}:00:00.000Z`); at <= Date.parse(`${to}:00:00.000Z`); at += 3_600_000) {
    hours.push(hourOf(new Date(at)));
  }
  return hours;
}
