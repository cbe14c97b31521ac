import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Finding, Severity } from '../../domain/monitoring/rows.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { raiseAlert } from '../../lambdas/raise-alert/raise-alert.ts';
import { closeIncident, settleFinding } from '../../lambdas/shared/settle-finding.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryLinkSigner } from '../support/in-memory-approvals.ts';
import {
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMonitoringStore,
} from '../support/in-memory-monitoring-store.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';

const MINUTE_MS = 60_000;

function fleetOf(models: number) {
  const clock = new FixedClock('2026-02-03T00:15:00.000Z');
  const lineage = new InMemoryLineageStore(clock.now);
  const monitoring = new InMemoryMonitoringStore();
  const mailer = new InMemoryMailer();
  const publisher = new InMemoryAlertPublisher();
  const events = new InMemoryEventPublisher();
  const names = Array.from({ length: models }, (_, i) => `model-${i}`);
  for (const [i, model] of names.entries()) {
    const champion = { version: 1, endpointName: 'e', endpointConfigName: 'c', since: '2026-01-01T09:00:00.000Z' };
    const owner = `owner-${i % 3}@example.com`;
    lineage.models.set(model, { model, team: 'operations', owner, champion } as unknown as ModelRow);
  }
  const dependencies = {
    events,
    ...{ lineage, monitoring, mailer, publisher, links: new InMemoryLinkSigner(), apiUrl: 'https://pages.example.com' },
    fleet: new InMemoryFleetStore(monitoring),
    served: { listServed: async () => names, listServedModels: async () => [...lineage.models.values()] },
    rollbacks: new InMemoryRollbackStore(lineage),
    objects: new InMemoryObjectStore(clock.now),
    readDefinition: async () => ({}) as ModelDefinition,
    config: { mail: { from: 'launchway@example.com', operators: 'operators@example.com' } },
    now: clock.now,
  };
  const raise = raiseAlert(dependencies);
  const finding = (model: string, severity: Severity = 'page'): Finding => ({
    ...{ model, version: 1, detector: 'drift', start: '2026-02-02T00:00:00.000Z', severity, summary: 'origin moved' },
    ...{ windowStart: '2026-02-02T00:00:00.000Z', features: ['origin'], causes: [] },
  });
  return {
    ...{ clock, lineage, monitoring, mailer, publisher, names, fleet: dependencies.fleet },
    open: (model: string, severity?: Severity) => settleFinding(dependencies, finding(model, severity), 'test'),
    tell: (model: string) => raise({ model }),
    close: async (model: string) => {
      const incident = await monitoring.openIncident(model, 'drift');
      await closeIncident(dependencies, incident!, 'over', 'test');
    },
  };
}

let room: ReturnType<typeof fleetOf>;
beforeEach(() => {
  room = fleetOf(40);
});

describe('one thing that moves in forty models at once', () => {
  beforeEach(async () => {
    for (const name of room.names) await room.open(name);
    await Promise.all(room.names.map(room.tell));
  });

  it('is one fleet incident, one mail to all owners and one page, with every model as its child', () => {
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.mailer.sent[0]!.to).toEqual(['owner-0@example.com', 'owner-1@example.com', 'owner-2@example.com']);
    expect(room.mailer.sent[0]!.subject).toMatch(/^\[40 models\] drift: origin moved in model-0/);
    const [fleet] = [...room.fleet.fleets.values()];
    expect(room.publisher.published).toMatchObject([{ event: 'trigger', dedupKey: `fleet/${fleet!.id}` }]);
    expect(fleet!.children.size).toBe(40);
    for (const incident of room.monitoring.incidents.values()) {
      expect(incident).toMatchObject({ fleet: fleet!.id, toldAs: fleet!.id, notifiedAt: expect.any(String) });
    }
  });

  it('is told no more, however often it is asked', async () => {
    for (let i = 0; i < 3; i++) for (const name of room.names) await room.tell(name);
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.publisher.published).toHaveLength(1);
  });

  it('is over with the last of them, once', async () => {
    await Promise.all(room.names.slice(1).map(room.close));
    expect(room.publisher.published).toHaveLength(1);
    await room.close('model-0');
    expect(room.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
    expect(room.publisher.published[1]!.dedupKey).toBe(room.publisher.published[0]!.dedupKey);
    expect([...room.fleet.fleets.values()]).toMatchObject([{ status: 'Closed' }]);
  });
});

describe('the severity of an incident', () => {
  it.each([
    ['page', [['owner-0@example.com']], ['trigger', 'resolve']],
    ['mail', [['owner-0@example.com', 'operators@example.com']], []],
    ['digest', [], []],
  ] as const)('%s decides who is told, and how', async (severity, mails, alerts) => {
    const one = fleetOf(1);
    await one.open('model-0', severity);
    await one.tell('model-0');
    await one.tell('model-0');
    await one.close('model-0');
    expect(one.mailer.sent.map(({ to }) => to)).toEqual(mails);
    expect(one.publisher.published.map(({ event }) => event)).toEqual(alerts);
    const keys = new Set(one.publisher.published.map(({ dedupKey }) => dedupKey));
    expect([...keys]).toEqual(alerts.length > 0 ? ['model-0/drift/2026-02-02T00:00:00.000Z'] : []);
  });
});

describe('models that join one after the other', () => {
  it('are told of by themselves, then as a fleet, then only to owners who do not know', async () => {
    await room.open('model-0');
    await room.tell('model-0');
    expect(room.mailer.sent.map(({ subject }) => subject)).toEqual(['[model-0] drift: origin moved since 2026-02-02']);

    room.clock.advance(60 * MINUTE_MS);
    await room.open('model-3');
    await room.tell('model-3');
    expect(room.mailer.sent[1]!.subject).toMatch(/^\[2 models\]/);
    expect(room.mailer.sent[1]!.to).toEqual(['owner-0@example.com']);

    room.clock.advance(60 * MINUTE_MS);
    await room.open('model-6');
    await room.tell('model-6');
    expect(room.mailer.sent).toHaveLength(2);
    await room.open('model-1');
    await room.tell('model-1');
    expect(room.mailer.sent[2]).toMatchObject({
      to: ['owner-1@example.com'],
      subject: expect.stringContaining('[model-1]'),
    });
    await room.open('model-4');
    await room.tell('model-4');
    expect(room.mailer.sent).toHaveLength(3);
    expect([...room.fleet.fleets.values()][0]!.children.size).toBe(5);
  });

  it('are told again where the mail could not be sent', async () => {
    for (const name of room.names) await room.open(name, 'mail');
    room.mailer.failWith = new Error('mail is down');
    await expect(room.tell('model-0')).rejects.toThrow('mail is down');
    room.mailer.failWith = undefined;
    await room.tell('model-7');
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.mailer.sent[0]!.to).toContain('operators@example.com');
    expect(room.publisher.published).toEqual([]);
  });
});

it('a release that is open may answer it: people are told once it has ended', async () => {
  const model = room.lineage.models.get('model-0')!;
  room.lineage.models.set('model-0', { ...model, activeRelease: 5 });
  const release = (status: string) =>
    ({ model: 'model-0', release: 5, status, submitter: { principal: 'p' } }) as unknown as ReleaseRow;
  room.lineage.releases.set('model-0/5', release('AwaitingApproval'));
  await room.open('model-0');
  expect(await room.tell('model-0')).toEqual({ incidents: [] });
  expect(room.mailer.sent).toEqual([]);
  room.lineage.releases.set('model-0/5', release('Expired'));
  await room.tell('model-0');
  expect(room.mailer.sent).toHaveLength(1);
});
