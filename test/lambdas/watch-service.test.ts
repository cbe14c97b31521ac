import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { CloudWatchServiceMeter } from '../../adapters/cloudwatch-service-meter.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { countedCalls, sameHours } from '../../domain/monitoring/same-hours.ts';
import { type ServiceCounts, serviceRow } from '../../domain/monitoring/service.ts';
import { settlingRoom } from '../support/settle-window.ts';

const DAY_MS = 86_400_000;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);

type Served = (day: number) => ServiceCounts;
const usual: ServiceCounts = { calls: 2_000, errors4xx: 20, errors5xx: 2, p50Ms: 8, p99Ms: 60 };
/** What is usual, but on these days. */
const but =
  (other: Partial<ServiceCounts>, ...days: number[]): Served =>
  (day) =>
    days.includes(day) ? { ...usual, ...other } : usual;

let world: ReturnType<typeof settlingRoom>;
let windows: WindowRow[];
beforeEach(() => {
  world = settlingRoom();
  windows = [];
});

async function check(day: number, served: Served): Promise<WindowRow & { readonly told: boolean }> {
  const [from, to] = [START + day * DAY_MS, START + (day + 1) * DAY_MS];
  const window = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
  const counts = sameHours(window).map(({ start }) => served((Date.parse(start) - START) / DAY_MS));
  const service = serviceRow(countedCalls(counts), windows, { windows: 2, of: 3 });
  const row = {
    model: 'flights',
    version: 7,
    ...window,
    checkedAt: window.end,
    ...(service && { service }),
  } as WindowRow;
  windows.push(row);
  return { ...row, told: await world.settle('service', row) };
}

const incidents = () => world.incidents();
const days = async (from: number, to: number, served: Served) => {
  for (let day = from; day <= to; day++) await check(day, served);
};

describe('errors and latency', () => {
  it('are quiet through weeks that vary, and through one bad day', async () => {
    const vary: Served = (day) => ({
      calls: 2_000 + 500 * (day % 3),
      errors4xx: 20 + 10 * (day % 4),
      errors5xx: day % 5,
      p50Ms: 8 + (day % 6),
      p99Ms: day === 40 ? 900 : 60 + 10 * (day % 7),
    });
    await days(0, 60, vary);
    expect(incidents()).toEqual([]);
  });

  it('that are worse for two days open one incident with now and usual, and close it with the next usual day', async () => {
    const slow = but({ p50Ms: 40, p99Ms: 300 }, 30, 31, 32);
    expect((await check(30, slow)).told).toBe(false);
    expect((await check(31, slow)).told).toBe(true);
    await days(32, 32, slow);
    expect(incidents()).toMatchObject([
      { detector: 'service', status: 'Open', severity: 'mail', features: ['latency-p50', 'latency-p99'] },
    ]);
    expect(incidents()[0]!.evidence![1]).toMatchObject({
      rows: [
        ['Failed calls (5XX)', '0.10 %', '0.10 %'],
        ['Refused calls (4XX)', '1.00 %', '1.00 %'],
        ['Model latency, half of calls within', '40 ms', '8 ms'],
        ['Model latency, 99 % of calls within', '300 ms', '60 ms'],
      ],
    });
    await days(33, 33, slow);
    expect(incidents()).toMatchObject([{ status: 'Closed', closedBecause: 'as in the weeks before since 2026-02-07' }]);
  });

  it('are worse from 1.6 times the usual latency on, and p99 is told of 500 calls', async () => {
    const calls =
      (count: number, p99Ms: number): Served =>
      (day) => ({ ...usual, calls: count, p99Ms: day === 30 ? p99Ms : 250 });
    expect((await check(30, calls(500, 400))).service!.worse).toEqual(['latency-p99']);
    expect((await check(30, calls(500, 399))).service!.worse).toEqual([]);
    expect((await check(30, calls(499, 4_000))).service!.worse).toEqual([]);
  });

  it('page where a busy model fails a tenth of its calls', async () => {
    await days(30, 31, but({ errors5xx: 200 }, 30, 31));
    expect(incidents()).toMatchObject([{ severity: 'page', features: ['errors-5xx'] }]);
  });

  it('of few calls say nothing, and end nothing', async () => {
    const quiet: Served = (day) =>
      day >= 30 ? { calls: 15, errors4xx: 9, errors5xx: 6, p50Ms: 900, p99Ms: 5_000 } : { ...usual, calls: 90 };
    await days(30, 32, quiet);
    expect(incidents()).toEqual([]);
    windows = [];
    const failed = but({ errors5xx: 200 }, 30, 31);
    await days(30, 31, failed);
    await days(32, 32, (day) => (day === 32 ? { ...usual, calls: 10 } : failed(day)));
    expect(incidents()).toMatchObject([{ status: 'Open' }]);
  });

  it('are held against the days before until two weeks were served, and against nothing on the first', async () => {
    const none: ServiceCounts = { calls: 0, errors4xx: 0, errors5xx: 0 };
    const began: Served = (day) => (day < 0 ? none : day >= 5 ? { ...usual, p99Ms: 400 } : usual);
    expect((await check(0, began)).service).toMatchObject({ usual: {}, worse: [] });
    expect((await check(5, began)).service).toMatchObject({ usual: { 'latency-p99': 60 }, worse: ['latency-p99'] });
    expect((await check(-1, began)).service).toBeUndefined();
  });

  it('are a little worse without being told: a callers’ mistake here and there, milliseconds', async () => {
    await days(30, 32, but({ errors5xx: 9, errors4xx: 70, p50Ms: 20, p99Ms: 150 }, 30, 31, 32));
    expect(incidents()).toEqual([]);
  });
});

