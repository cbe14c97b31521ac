import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventRefusedError } from '../../adapters/eventbridge-event-publisher.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { IncidentRow, WindowRow } from '../../domain/monitoring/rows.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { StalenessRow } from '../../domain/staleness/rows.ts';
import type { VersionRow } from '../../domain/version.ts';
import { watchModels } from '../../lambdas/watch-models/watch-models.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryLinkSigner } from '../support/in-memory-approvals.ts';
import {
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMetricRecorder,
  InMemoryMonitoringStore,
} from '../support/in-memory-monitoring-store.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';
import { InMemoryStalenessStore } from '../support/in-memory-staleness-store.ts';

const HOUR_MS = 3_600_000;

function watchedModel(...names: string[]) {
  const clock = new FixedClock('2026-02-03T00:45:00.000Z');
  const lineage = new InMemoryLineageStore(clock.now);
  const monitoring = new InMemoryMonitoringStore();
  const mailer = new InMemoryMailer();
  const publisher = new InMemoryAlertPublisher();
  const events = new InMemoryEventPublisher();
  const metrics = new InMemoryMetricRecorder();
  const schedule: { state: 'enabled' | 'disabled' | undefined } = { state: 'enabled' };
  const staleness = new InMemoryStalenessStore();
  const rules: { staleAfterDays?: number } = {};
  const unwatched: string[] = [];
  const unheard: unknown[] = [];
  for (const model of names) {
    const champion = { version: 1, endpointName: 'e', endpointConfigName: 'c', since: '2026-02-01T09:00:00.000Z' };
    lineage.models.set(model, {
      model,
      team: 'operations',
      owner: 'owner@example.com',
      champion,
    } as unknown as ModelRow);
    const version = { model, version: 1, release: 1, definition: {}, prepared: { recipe: 'r' } };
    lineage.versions.set(`${model}/1`, version as unknown as VersionRow);
  }
  const watch = watchModels({
    ...{ events, onUnheard: (error: unknown) => void unheard.push(error), metrics },
    ...{ lineage, monitoring, mailer, publisher, links: new InMemoryLinkSigner(), apiUrl: 'https://pages.example.com' },
    served: { listServed: async () => names, listServedModels: async () => [...lineage.models.values()] },
    fleet: new InMemoryFleetStore(monitoring),
    rollbacks: new InMemoryRollbackStore(lineage),
    objects: new InMemoryObjectStore(clock.now),
    schedules: { state: async () => schedule.state },
    staleness,
    readDefinition: async () =>
      ({ training: {}, monitoring: { windowHours: 24, ...rules } }) as unknown as ModelDefinition,
    config: { mail: { from: 'launchway@example.com', operators: 'operators@example.com' } },
    now: clock.now,
    onUnwatched: (_, model) => unwatched.push(model),
  });
  return {
    ...{ staleness, rules },
    clock,
    monitoring,
    lineage,
    mailer,
    publisher,
    events,
    metrics,
    schedule,
    unwatched,
    unheard,
    watch: () => watch({}),
  };
}

const checked = (day: number, more: Partial<WindowRow> = {}) =>
  ({
    ...{ model: 'flights', version: 1, verdict: 'Stable', persistent: [], drifted: [], moved: [], rows: 500 },
    start: `2026-02-0${day}T00:00:00.000Z`,
    end: `2026-02-0${day + 1}T00:00:00.000Z`,
    ...more,
  }) as unknown as WindowRow;

const audit = { type: 'T', actor: 'a', subject: 's' };

let room: ReturnType<typeof watchedModel>;
beforeEach(async () => {
  room = watchedModel('flights');
  await room.monitoring.saveWindow(checked(2), audit);
});

