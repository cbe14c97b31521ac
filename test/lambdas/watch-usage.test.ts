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

const RULE = { windows: 2, of: 3 };
let world: ReturnType<typeof settlingRoom>;
let windows: WindowRow[];
beforeEach(() => {
  world = settlingRoom();
  windows = [];
});

async function check(day: number, traffic: Traffic, records = 0): Promise<{ row: WindowRow; told: boolean }> {
  const [from, to] = [START + day * DAY_MS, START + (day + 1) * DAY_MS];
  const window = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
  const counts = sameHours(window).map(({ start }) => ({
    ...{ calls: traffic((Date.parse(start) - START) / DAY_MS), errors4xx: 0, errors5xx: 0 },
  }));
  const usage = usageOf(countedCalls(counts), records, windows, RULE);
  const row = { model: 'flights', version: 7, ...window, checkedAt: window.end, ...(usage && { usage }) } as WindowRow;
  windows.push(row);
  return { row, told: await world.settle('usage', row) };
}

const incidents = () => world.incidents();

describe('usage', () => {
  it('is quiet from the first day through a season of weekends, and with noise', async () => {
    for (let day = 0; day < 70; day++) await check(day, (of) => Math.round(office(of) * (1 + 0.3 * Math.sin(of * 37))));
    expect(incidents()).toEqual([]);
  });

  it('that is low on two working days opens an incident by mail, and closes with the next usual day', async () => {
    const outage: Traffic = (day) => (day === 30 || day === 31 ? 1_199 : office(day));
    expect(await check(30, outage)).toMatchObject({ told: false, row: { usage: { low: true, dropped: false } } });
    expect(await check(31, outage)).toMatchObject({ told: true, row: { usage: { usual: 2_000, dropped: true } } });
    expect(incidents()).toMatchObject([
      { detector: 'usage', severity: 'mail', summary: '1,199 calls where about 2,000 are usual', status: 'Open' },
    ]);
    await check(32, outage);
    expect(incidents()).toMatchObject([{ status: 'Closed', closedBecause: 'as many calls as usual since 2026-02-06' }]);
  });

  it('of a holiday is not told, nor of the quiet day after it', async () => {
    const holidays: Traffic = (day) => (day === 30 || day === 37 ? 100 : day === 31 ? 1_200 : office(day));
    for (let day = 28; day < 40; day++) expect((await check(day, holidays)).told).toBe(false);
  });

  it('that ends altogether is told at once, and a row of before counts as low where it was told', async () => {
    const ended: Traffic = (day) => (day >= 30 ? 19 : office(day));
    expect((await check(30, ended)).told).toBe(true);
    windows = [{ usage: { invocations: 900, usual: 2_000, dropped: true } } as WindowRow];
    expect((await check(31, (day) => (day === 31 ? 1_000 : office(day)))).row.usage).toMatchObject({ dropped: true });
  });

  it('stays open while it wavers at what is low', async () => {
    const wavering: Traffic = (day) => (day === 30 || day === 31 ? 900 : day === 36 ? 1_100 : office(day));
    for (const day of [30, 31]) await check(day, wavering);
    windows = [];
    await check(36, wavering);
    expect(incidents()).toMatchObject([{ status: 'Open' }]);
  });

  it('that ends on a Saturday is seen on that Saturday, and one holiday before says little', async () => {
    const ended: Traffic = (day) => (day >= 33 ? 0 : day === 26 ? 0 : office(day));
    expect((await check(33, ended)).row.usage).toMatchObject({ usual: 100, dropped: true });
    const holiday: Traffic = (day) => (day === 23 ? 40 : office(day));
    expect((await check(30, holiday)).row.usage).toMatchObject({ usual: 2_000, low: false });
  });

  it('of the second week is held against the first, whose weekend is the least', async () => {
    expect((await check(9, (day) => (day === 9 ? 40 : office(day)))).row.usage).toMatchObject({
      usual: 100,
      low: true,
    });
    expect((await check(5, (day) => (day === 5 ? 0 : office(day)))).row.usage).toEqual({
      invocations: 0,
      low: false,
      dropped: false,
    });
  });

  it('says nothing of few calls, and of late metrics', async () => {
    expect((await check(30, (day) => (day === 30 ? 0 : 40))).row.usage).toEqual({
      invocations: 0,
      low: false,
      dropped: false,
    });
    expect((await check(30, (day) => (day === 30 ? 0 : 2_000), 12)).row.usage).toBeUndefined();
  });
});
