import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { countedCalls, sameHours } from '../../domain/monitoring/same-hours.ts';
import { usageOf } from '../../domain/monitoring/usage.ts';
import { settlingRoom } from '../support/settle-window.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);

/** Calls of a day; weekends are a twentieth of other days. */
type Traffic = (day: number) => number;
const office: Traffic = (day) => (day < 0 ? 0 : day % 7 >= 5 ? 100 : 2_000);

let world: ReturnType<typeof settlingRoom>;
beforeEach(() => {
  world = settlingRoom();
});

async function check(day: number, traffic: Traffic, records = 0): Promise<{ row: WindowRow; told: boolean }> {
  const [from, to] = [START + day * DAY_MS, START + (day + 1) * DAY_MS];
  const window = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
  const counts = sameHours(window).map(({ start }) => ({
    ...{ calls: traffic((Date.parse(start) - START) / DAY_MS), errors4xx: 0, errors5xx: 0 },
  }));
  const usage = usageOf(countedCalls(counts), records);
  const row = { model: 'flights', version: 7, ...window, checkedAt: window.end, ...(usage && { usage }) } as WindowRow;
  return { row, told: await world.settle('usage', row) };
}

const incidents = () => world.incidents();

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

  it('says nothing of few calls, and of late metrics', async () => {
    expect((await check(30, (day) => (day === 30 ? 0 : 40))).row.usage).toEqual({ invocations: 0, dropped: false });
    expect((await check(30, (day) => (day === 30 ? 0 : 2_000), 12)).row.usage).toBeUndefined();
  });
});
