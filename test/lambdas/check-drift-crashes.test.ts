import { describe, expect, it } from '@jest/globals';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { isToBeTold } from '../../domain/monitoring/findings.ts';
import type { VersionRow } from '../../domain/version.ts';
import { checkDrift } from '../../lambdas/check-drift/check-drift.ts';
import { profileCaptures } from '../../lambdas/profile-captures/profile-captures.ts';
import { tellSystems } from '../../lambdas/shared/tell-systems.ts';
import { FixedClock, InMemoryLineageStore, InMemoryObjectStore } from '../support/in-memory.ts';
import {
  FixedServiceMeter,
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMetricRecorder,
  InMemoryMonitoringStore,
} from '../support/in-memory-monitoring-store.ts';
import { InMemoryQualityStore } from '../support/in-memory-quality-store.ts';

const MODEL = 'flights';
const HOUR_MS = 3_600_000;
const USUAL = { calls: 2_000, errors4xx: 0, errors5xx: 0 };

/** A function dies at its n-th call of a store, or right after it. */
class Death {
  calls = 0;
  at = Number.POSITIVE_INFINITY;
  afterwards = false;

  in<Store extends object>(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          this.calls += 1;
          const dies = this.calls === this.at;
          if (dies && !this.afterwards) throw new Error('the function died');
          const answer = await member.apply(target, args);
          if (dies) throw new Error('the function died');
          return answer;
        };
      },
    });
  }
}

/** A model that nobody calls any more, watched hour by hour. */
function world() {
  const clock = new FixedClock('2026-02-02T00:15:00.000Z');
  const lineage = new InMemoryLineageStore(clock.now);
  const champion = { version: 7, endpointName: 'e', since: '2026-02-01T00:00:00.000Z' };
  lineage.models.set(MODEL, { model: MODEL, team: 'ops', champion } as unknown as ModelRow);
  lineage.versions.set(`${MODEL}/7`, { model: MODEL, version: 7, team: 'ops' } as unknown as VersionRow);
  const monitoring = new InMemoryMonitoringStore();
  const events = new InMemoryEventPublisher();
  const publisher = new InMemoryAlertPublisher();
  const service = new FixedServiceMeter();
  service.before = USUAL;
  const death = new Death();
  const dependencies = {
    ...{ lineage, service, now: clock.now, region: 'eu-west-1', metrics: new InMemoryMetricRecorder() },
    ...{ quality: new InMemoryQualityStore(), labels: new InMemoryQualityStore() },
    objects: new InMemoryObjectStore(clock.now),
    monitoring: death.in(monitoring),
    events: death.in(events),
    publisher: death.in(publisher),
    fleet: death.in(new InMemoryFleetStore(monitoring)),
    onUnheard: () => undefined,
    readEvaluation: async () => ({}) as never,
    readDefinition: async () =>
      ({
        serving: {
          response: { scoreColumn: 0 },
          realtime: { instance: 'ml.m5.large', minInstances: 1, maxInstances: 1 },
        },
        monitoring: {
          ...{ windowHours: 24, onDrift: 'alert', capture: { fraction: 1 } },
          drift: { effect: 0.1, falseDiscoveryRate: 0.01, persistence: { windows: 2, of: 3 }, exclude: [] },
        },
      }) as unknown as ModelDefinition,
    buckets: { captures: 'captures', artifacts: 'artifacts' },
    limits: { hoursAtOnceBytes: 1e9, batchBytes: 1e6 },
  };
  /** An occurrence of the schedule; whether people are to be told by it. */
  const hour = async (): Promise<boolean> => {
    const scheduledTime = clock.now().toISOString();
    const { closedWindows } = await profileCaptures(dependencies)({ model: MODEL, scheduledTime });
    let alert = false;
    for (const windowStart of closedWindows)
      alert = (await checkDrift(dependencies)({ model: MODEL, version: 7, windowStart })).alert || alert;
    return alert;
  };
  return {
    ...{ clock, monitoring, events, service, publisher, hour },
    /** An hour in which it dies at its n-th call. @returns whether it was alive to the end */
    dyingAt: async (at: number, afterwards: boolean): Promise<boolean> => {
      Object.assign(death, { calls: 0, at, afterwards });
      await hour().catch((error) => expect(error.message).toBe('the function died'));
      death.at = Number.POSITIVE_INFINITY;
      return death.calls < at;
    },
    /** What watch-models does in the hour, last. */
    sweep: () => tellSystems(dependencies),
  };
}

const typesOf = ({ events }: ReturnType<typeof world>) => new Set(events.published.map(({ type }) => type));

describe.each([
  ['at', false],
  ['right after', true],
] as const)('a check that dies %s any of its calls', (_, afterwards) => {
  it('has its incident opened, people asked to be told and systems told by the next hours, each once or more', async () => {
    let lived = false;
    for (let at = 1; !lived; at++) {
      const room = world();
      lived = await room.dyingAt(at, afterwards);
      room.clock.advance(HOUR_MS);
      const alert = await room.hour();
      expect([...room.monitoring.incidents.values()]).toMatchObject([{ detector: 'usage', status: 'Open' }]);
      expect([at, alert, [...room.monitoring.incidents.values()].every(isToBeTold)]).toEqual([at, true, true]);
      expect(await room.sweep()).toBe(0);
      expect(typesOf(room)).toEqual(new Set(['Incident Opened']));
      expect(room.monitoring.audit.filter(({ type }) => type === 'IncidentOpened')).toHaveLength(1);
      expect(at).toBeLessThan(100);
    }
  });

  it('has its incident closed, its page ended and systems told', async () => {
    let lived = false;
    for (let at = 1; !lived; at++) {
      const room = world();
      await room.hour();
      const [[id, incident]] = [...room.monitoring.incidents] as [[string, never]];
      room.monitoring.incidents.set(id, { ...(incident as object), severity: 'page', notifiedAt: 'then' } as never);
      room.clock.advance(24 * HOUR_MS);
      room.service.counts = USUAL;
      lived = await room.dyingAt(at, afterwards);
      room.clock.advance(HOUR_MS);
      await room.hour();
      expect([at, ...[...room.monitoring.incidents.values()].map(({ status }) => status)]).toEqual([at, 'Closed']);
      expect(new Set(room.publisher.published.map(({ event }) => event))).toEqual(new Set(['resolve']));
      expect(await room.sweep()).toBe(0);
      expect(typesOf(room)).toEqual(new Set(['Incident Opened', 'Incident Closed']));
      expect(room.monitoring.audit.filter(({ type }) => type === 'IncidentClosed')).toHaveLength(1);
    }
  });
});
