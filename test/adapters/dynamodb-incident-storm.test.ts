import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDbFleetStore } from '../../adapters/dynamodb-fleet-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbServedModels, SERVED } from '../../adapters/dynamodb-served-models.ts';
import { DynamoDbTable, keys } from '../../adapters/dynamodb-table.ts';
import type { RollbackRow } from '../../domain/deployment/rollback.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Finding } from '../../domain/monitoring/rows.ts';
import { governRetraining } from '../../lambdas/govern-retraining/govern-retraining.ts';
import { raiseAlert } from '../../lambdas/raise-alert/raise-alert.ts';
import { closeIncident, settleFinding } from '../../lambdas/shared/settle-finding.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';
import { InMemoryMailer, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryLinkSigner } from '../support/in-memory-approvals.ts';
import { InMemoryAlertPublisher, InMemoryEventPublisher } from '../support/in-memory-monitoring-store.ts';

const NOW = new Date('2026-02-03T00:20:00.000Z');
const audit = { type: 'Tested', actor: 'test', subject: 'version/7' };
let small: SmallCloud;
let table: DynamoDbTable;

beforeAll(async () => {
  small = await SmallCloud.start();
  const { ref } = await small.create('AWS::DynamoDB::Table', {
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['pk', 'sk', 'lookup'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byLookup',
        KeySchema: [
          { AttributeName: 'lookup', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(small.client), {
    marshallOptions: { removeUndefinedValues: true },
  });
  table = new DynamoDbTable(ref, () => NOW, client);
});
afterAll(() => small.stop());

const put = (Item: Record<string, unknown>) => table.client.send(new PutCommand({ TableName: table.name, Item }));

const POLICY = { schedule: 'none', cooldownHours: 1, maxPerWeek: 50, monthlyBudgetUsd: 1_000 };
const definition = {
  monitoring: { onDrift: 'retrain', retrain: POLICY },
  training: { maxRuntimeMinutes: 60 },
} as unknown as ModelDefinition;

/** A model that serves version 7, with a newer dataset that waits. */
async function serving(model: string): Promise<void> {
  const dataset = { bucket: 'intake', key: `models/${model}/data/new.csv`, versionId: 'v1' };
  const row = {
    ...{ model, team: 'operations', tier: 'standard', owner: 'owner@example.com', releases: 7, versions: 7 },
    definition: { bucket: 'approved', key: 'model.yaml', sha256: 'd' },
    champion: { version: 7, endpointName: 'e', endpointConfigName: 'c7', since: '2026-01-01T00:00:00.000Z' },
    ...{ startOn: 'schedule', lookup: SERVED },
    queued: { dataset, submitter: { principal: 'p' }, sequencer: '1', uploadedAt: '2026-02-02T00:00:00.000Z' },
  } as unknown as ModelRow;
  await put({ ...keys.model(model), ...row });
  await put({ ...keys.version(model, 7), model, version: 7, release: 7, training: {}, status: 'Deployed' });
  await put({ ...keys.claim(model, dataset.key, 'v1'), model, became: { kind: 'queued' } });
}

function operating() {
  const mailer = new InMemoryMailer();
  const publisher = new InMemoryAlertPublisher();
  const events = new InMemoryEventPublisher();
  const started: string[] = [];
  const ledger = new DynamoDbReleaseLedger(table);
  const dependencies = {
    ...{ ledger, lineage: ledger, mailer, publisher, events, links: new InMemoryLinkSigner(), now: () => NOW },
    monitoring: new DynamoDbMonitoringStore(table),
    fleet: new DynamoDbFleetStore(table),
    served: new DynamoDbServedModels(table),
    rollbacks: new DynamoDbRollbackStore(table),
    objects: new InMemoryObjectStore(),
    images: { pin: async () => 'image@sha256:aa' },
    executions: { start: async (name: string) => void started.push(name) },
    readDefinition: async () => definition,
    apiUrl: 'https://pages.example.com',
    config: { mail: { from: 'launchway@example.com', operators: 'operators@example.com' } },
  };
  const raise = raiseAlert(dependencies);
  const govern = governRetraining(dependencies);
  const finding = (model: string, start: string): Finding => ({
    ...{ model, version: 7, detector: 'drift', start, windowStart: start, severity: 'page', summary: 'origin moved' },
    ...{ features: ['origin'], causes: [] },
  });
  return {
    ...dependencies,
    started,
    /** One alarm, all the way: an incident, people, a retraining. */
    async alarm(model: string, start: string): Promise<void> {
      await settleFinding(dependencies, finding(model, start), 'test');
      await raise({ model });
      await govern({ model });
    },
  };
}

const inTurns = async (alarms: readonly (() => Promise<void>)[], atOnce: number): Promise<void> => {
  const left = [...alarms];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = left.shift(); next; next = left.shift()) await next();
    }),
  );
};