describe('watching the models that serve', () => {
  it('is quiet while every window was checked, and while one is only a little late', async () => {
    expect(await room.watch()).toEqual({ models: 1, blind: 0 });
    room.clock.advance(26 * HOUR_MS);
    expect(await room.watch()).toEqual({ models: 1, blind: 0 });
  });

  it('tells once of a check that did not run, and closes by itself when it did', async () => {
    room.clock.advance(28 * HOUR_MS);
    for (let hour = 0; hour < 5; hour++) expect(await room.watch()).toEqual({ models: 1, blind: 1 });
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.mailer.sent[0]!.subject).toMatch(
      /^\[flights\] monitoring: flights is not watched: the window that closed/,
    );
    expect(room.mailer.sent[0]!.to).toEqual(['owner@example.com', 'operators@example.com']);

    const { published } = room.events;
    expect(published.map(({ type }) => type)).toEqual(['Incident Opened', 'Check Not Run']);
    expect(published[1]!.detail).toMatchObject({
      model: 'flights',
      version: 1,
      detector: 'monitoring',
      what: ['checks'],
    });
    expect(room.metrics.recorded.at(-1)!.values).toEqual({ ModelsServed: 1, ModelsNotWatched: 1 });

    await room.monitoring.saveWindow(checked(3), audit);
    room.clock.advance(HOUR_MS);
    expect(await room.watch()).toEqual({ models: 1, blind: 0 });
    expect(published.at(-1)).toMatchObject({ type: 'Incident Closed', detail: { because: 'monitoring sees again' } });
    expect(room.metrics.recorded.at(-1)!.values).toEqual({ ModelsServed: 1, ModelsNotWatched: 0 });
    expect([...room.monitoring.incidents.values()]).toMatchObject([
      { status: 'Closed', closedBecause: 'monitoring sees again' },
    ]);
  });

  it.each(['disabled', undefined] as const)('tells of a schedule that is %s', async (state) => {
    room.schedule.state = state;
    expect(await room.watch()).toEqual({ models: 1, blind: 1 });
    expect([...room.monitoring.incidents.values()]).toMatchObject([{ detector: 'monitoring', features: ['schedule'] }]);
  });

  it('tells of captures that are missing for what was invoked', async () => {
    await room.monitoring.saveWindow(checked(3, { coverage: 0, rows: 0 }), audit);
    room.clock.advance(24 * HOUR_MS);
    await room.watch();
    expect([...room.monitoring.incidents.values()]).toMatchObject([{ features: ['captures'] }]);
  });

  it('tells of captures that never came, from the first window on', async () => {
    await room.monitoring.saveWindow(checked(3, { coverage: 0, rows: 0, verdict: 'InsufficientData' }), audit);
    room.clock.advance(24 * HOUR_MS);
    await room.watch();
    expect(room.mailer.sent[0]!.text).toContain('0 % of what was to be captured since 2026-02-03');
  });

  it('opens with what serves, what changed on it and beside it in a day, and whether rollback is safe; then says what is wrong', async () => {
    const two = watchedModel('flights', 'fares');
    await two.monitoring.saveWindow(checked(2), audit);
    two.clock.advance(28 * HOUR_MS);
    const since = '2026-02-04T02:00:00.000Z';
    two.lineage.models.set('fares', {
      ...{ model: 'fares', team: 'operations', owner: 'owner@example.com' },
      champion: { version: 1, endpointName: 'e', endpointConfigName: 'c', since },
    } as unknown as ModelRow);
    const release = { model: 'flights', release: 3, status: 'Training', reason: 'upload', admittedAt: since };
    two.lineage.releases.set('flights/3', { ...release, submitter: { principal: 'p', person: 'dana' } } as never);
    expect(await two.watch()).toEqual({ models: 2, blind: 1 });
    const { text } = two.mailer.sent.find(({ subject }) => subject.startsWith('[flights]'))!;
    const places = [
      'version 1 on e since 2026-02-01 09:00 UTC',
      'release 3 was started by dana: upload',
      'fares: version 1 began to serve',
      'Rollback',
      'NOBODY WATCHES FLIGHTS',
      'the window that closed at 2026-02-04 00:00 UTC was not checked',
    ].map((part) => text.indexOf(part));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    // Advice is of what was found only.
    expect(text).toContain('- checks: look at');
    expect(text).not.toMatch(/- (schedule|captures):/);
  });

  it('looks at the others where one cannot be looked at', async () => {
    const two = watchedModel('broken', 'flights');
    two.lineage.versions.delete('broken/1');
    expect(await two.watch()).toMatchObject({ models: 2 });
    expect(two.unwatched).toEqual(['broken']);
  });

  it('tells people first where the bus does not answer, fails then, and tells other systems with the hour in which it does', async () => {
    room.events.isDown = true;
    room.clock.advance(28 * HOUR_MS);
    await expect(room.watch()).rejects.toMatchObject({
      name: 'EventsOwedError',
      message: 'expected every event to be taken, got 2 that are still owed',
    });
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.metrics.recorded.at(-1)!.values).toEqual({ ModelsServed: 1, ModelsNotWatched: 1 });

    // What a model that serves no more left is owed too.
    const former = { model: 'former', version: 1, detector: 'drift', severity: 'mail', features: [], causes: [] };
    const times = { start: 's', windowStart: 's', openedAt: '2026-02-01T00:00:00.000Z', status: 'Open', summary: '' };
    await room.monitoring.raiseIncident({ ...former, ...times } as unknown as IncidentRow, audit);
    room.events.isDown = false;
    expect(await room.watch()).toEqual({ models: 1, blind: 1 });
    expect(room.events.published.map(({ detail }) => detail.model)).toEqual(['flights', 'flights', 'former']);
    expect(room.mailer.sent).toHaveLength(1);
    await room.watch();
    expect(room.events.published).toHaveLength(3);
  });

  it('tells the others where the bus refuses events for themselves, and fails for those', async () => {
    const names = ['a', 'b', 'c', 'd', 'flights'];
    const five = watchedModel(...names);
    five.clock.advance(28 * HOUR_MS);
    const { publish } = five.events;
    five.events.publish = async (event) => {
      if (['a', 'b', 'c'].includes(event.detail.model)) throw new EventRefusedError('expected it to be smaller');
      await publish.call(five.events, event);
    };
    await expect(five.watch()).rejects.toThrow('got 6 that are still owed');
    expect(five.events.published.map(({ detail }) => detail.model)).toEqual(['d', 'd', 'flights', 'flights']);
  });

  it('sends what is small once a day, once', async () => {
    const small = {
      ...{ model: 'flights', version: 1, detector: 'drift', severity: 'digest', status: 'Open', features: ['x'] },
      ...{ start: '2026-02-02T00:00:00.000Z', windowStart: 'w', summary: 'x moved', causes: [], openedAt: 'o' },
    } as IncidentRow;
    await room.monitoring.raiseIncident(small, audit);
    await room.watch();
    expect(room.mailer.sent).toEqual([]);
    room.clock.advance(6 * HOUR_MS);
    await room.watch();
    await room.watch();
    expect(room.mailer.sent.map(({ subject }) => subject)).toEqual(['1 small thing on your models']);
  });
});

