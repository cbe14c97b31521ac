import { beforeEach, describe, expect, it } from '@jest/globals';
import type { HostedResource } from '../../domain/deployment/orphans.ts';
import { reportLeftovers } from '../../lambdas/report-leftovers/report-leftovers.ts';
import { CONFIG, modelRow } from '../support/approval-fixtures.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryMetricRecorder } from '../support/in-memory-monitoring-store.ts';

const BUCKET = 'intake';
const OPERATORS = CONFIG.mail.operators;
const DATA = 'models/flight-delays/data/new.csv';

let clock: FixedClock;
let objects: InMemoryObjectStore;
let lineage: InMemoryLineageStore;
let mailer: InMemoryMailer;
let metrics: InMemoryMetricRecorder;
let hosted: HostedResource[];
let claimed: Set<string>;

beforeEach(() => {
  // A Tuesday.
  clock = new FixedClock('2030-01-01T04:30:00.000Z');
  objects = new InMemoryObjectStore(clock.now);
  lineage = new InMemoryLineageStore(clock.now);
  lineage.models.set('flight-delays', modelRow());
  mailer = new InMemoryMailer();
  metrics = new InMemoryMetricRecorder();
  hosted = [];
  claimed = new Set();
});

const upload = (key: string) => objects.put({ bucket: BUCKET, key }, 'a', 'text/csv');
const claim = (model: string, key: string, versionId: string) =>
  lineage.claims.set(`${model}#${key}#${versionId}`, { model, key, versionId, became: { kind: 'queued' } });
const passTo = (at: string) => clock.advance(Date.parse(at) - clock.now().getTime());
const look = (at: string) => {
  passTo(at);
  return reportLeftovers({
    objects,
    ledger: lineage,
    lineage,
    inventory: { list: async () => hosted },
    reports: { claim: async (date) => !claimed.has(date) && claimed.add(date).has(date) },
    metrics,
    mailer,
    config: CONFIG,
    intakeBucket: BUCKET,
    now: clock.now,
  })({});
};
const counted = (name: 'UploadsNotAdmitted' | 'HostingUnused') =>
  metrics.recorded.flatMap(({ values }) => values[name] ?? []);
const unused = (kind: HostedResource['kind'], name: string): HostedResource => ({
  ...{ kind, name, createdAt: '2029-11-01T00:00:00.000Z', uses: [] },
  tags: { 'launchway:model': 'gone' },
});

describe('uploads that were never announced', () => {
  it('are counted once they should have been taken, for three days, and change nothing', async () => {
    await upload(DATA);
    expect(await look('2030-01-01T05:29:00.000Z')).toEqual({ missed: 0 });
    expect(await look('2030-01-01T05:30:00.000Z')).toEqual({ missed: 1 });
    expect(await look('2030-01-04T04:30:00.000Z')).toEqual({ missed: 1 });
    expect(await look('2030-01-04T04:31:00.000Z')).toEqual({ missed: 0 });
    expect(counted('UploadsNotAdmitted')).toEqual([0, 1, 1, 0]);
    expect(lineage.releases.size).toBe(0);
    expect(mailer.sent).toEqual([]);
  });

  it('are those whose newest version nobody claimed, a refusal of whatever name included', async () => {
    const { versionId: first } = await upload(DATA);
    claim('flight-delays', DATA, first!);
    const wrong = 'models/Flight Delays/train.csv';
    claim('unknown', wrong, (await upload(wrong)).versionId!);
    expect(await look('2030-01-01T07:00:00.000Z')).toEqual({ missed: 0 });
    passTo('2030-01-01T07:00:00.000Z');
    await upload(DATA);
    expect(await look('2030-01-01T09:00:00.000Z')).toEqual({ missed: 1 });
  });

  it('are not what waits for another file, nor requests, nor objects that are no uploads', async () => {
    for (const key of ['data/part-1.csv', 'data/test.csv', 'requests/back.json'])
      await upload(`models/flight-delays/${key}`);
    await upload('images/operations/abc.zip');
    expect(await look('2030-01-01T09:00:00.000Z')).toEqual({ missed: 0 });
  });

  it('are told to operators at six, once however often the schedule fires, and again the next day', async () => {
    await upload(DATA);
    await look('2030-01-01T06:02:00.000Z');
    await look('2030-01-01T06:40:00.000Z');
    expect(mailer.sent).toMatchObject([
      { to: [OPERATORS], subject: 'left over: 1 upload', text: expect.stringContaining(DATA) },
    ]);
    await look('2030-01-02T06:02:00.000Z');
    expect(mailer.sent).toHaveLength(2);
  });
});

describe('hosting that nobody uses', () => {
  it('is counted once a day, and told on Mondays: it costs nothing', async () => {
    hosted = [unused('model', 'launchway-local-gone-v1')];
    expect(await look('2030-01-01T05:02:00.000Z')).toEqual({ missed: 0 });
    expect(await look('2030-01-01T06:02:00.000Z')).toEqual({ missed: 0, orphans: 1 });
    expect(counted('HostingUnused')).toEqual([1]);
    expect(mailer.sent).toEqual([]);
    await look('2030-01-07T06:02:00.000Z');
    expect(mailer.sent).toMatchObject([
      { subject: 'left over: 1 unused resource', text: expect.stringContaining('launchway-local-gone-v1') },
    ]);
    hosted = [];
    await look('2030-01-14T06:02:00.000Z');
    expect(mailer.sent).toHaveLength(1);
  });

  it('is told every day where an endpoint is among it: that is paid for', async () => {
    hosted = [unused('endpoint', 'launchway-local-gone'), unused('model', 'launchway-local-gone-v1')];
    await look('2030-01-02T06:02:00.000Z');
    expect(mailer.sent).toMatchObject([{ subject: 'left over: 2 unused resources' }]);
  });
});