describe('a storm of alarms over the real table', () => {
  it('is one incident, one mail, one page and one release', async () => {
    await serving('flights');
    const room = operating();
    const alarms = Array.from({ length: 100 }, (_, i) => () => {
      return room.alarm('flights', new Date(Date.UTC(2026, 1, 2, 0, i % 60)).toISOString());
    });
    await inTurns(alarms, 40);

    expect(await room.monitoring.listIncidents('flights')).toHaveLength(1);
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.publisher.published).toMatchObject([{ event: 'trigger' }]);
    expect(room.started).toHaveLength(1);
    const releases = await room.ledger.listReleases('flights');
    expect(releases.map(({ retraining }) => retraining?.kind)).toEqual(['incident']);
    expect(await room.monitoring.listRetrainDecisions('flights')).toMatchObject([{ decision: 'started', release: 8 }]);
  }, 60_000);

  it('in many models at once is one fleet incident and one mail, and is over with the last', async () => {
    const models = Array.from({ length: 8 }, (_, i) => `line-${i}`);
    for (const model of models) await serving(model);
    const room = operating();
    const start = '2026-02-02T00:00:00.000Z';
    for (const model of models) {
      const found: Finding = {
        ...{ model, version: 7, detector: 'drift', start, windowStart: start, severity: 'page', summary: 's' },
        ...{ features: ['weather'], causes: [] },
      };
      await settleFinding(room, found, 'test');
    }
    const raise = raiseAlert(room);
    await inTurns(
      models.map((model) => async () => void (await raise({ model }))),
      25,
    );
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.publisher.published).toHaveLength(1);
    const [incident] = await room.monitoring.listIncidents('line-3');
    const fleet = (await room.fleet.findFleet(incident!.fleet!))!;
    expect(fleet.children.size).toBe(8);

    await Promise.all(
      models.map(async (model) =>
        closeIncident(room, (await room.monitoring.openIncident(model, 'drift'))!, 'over', 'test'),
      ),
    );
    expect(room.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
    expect(await room.fleet.findFleet(fleet.id)).toMatchObject({ status: 'Closed' });
    expect((await room.fleet.listOpenIncidents()).filter(({ model }) => model.startsWith('line'))).toEqual([]);
  }, 60_000);
});

describe('the rollback store', () => {
  const row = (rollback: number, more: Partial<RollbackRow> = {}): RollbackRow => ({
    ...{ model: 'trains', rollback, status: 'Requested', from: 7, to: 6, reason: 'r', origin: `o${rollback}` },
    ...{ requestedBy: { principal: 'p', person: 'ada' }, requestedAt: 'then', executionName: `trains-${rollback}` },
    ...more,
  });

  it('has one under way at a time, keeps deployments off, and withdraws a version where asked', async () => {
    await serving('trains');
    const { rollbacks, ledger } = operating();
    const seen = await ledger.getModel('trains');
    const asked = await Promise.all([1, 1, 1].map(() => rollbacks.request(row(1, { withdraw: true }), seen, audit)));
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await rollbacks.request(row(2), await ledger.getModel('trains'), audit)).toBe(false);
    expect(await ledger.getModel('trains')).toMatchObject({ rollbacks: 1, rollingBack: 1 });
    expect(await rollbacks.listIntents()).toContainEqual({ model: 'trains', rollback: 1 });

    const proof = { endpointName: 'e', endpointConfigName: 'c6', provedAt: 'now', smokeRows: 50 };
    await rollbacks.recordProof('trains', 1, proof, audit);
    await rollbacks.recordProof('trains', 1, { ...proof, smokeRows: 1 }, audit);
    const end = { status: 'RolledBack' as const, endedAt: 'later' };
    expect(await rollbacks.end(row(1, { withdraw: true }), end, audit)).toMatchObject({ status: 'RolledBack', proof });
    expect(await rollbacks.end(row(1), { status: 'Failed', endedAt: 'even later' }, audit)).toMatchObject(end);
    expect((await ledger.getModel('trains')).rollingBack).toBeUndefined();
    expect(await ledger.getVersion('trains', 7)).toMatchObject({ withdrawn: { by: 'ada', reason: 'r' } });

    await rollbacks.markTold('trains', 1, 'told');
    await rollbacks.markTold('trains', 1, 'again');
    expect(await rollbacks.get('trains', 1)).toMatchObject({ toldAt: 'told' });
    await rollbacks.clearIntent({ model: 'trains', rollback: 1 });
    expect(await rollbacks.listIntents()).toEqual([]);
  });

  it('does not begin while a release is being deployed', async () => {
    await serving('ships');
    const { rollbacks, ledger } = operating();
    await put({ ...keys.release('ships', 9), model: 'ships', release: 9, status: 'Deploying' });
    await put({ ...keys.model('ships'), ...(await ledger.getModel('ships')), activeRelease: 9 });
    const seen = await ledger.getModel('ships');
    expect(await rollbacks.request({ ...row(1), model: 'ships' }, seen, audit)).toBe(false);
    await put({ ...keys.release('ships', 9), model: 'ships', release: 9, status: 'AwaitingApproval' });
    expect(await rollbacks.request({ ...row(1), model: 'ships' }, seen, audit)).toBe(true);
  });
});

describe('monitoring baselines', () => {
  it('are numbered, the newest counts, and two at once are one', async () => {
    const { monitoring } = operating();
    expect(await monitoring.currentBaseline('buses', 7)).toBeUndefined();
    const baseline = { model: 'buses', version: 7, features: ['origin'], by: 'ada', at: 'now', reason: 'r' };
    const set = (number: number, origin: string) => monitoring.setBaseline({ ...baseline, number, origin }, audit);
    const both = await Promise.all([set(1, 'a'), set(1, 'b')]);
    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await set(2, 'c')).toBe(true);
    expect(await monitoring.currentBaseline('buses', 7)).toMatchObject({ number: 2, origin: 'c' });
    expect(await monitoring.currentBaseline('buses', 8)).toBeUndefined();
  });
});