describe('a model that became older than its owner lets it', () => {
  const aged = (staleAfterDays?: number) => {
    const world = watchedModel('flights');
    if (staleAfterDays !== undefined) world.rules.staleAfterDays = staleAfterDays;
    const uploadedAt = '2026-01-20T00:45:00.000Z';
    const release = {
      model: 'flights',
      release: 1,
      status: 'Deployed',
      inputs: { uploadedAt },
      admittedAt: uploadedAt,
    };
    const asked = { submitter: { principal: 'p', person: 'dana' }, reason: 'upload', steps: {} };
    world.lineage.releases.set('flights/1', { ...release, ...asked } as unknown as ReleaseRow);
    return world;
  };
  const open = ({ monitoring }: ReturnType<typeof watchedModel>) => monitoring.openIncident('flights', 'staleness');

  it('is an incident from that hour on, once, in the digest, with what its age was measured to cost', async () => {
    const world = aged(14);
    world.clock.advance(-HOUR_MS);
    await world.watch();
    expect(await open(world)).toBeUndefined();
    world.staleness.rows.set('flights/i', {
      ...{ model: 'flights', id: 'i', status: 'Measured', askedAt: '2026-02-01T00:00:00.000Z' },
      measured: { inWords: 'Version 1 cannot be told apart.' },
    } as unknown as StalenessRow);
    world.clock.advance(HOUR_MS);
    await world.watch();
    expect(await open(world)).toMatchObject({
      ...{ version: 1, severity: 'digest', start: '2026-02-03T00:45:00.000Z' },
      summary: 'version 1 learnt from data of 14 days ago, and is to be no older than 14 days',
    });
    expect(JSON.stringify((await open(world))!.evidence)).toContain(
      'What age costs, measured 2026-02-01: Version 1 cannot be told apart.',
    );
    world.clock.advance(HOUR_MS);
    await world.watch();
    const incidents = await world.monitoring.listIncidents('flights');
    expect(incidents.filter(({ detector }) => detector === 'staleness')).toHaveLength(1);
    world.clock.advance(5 * HOUR_MS);
    await world.watch();
    expect(world.mailer.sent.map(({ text }) => text.replaceAll(/\s+/g, ' ')).join()).toContain('no older than 14 days');
  });

  it('is over once another version serves', async () => {
    const world = aged(10);
    await world.watch();
    const before = await world.lineage.getModel('flights');
    const version = { ...world.lineage.versions.get('flights/1')!, version: 2, release: 2 };
    world.lineage.versions.set('flights/2', version);
    const release = {
      ...world.lineage.releases.get('flights/1')!,
      release: 2,
      inputs: { uploadedAt: '2026-02-03T00:00:00.000Z' },
    };
    world.lineage.releases.set('flights/2', release as unknown as ReleaseRow);
    world.lineage.models.set('flights', { ...before, champion: { ...before.champion!, version: 2 } });
    await world.watch();
    expect(await open(world)).toBeUndefined();
    const incidents = await world.monitoring.listIncidents('flights');
    expect(incidents.filter(({ detector }) => detector === 'staleness')).toMatchObject([
      { status: 'Closed', closedBecause: 'version 2 serves in place of version 1' },
    ]);
  });

  it('is none where nobody said how old it may become', async () => {
    const world = aged();
    world.clock.advance(10_000 * HOUR_MS);
    await world.watch();
    expect(await open(world)).toBeUndefined();
  });
});
