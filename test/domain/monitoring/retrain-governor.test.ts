import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decisionBesideRows,
  mayRetrain,
  type Retraining,
  type RetrainRequest,
} from '../../../domain/monitoring/retrain-governor.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 1, 1);
const time = (hours: number): string => new Date(T0 + hours * HOUR_MS).toISOString();

const lawful: RetrainRequest = {
  policy: { cooldownHours: 24, maxPerWeek: 2, monthlyBudgetUsd: 50 },
  reason: 'drift of origin since 2026-02-02',
  incident: 'flights/drift/1',
  newestLabelledAt: time(48),
  championLearntUntil: time(0),
  releaseOpen: false,
  approvalOpen: false,
  expectedCostUsd: 1,
  past: [],
  answered: new Set(),
};
const AT = new Date(T0 + 72 * HOUR_MS);

describe('a retraining', () => {
  it('starts on labelled rows newer than the champion knows, and carries its reason', () => {
    expect(mayRetrain(lawful, AT)).toEqual({ retrain: true, reason: lawful.reason });
  });

  it.each([
    ['release-open', { releaseOpen: true }],
    ['approval-open', { approvalOpen: true }],
    ['answered-before', { answered: new Set(['flights/drift/1']) }],
    ['no-labelled-rows', { newestLabelledAt: undefined }],
    ['no-newer-rows', { newestLabelledAt: time(0) }],
    ['cool-down', { past: [{ startedAt: time(40), endedAt: time(49), costUsd: 0 }] }],
    ['weekly-cap', { past: [time(1), time(2)].map((startedAt) => ({ startedAt, endedAt: startedAt, costUsd: 0 })) }],
    ['budget', { past: [{ startedAt: time(1), costUsd: 49.5 }] }],
  ] as const)('is refused by %s', (rule, change) => {
    expect(mayRetrain({ ...lawful, ...change }, AT)).toMatchObject({ retrain: false, rule });
  });

  it('would start on rows that are not there yet only where no other rule says no', () => {
    const without = { ...lawful, newestLabelledAt: undefined };
    expect(decisionBesideRows(lawful, AT)).toBeUndefined();
    expect(decisionBesideRows(without, AT)).toMatchObject({ retrain: true });
    expect(decisionBesideRows({ ...lawful, newestLabelledAt: time(0) }, AT)).toMatchObject({ retrain: true });
    expect(decisionBesideRows({ ...without, expectedCostUsd: 51 }, AT)).toMatchObject({ rule: 'budget' });
    expect(decisionBesideRows({ ...without, releaseOpen: true }, AT)).toMatchObject({ rule: 'release-open' });
  });

  it('spends nothing of last month', () => {
    const past = [{ startedAt: '2026-01-31T23:00:00.000Z', costUsd: 50 }];
    expect(mayRetrain({ ...lawful, past }, AT)).toMatchObject({ retrain: true });
  });
});

/** Alarms at any times, each asking; what is granted runs for some hours, costs something, and teaches up to then. */
function storm(alarms: readonly { hour: number; incident: number; labelled: number; hours: number; cost: number }[]) {
  const past: Retraining[] = [];
  const answered = new Set<string>();
  let learnt = time(0);
  const granted: { at: number; incident: string; labelled: string; learnt: string }[] = [];
  for (const { hour, incident, labelled, hours, cost } of [...alarms].sort((a, b) => a.hour - b.hour)) {
    const at = T0 + hour * HOUR_MS;
    const id = `flights/drift/${incident}`;
    const newestLabelledAt = labelled < 0 ? undefined : time(labelled);
    const open = past.some(({ endedAt }) => Date.parse(endedAt!) > at);
    const request = { ...lawful, incident: id, newestLabelledAt, championLearntUntil: learnt, past, answered };
    const decision = mayRetrain({ ...request, releaseOpen: open, expectedCostUsd: cost }, new Date(at));
    if (!decision.retrain) continue;
    granted.push({ at, incident: id, labelled: newestLabelledAt!, learnt });
    answered.add(id);
    past.push({ startedAt: time(hour), endedAt: time(hour + hours), costUsd: cost });
    learnt = newestLabelledAt!;
  }
  return { granted, past };
}

const alarm = fc.record({
  hour: fc.integer({ min: 0, max: 2_000 }),
  incident: fc.integer({ min: 0, max: 8 }),
  labelled: fc.integer({ min: -200, max: 2_000 }),
  hours: fc.integer({ min: 1, max: 60 }),
  cost: fc.integer({ min: 0, max: 20 }),
});

describe('whatever alarms come', () => {
  it('every rule holds over the whole history', () => {
    fc.assert(
      fc.property(fc.array(alarm, { maxLength: 80 }), (alarms) => {
        const { granted, past } = storm(alarms);
        expect(new Set(granted.map(({ incident }) => incident)).size).toBe(granted.length);
        for (const { labelled, learnt } of granted) expect(Date.parse(labelled)).toBeGreaterThan(Date.parse(learnt));
        for (let i = 1; i < past.length; i++) {
          const pause = Date.parse(past[i]!.startedAt) - Date.parse(past[i - 1]!.endedAt!);
          expect(pause).toBeGreaterThanOrEqual(24 * HOUR_MS);
        }
        for (const { at } of granted) {
          expect(
            granted.filter((other) => other.at > at - 7 * 24 * HOUR_MS && other.at <= at).length,
          ).toBeLessThanOrEqual(2);
        }
        for (const month of new Set(past.map(({ startedAt }) => startedAt.slice(0, 7)))) {
          const spent = past
            .filter(({ startedAt }) => startedAt.startsWith(month))
            .reduce((sum, { costUsd }) => sum + costUsd, 0);
          expect(spent).toBeLessThanOrEqual(50);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('ten thousand alarms of one incident start at most one release', () => {
    const alarms = Array.from({ length: 10_000 }, (_, i) => ({
      hour: i / 60,
      incident: 1,
      labelled: i,
      hours: 2,
      cost: 1,
    }));
    expect(storm(alarms).granted).toHaveLength(1);
  });
});
