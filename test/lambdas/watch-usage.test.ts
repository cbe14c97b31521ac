import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelRow } from '../../domain/model.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { measureUsage, settleUsage } from '../../lambdas/check-drift/watch-usage.ts';
import { FixedClock } from '../support/in-memory.ts';
import {
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMonitoringStore,
} from '../support/in-memory-monitoring-store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);
const model = { model: 'flights', champion: { version: 7, endpointName: 'e' } } as ModelRow;

/** Calls of a day; weekends are a twentieth of other days. */
type Traffic = (day: number) => number;
const office: Traffic = (day) => (day < 0 ? 0 : day % 7 >= 5 ? 100 : 2_000);

let monitoring: InMemoryMonitoringStore;
beforeEach(() => {
  monitoring = new InMemoryMonitoringStore();
});

async function check(day: number, traffic: Traffic, records = 0): Promise<{ row: WindowRow; told: boolean }> {
  const [from, to] = [START + day * DAY_MS, START + (day + 1) * DAY_MS];
  const window = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
  const count = async (_endpoint: string, _variant: string, { start }: { start: string }) =>
    traffic((Date.parse(start) - START) / DAY_MS);
  const usage = await measureUsage({ count }, model, 7, window, records);
  const row = { model: 'flights', version: 7, ...window, checkedAt: window.end, ...(usage && { usage }) } as WindowRow;
  const dependencies = {
    monitoring,
    publisher: new InMemoryAlertPublisher(),
    events: new InMemoryEventPublisher(),
    fleet: new InMemoryFleetStore(monitoring),
    now: new FixedClock(window.end).now,
  };
  return { row, told: await settleUsage(dependencies, row, 'launchway:check-drift') };
}

const incidents = () => [...monitoring.incidents.values()];

describe('usage', () => {
  it('is quiet from the first day through a season of weekends, and with noise', async () => {
    for (let day = 0; day < 70; day++) await check(day, (of) => Math.round(office(of) * (1 + 0.3 * Math.sin(of * 37))));
    expect(incidents()).toEqual([]);
  });

  it('that drops on a working day opens an incident by mail, and closes with the next usual day', async () => {
    const outage: Traffic = (day) => (day === 30 ? 900 : office(day));
    expect(await check(30, outage)).toMatchObject({ told: true, row: { usage: { usual: 2_000, dropped: true } } });
    expect(incidents()).toMatchObject([
      { detector: 'usage', severity: 'mail', summary: '900 calls where about 2,000 are usual', status: 'Open' },
    ]);
    await check(31, outage);
    expect(incidents()).toMatchObject([{ status: 'Closed', closedBecause: 'as many calls as usual since 2026-02-05' }]);
  });

  it('that ends on a Saturday is seen on that Saturday, and one holiday before says little', async () => {
    const ended: Traffic = (day) => (day >= 33 ? 0 : day === 26 ? 0 : office(day));
    expect((await check(33, ended)).row.usage).toMatchObject({ usual: 100, dropped: true });
    const holiday: Traffic = (day) => (day === 23 ? 40 : office(day));
    expect((await check(30, holiday)).row.usage).toMatchObject({ usual: 2_000, dropped: false });
  });

  it('of the second week is held against the first, whose weekend is the least', async () => {
    expect((await check(9, (day) => (day === 9 ? 40 : office(day)))).row.usage).toMatchObject({
      usual: 100,
      dropped: true,
    });
    expect((await check(5, (day) => (day === 5 ? 0 : office(day)))).row.usage).toEqual({
      invocations: 0,
      dropped: false,
    });
  });

  it('says nothing of few calls, of late metrics, and of a version that does not serve', async () => {
    expect((await check(30, (day) => (day === 30 ? 0 : 40))).row.usage).toEqual({ invocations: 0, dropped: false });
    expect((await check(30, (day) => (day === 30 ? 0 : 2_000), 12)).row.usage).toBeUndefined();
    const count = async () => 0;
    const window = { start: '2026-02-01T00:00:00.000Z', end: '2026-02-02T00:00:00.000Z' };
    expect(await measureUsage({ count }, model, 6, window, 0)).toBeUndefined();
  });
});
