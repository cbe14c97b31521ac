import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '../../domain/audit.ts';
import { type ChainHead, hourOf } from '../../domain/audit-anchors.ts';
import { nextEntry } from '../../domain/audit-chain.ts';
import type { Alert } from '../../domain/monitoring/ports.ts';
import { anchorChains } from '../../lambdas/anchor-chains/anchor-chains.ts';
import { FixedClock } from '../support/in-memory.ts';

const HOUR = 3_600_000;

let clock: FixedClock;
let chains: Map<string, AuditEntry[]>;
let heads: ChainHead[];
let lastHeads: Map<string, ChainHead>;
let done: string | undefined;
let alerts: Alert[];
let looked: string[];

beforeEach(() => {
  clock = new FixedClock('2030-01-01T10:05:00.000Z');
  [chains, heads, lastHeads, done, alerts, looked] = [new Map(), [], new Map(), undefined, [], []];
});

function write(model: string, type: string): void {
  const chain = chains.get(model) ?? [];
  chains.set(model, [
    ...chain,
    nextEntry(model, chain.at(-1), { type, actor: 'ada', subject: 'x' }, clock.now().toISOString()),
  ]);
}

const anchor = () =>
  anchorChains({
    growth: {
      modelsIn: async (hour) => {
        looked.push(hour);
        return [...chains]
          .filter(([, chain]) => chain.some(({ at }) => hourOf(new Date(at)) === hour))
          .map(([model]) => model);
      },
      entriesAfter: async (model, sequence) => chains.get(model)!.filter((entry) => entry.sequence > sequence),
      lastHead: async (model) => lastHeads.get(model),
      setLastHead: async (head) => void lastHeads.set(head.model, head),
      hourDone: async () => done,
      setHourDone: async (hour) => {
        done = hour;
      },
    },
    anchors: { keep: async (head) => void heads.push(head), list: async () => heads },
    publisher: { publish: async (alert) => void alerts.push(alert) },
    now: clock.now,
  })({});

describe('A17: heads of chains', () => {
  it('are kept of every chain that has grown, once', async () => {
    write('flights', 'A');
    write('flights', 'B');
    write('loans', 'A');
    expect(await anchor()).toEqual({ anchored: 2, broken: [] });
    expect(heads).toEqual([
      { model: 'flights', sequence: 2, hash: chains.get('flights')![1]!.hash },
      { model: 'loans', sequence: 1, hash: chains.get('loans')![0]!.hash },
    ]);
    await anchor();
    expect(heads).toHaveLength(2);
    clock.advance(HOUR);
    write('loans', 'B');
    await anchor();
    expect(heads.slice(2)).toEqual([{ model: 'loans', sequence: 2, hash: chains.get('loans')![1]!.hash }]);
  });

  it('of entries written while nothing ran are kept by the next that does, however late', async () => {
    write('flights', 'A');
    await anchor();
    clock.advance(HOUR);
    write('loans', 'A');
    clock.advance(50 * HOUR);
    await anchor();
    expect(heads.map(({ model }) => model)).toEqual(['flights', 'loans']);
  });

  it('of an entry that reached the index late are kept by the next occurrence', async () => {
    await anchor();
    write('flights', 'A');
    const late = chains.get('flights')!;
    chains.clear();
    clock.advance(HOUR);
    await anchor();
    chains.set('flights', late);
    clock.advance(HOUR);
    await anchor();
    expect(heads).toHaveLength(1);
    expect(looked.slice(-3)).toEqual(['2030-01-01T10', '2030-01-01T11', '2030-01-01T12']);
  });

  it('are not kept of a chain that does not continue what was kept, and people are told; others go on', async () => {
    write('flights', 'A');
    write('loans', 'A');
    await anchor();
    const [genuine] = chains.get('flights')!;
    chains.set('flights', [nextEntry('flights', undefined, { type: 'A', actor: 'eve', subject: 'x' }, genuine!.at)]);
    write('flights', 'B');
    write('loans', 'B');
    expect(await anchor()).toEqual({ anchored: 1, broken: ['flights'] });
    expect(lastHeads.get('flights')).toMatchObject({ sequence: 1, hash: genuine!.hash });
    expect(alerts).toEqual([
      expect.objectContaining({
        event: 'trigger',
        subject: 'Launchway: the audit chain of flights is broken at entry 2',
        dedupKey: 'audit-chain/flights/2',
      }),
    ]);
  });
});
