import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { CloudWatchServiceMeter } from '../../adapters/cloudwatch-service-meter.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import { type ServiceCounts, serviceRow } from '../../domain/monitoring/service.ts';
import { measureService, settleService } from '../../lambdas/check-drift/watch-service.ts';
import { FixedClock } from '../support/in-memory.ts';
import {
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMonitoringStore,
} from '../support/in-memory-monitoring-store.ts';

const DAY_MS = 86_400_000;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);
const model = { model: 'flights', champion: { version: 7, endpointName: 'e' } } as ModelRow;

type Served = (day: number) => ServiceCounts;
const usual: ServiceCounts = { calls: 2_000, errors4xx: 20, errors5xx: 2, p50Ms: 8, p99Ms: 60 };
/** What is usual, but on these days. */
const but =
  (other: Partial<ServiceCounts>, ...days: number[]): Served =>
  (day) =>
    days.includes(day) ? { ...usual, ...other } : usual;

let monitoring: InMemoryMonitoringStore;
let windows: WindowRow[];
beforeEach(() => {
  monitoring = new InMemoryMonitoringStore();
  windows = [];
});

async function check(day: number, served: Served): Promise<WindowRow & { readonly told: boolean }> {
  const [from, to] = [START + day * DAY_MS, START + (day + 1) * DAY_MS];
  const window = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
  const measure = async (_endpoint: string, _variant: string, { start }: { start: string }) =>
    served((Date.parse(start) - START) / DAY_MS);
  const measured = await measureService({ measure }, model, 7, window);
  const service = measured && serviceRow(measured.now, measured.usual, windows, { windows: 2, of: 3 });
  const row = {
    model: 'flights',
    version: 7,
    ...window,
    checkedAt: window.end,
    ...(service && { service }),
  } as WindowRow;
  windows.push(row);
  const dependencies = {
    monitoring,
    publisher: new InMemoryAlertPublisher(),
    events: new InMemoryEventPublisher(),
    fleet: new InMemoryFleetStore(monitoring),
    now: new FixedClock(window.end).now,
  };
  return { ...row, told: await settleService(dependencies, row, 'launchway:check-drift') };
}

const incidents = () => [...monitoring.incidents.values()];
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
  const measure = async (hours: number, values: Record<string, number[]>) => {
    const results = Object.entries(values).map(([Id, Values]) => ({ Id, Values }));
    const cloud = mockClient(CloudWatchClient)
      .on(GetMetricDataCommand)
      .resolvesOnce({ MetricDataResults: results.slice(0, 2), NextToken: 'more' })
      .resolves({ MetricDataResults: results.slice(2) });
    const during = { start: '2026-02-01T00:00:00.000Z', end: new Date(Date.UTC(2026, 1, 1, hours)).toISOString() };
    const counts = await new CloudWatchServiceMeter().measure('e', 'live', during);
    return { counts, asked: cloud.commandCalls(GetMetricDataCommand)[0]!.args[0].input.MetricDataQueries! };
  };

  it('are counts of calls, and microseconds in milliseconds, over all pages', async () => {
    const values = { calls: [100, 50], errors4xx: [3], errors5xx: [1, 1], p50: [8_000], p99: [61_500] };
    const { counts, asked } = await measure(24, values);
    expect(counts).toEqual({ calls: 150, errors4xx: 3, errors5xx: 2, p50Ms: 8, p99Ms: 61.5 });
    expect(
      asked.map(({ MetricStat }) => [MetricStat!.Metric!.MetricName, MetricStat!.Stat, MetricStat!.Period]),
    ).toEqual([
      ['Invocations', 'Sum', 86_400],
      ['Invocation4XXErrors', 'Sum', 86_400],
      ['Invocation5XXErrors', 'Sum', 86_400],
      ['ModelLatency', 'p50', 86_400],
      ['ModelLatency', 'p99', 86_400],
    ]);
  });

  it('are nothing where nothing was called, in periods that lie as CloudWatch lays them', async () => {
    expect((await measure(6, {})).counts).toEqual({ calls: 0, errors4xx: 0, errors5xx: 0 });
    for (const [hours, period] of [
      [6, 21_600],
      [5, 3_600],
      [48, 86_400],
    ] as const)
      expect((await measure(hours, {})).asked[0]!.MetricStat!.Period).toBe(period);
  });
});