describe('SageMaker’s metrics', () => {
  const HOUR_MS = 3_600_000;
  const hoursFrom = (start: number, hours: number) => ({
    start: new Date(start).toISOString(),
    end: new Date(start + hours * HOUR_MS).toISOString(),
  });
  const MARCH = Date.UTC(2026, 2, 1);

  /** @param pages of results: by metric, [when, value] */
  const measure = async (
    during: readonly { start: string; end: string }[],
    ...pages: Record<string, [number, number][]>[]
  ) => {
    const cloud = mockClient(CloudWatchClient);
    let page = cloud.on(GetMetricDataCommand);
    pages.forEach((values, i) => {
      const MetricDataResults = Object.entries(values).map(([Id, points]) => ({
        Id,
        Timestamps: points.map(([at]) => new Date(at)),
        Values: points.map(([, value]) => value),
      }));
      page = page.resolvesOnce({ MetricDataResults, ...(i < pages.length - 1 && { NextToken: 'more' }) });
    });
    const counts = await new CloudWatchServiceMeter().measure('e', 'live', during);
    return { counts, asked: cloud.commandCalls(GetMetricDataCommand).map(({ args }) => args[0].input) };
  };

  it('are counts of calls, and microseconds in milliseconds, over all pages', async () => {
    const at = MARCH;
    const { counts, asked } = await measure(
      [hoursFrom(MARCH, 24)],
      { calls: [[at, 100]], errors4xx: [[at, 3]] },
      {
        calls: [[at + HOUR_MS, 50]],
        errors5xx: [
          [at, 1],
          [at + HOUR_MS, 1],
        ],
        p50: [[at, 8_000]],
        p99: [[at, 61_500]],
      },
    );
    expect(counts).toEqual([{ calls: 150, errors4xx: 3, errors5xx: 2, p50Ms: 8, p99Ms: 61.5 }]);
    expect(
      asked[0]!.MetricDataQueries!.map(({ MetricStat }) => [
        MetricStat!.Metric!.MetricName,
        MetricStat!.Stat,
        MetricStat!.Period,
      ]),
    ).toEqual([
      ['Invocations', 'Sum', 86_400],
      ['Invocation4XXErrors', 'Sum', 86_400],
      ['Invocation5XXErrors', 'Sum', 86_400],
      ['ModelLatency', 'p50', 86_400],
      ['ModelLatency', 'p99', 86_400],
    ]);
  });

  it('of a window and of the same hours before are one call, and each point is of the windows that it lies in', async () => {
    const during = sameHours(hoursFrom(MARCH, 24));
    const daily = Array.from({ length: 29 }, (_, back): [number, number] => [MARCH - back * DAY_MS, 1_000 + back]);
    const { counts, asked } = await measure(during, { calls: daily });
    expect(asked).toHaveLength(1);
    expect([asked[0]!.StartTime, asked[0]!.EndTime]).toEqual([new Date(MARCH - 28 * DAY_MS), new Date(MARCH + DAY_MS)]);
    const { now, weeks, days } = countedCalls(counts);
    expect([now, ...weeks].map(({ calls }) => calls)).toEqual([1_000, 1_007, 1_014, 1_021, 1_028]);
    expect(days.map(({ calls }) => calls)).toEqual([1_001, 1_002, 1_003, 1_004, 1_005, 1_006, 1_007]);
    expect(now).toEqual({ calls: 1_000, errors4xx: 0, errors5xx: 0 });
  });

  it('are nothing where nothing was called, in periods that lie as CloudWatch lays them', async () => {
    expect((await measure([hoursFrom(MARCH, 6)], {})).counts).toEqual([{ calls: 0, errors4xx: 0, errors5xx: 0 }]);
    for (const [hours, period] of [
      [6, 21_600],
      [5, 3_600],
      [48, 86_400],
    ] as const) {
      const { asked } = await measure([hoursFrom(MARCH, hours)], {});
      expect(asked[0]!.MetricDataQueries![0]!.MetricStat!.Period).toBe(period);
    }
  });
});
