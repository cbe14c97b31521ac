import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { emptyTally } from '../../domain/capture/capture-layout.ts';
import type { IncidentRow, ProfileRow, WindowRow } from '../../domain/monitoring/rows.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';

let small: SmallCloud;
let table: DynamoDbTable;
let store: DynamoDbMonitoringStore;

beforeAll(async () => {
  small = await SmallCloud.start();
  const { ref } = await small.create('AWS::DynamoDB::Table', {
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(small.client), {
    marshallOptions: { removeUndefinedValues: true },
  });
  table = new DynamoDbTable(ref, () => new Date('2026-02-03T00:15:00Z'), client);
  store = new DynamoDbMonitoringStore(table);
});
afterAll(() => small.stop());

const audit = { type: 'Tested', actor: 'test', subject: 'version/7' };
const document = { bucket: 'artifacts', key: 'k', versionId: 'v1', sha256: 'f' };

const profile = (hour: string, revision: string): ProfileRow => ({
  ...{ model: 'flights', version: 7, hour, revision, document, files: 1, vanishedFiles: 0 },
  tally: emptyTally(),
  profiledAt: '2026-02-01T11:15:00.000Z',
});

const window = (day: number): WindowRow => ({
  ...{ model: 'flights', version: 7, verdict: 'Stable', why: 'quiet', rows: 500, warning: false },
  start: `2026-02-0${day}T00:00:00.000Z`,
  end: `2026-02-0${day + 1}T00:00:00.000Z`,
  countsFrom: `2026-02-0${day}T00:00:00.000Z`,
  drifted: [],
  moved: [],
  persistent: [],
  checkedAt: '2026-02-03T00:15:00.000Z',
});

const incident = (start: string): IncidentRow => ({
  ...{
    model: 'flights',
    version: 7,
    detector: 'drift',
    start,
    status: 'Open',
    windowStart: start,
    severity: 'mail',
    summary: 'origin moved',
    features: ['origin'],
    causes: [],
  },
  openedAt: '2026-02-03T00:15:00.000Z',
});

describe('the monitoring store', () => {
  it('keeps one profile per hour, replaced only by whoever saw the one before', async () => {
    const hour = '2026-02-01T23:00:00.000Z';
    expect(await store.saveProfile(profile(hour, 'a'), undefined)).toBe(true);
    expect(await store.saveProfile(profile(hour, 'b'), undefined)).toBe(false);
    expect(await store.saveProfile(profile(hour, 'c'), 'a')).toBe(true);
    await store.saveProfile(profile('2026-02-02T00:00:00.000Z', 'd'), undefined);
    await store.saveProfile(profile('2026-02-03T00:00:00.000Z', 'e'), undefined);

    const during = { start: '2026-02-01T00:00:00.000Z', end: '2026-02-03T00:00:00.000Z' };
    expect((await store.listProfiles('flights', 7, during)).map(({ revision }) => revision)).toEqual(['c', 'd']);
  });

  it('takes one check per window, and lists the newest in order', async () => {
    for (const day of [1, 2, 3]) expect(await store.saveWindow(window(day), audit)).toBe(true);
    expect(await store.saveWindow({ ...window(2), verdict: 'Drifted' }, audit)).toBe(false);

    expect((await store.lastWindows('flights', 7, 2)).map(({ start }) => start.slice(0, 10))).toEqual([
      '2026-02-02',
      '2026-02-03',
    ]);
    expect(await store.findWindow('flights', 7, window(2).start)).toMatchObject({ verdict: 'Stable' });
  });

  it('has one incident open at a time, however many are raised at once', async () => {
    const starts = Array.from({ length: 5 }, (_, i) => `2026-02-0${i + 1}T00:00:00.000Z`);
    const raised = await Promise.all(starts.map((start) => store.raiseIncident(incident(start), audit)));
    expect(raised.filter(Boolean)).toHaveLength(1);

    const open = (await store.openIncident('flights', 'drift'))!;
    expect(open.start).toBe(starts[raised.indexOf(true)]);
    await store.recordNotified(open, '2026-02-03T00:16:00.000Z', ['owner@example.com'], audit);
    await store.recordNotified(open, '2026-02-04T00:16:00.000Z', [], audit);
    expect(await store.openIncident('flights', 'drift')).toMatchObject({ notifiedAt: '2026-02-03T00:16:00.000Z' });

    await store.closeIncident(open, '2026-02-05T00:15:00.000Z', 'quiet', audit);
    await store.closeIncident(open, '2026-02-06T00:15:00.000Z', 'quiet', audit);
    expect(await store.openIncident('flights', 'drift')).toBeUndefined();
    expect(await store.raiseIncident(open, audit)).toBe(false);
    expect(await store.raiseIncident(incident('2026-03-01T00:00:00.000Z'), audit)).toBe(true);
  });

  it('owes other systems what it wrote, until they were told, of each model apart', async () => {
    const drifted = {
      ...window(1),
      model: 'ferries',
      verdict: 'Drifted',
      drifted: ['origin'],
      checkedAt: '2026-02-02T00:15:00.000Z',
    };
    const row = { ...incident('2026-02-01T00:00:00.000Z'), model: 'ferries' };
    expect(await store.saveWindow(drifted as WindowRow, audit)).toBe(true);
    expect(await store.saveWindow(drifted as WindowRow, audit)).toBe(false);
    await store.raiseIncident(row, audit);
    await store.raiseIncident({ ...row, model: 'ferries-2' }, audit);
    await store.closeIncident(row, '2026-02-05T00:15:00.000Z', 'quiet', audit);
    await store.closeIncident(row, '2026-02-06T00:15:00.000Z', 'quiet', audit);

    const owed = await store.listOwedEvents('ferries');
    expect(owed.map(({ since, event }) => [since, event.type])).toEqual([
      ['2026-02-02T00:15:00.000Z', 'Drift Found'],
      ['2026-02-03T00:15:00.000Z', 'Incident Opened'],
      ['2026-02-05T00:15:00.000Z', 'Incident Closed'],
    ]);
    for (const one of owed.slice(0, 2)) await store.forgetEvent(one);
    await store.forgetEvent(owed[0]!);
    expect(await store.listOwedEvents('ferries')).toEqual(owed.slice(2));
    const models = new Set((await store.listOwedEvents()).map(({ event }) => event.detail.model));
    expect([models.has('ferries'), models.has('ferries-2')]).toEqual([true, true]);
  });

  it('records once when a window was taken to its incidents', async () => {
    await store.saveWindow({ ...window(1), model: 'trams' }, audit);
    for (const at of ['2026-02-02T00:16:00.000Z', '2026-02-02T00:17:00.000Z'])
      await store.recordSettled({ ...window(1), model: 'trams' }, at);
    expect(await store.findWindow('trams', 7, window(1).start)).toMatchObject({
      settledAt: '2026-02-02T00:16:00.000Z',
    });
  });

  it('lets one of many tell, and another after it failed or died', async () => {
    const row = { ...incident('2026-02-03T00:00:00.000Z'), model: 'buses' };
    await store.raiseIncident(row, audit);
    const [at, before] = ['2026-02-03T09:00:00.000Z', '2026-02-03T08:45:00.000Z'];
    const claims = await Promise.all(Array.from({ length: 5 }, () => store.claimTelling(row, at, before)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await store.releaseTelling(row, at);
    expect(await store.claimTelling(row, at, before)).toBe(true);
    expect(await store.claimTelling(row, '2026-02-03T09:20:00.000Z', '2026-02-03T09:05:00.000Z')).toBe(true);
    await store.recordNotified(row, at, [], audit);
    expect(await store.claimTelling(row, '2026-02-04T09:00:00.000Z', '2026-02-04T08:45:00.000Z')).toBe(false);
  });

  it('keeps answers: acknowledged once, expected until then', async () => {
    const answer = { by: 'reader', at: '2026-02-03T09:00:00.000Z', note: 'winter' };
    const row = { ...incident('2026-02-03T00:00:00.000Z'), model: 'trains' };
    expect(await store.raiseIncident(row, audit)).toBe(true);
    expect(await store.acknowledgeIncident(row, answer, audit)).toBe(true);
    expect(await store.acknowledgeIncident(row, answer, audit)).toBe(false);
    expect(await store.detectorState('trains', 'drift')).toMatchObject({ open: { acknowledged: answer } });

    const until = '2026-03-01T00:00:00.000Z';
    expect(await store.expectIncident(row, { ...answer, until }, audit)).toBe(true);
    expect(await store.expectIncident(row, { ...answer, until }, audit)).toBe(false);
    expect(await store.detectorState('trains', 'drift')).toEqual({
      expected: { features: ['origin'], until, by: 'reader' },
    });
    expect(await store.listIncidents('trains')).toMatchObject([{ status: 'Closed', expected: { until } }]);
    expect(await store.findIncident('trains', 'drift', row.start)).toMatchObject({ closedBecause: expect.any(String) });
  });
});

it('keeps a window whose inputs moved so far that DynamoDB has no number for its p-values', async () => {
  const moved = [1e-131, 5e-324, -1e-200, 1e-130, 0, -0.25].map((qValue) => ({ name: 'origin', qValue }));
  const far = { ...window(9), version: 9, verdict: 'Drifted', moved } as unknown as WindowRow;
  await store.saveWindow(far, audit);
  const [kept] = await store.lastWindows('flights', 9, 1);
  expect(kept!.moved.map(({ qValue }) => qValue)).toEqual([1e-130, 1e-130, -1e-130, 1e-130, 0, -0.25]);
});
