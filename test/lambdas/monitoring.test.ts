import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Mail } from '../../domain/ports.ts';
import type { QualityRow } from '../../domain/quality/rows.ts';
import type { ReleaseRow, VersionRow } from '../../domain/release.ts';
import { csvLine } from '../../domain/tabular/csv-records.ts';
import { actOnIncident } from '../../lambdas/act-on-incident/act-on-incident.ts';
import { checkDrift } from '../../lambdas/check-drift/check-drift.ts';
import { governRetraining } from '../../lambdas/govern-retraining/govern-retraining.ts';
import { profileBaseline } from '../../lambdas/profile-baseline/profile-baseline.ts';
import { profileCaptures } from '../../lambdas/profile-captures/profile-captures.ts';
import { raiseAlert } from '../../lambdas/raise-alert/raise-alert.ts';
import { type BaselineWish, setBaseline } from '../../lambdas/shared/set-baseline.ts';
import { FLIGHT_FEATURES, flightRow, flightSeasons } from '../support/flights.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer, InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryLinkSigner } from '../support/in-memory-approvals.ts';
import {
  FixedServiceMeter,
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMetricRecorder,
  InMemoryMonitoringStore,
} from '../support/in-memory-monitoring-store.ts';
import { InMemoryQualityStore } from '../support/in-memory-quality-store.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';

const MODEL = 'flight-delays';
const PREPARED = 'operations/flight-delays/datasets/d1/prepared/r1';
const DAY_MS = 86_400_000;
const seasons = flightSeasons();

const definition = {
  model: MODEL,
  features: FLIGHT_FEATURES,
  problem: { type: 'binary-classification', target: 'delayed', positiveClass: '1', decisionThreshold: 0.5 },
  serving: {
    realtime: { instance: 'ml.m5.large', minInstances: 1, maxInstances: 2 },
    request: { contentType: 'text/csv' },
    response: { contentType: 'text/csv', scoreColumn: 0 },
  },
  training: { maxRuntimeMinutes: 60 },
  monitoring: {
    windowHours: 24,
    capture: { fraction: 1, redact: [], retainDays: 90 },
    drift: { effect: 0.1, falseDiscoveryRate: 0.01, persistence: { windows: 2, of: 3 }, exclude: ['weekday'] },
    onDrift: 'alert',
  },
} as unknown as ModelDefinition;

/** A deployed model with its baseline, and the shipped use cases over in-memory stores. */
async function deployedModel() {
  const clock = new FixedClock('2026-02-01T09:30:00.000Z');
  const objects = new InMemoryObjectStore(clock.now);
  const lineage = new InMemoryLineageStore(clock.now);
  const monitoring = new InMemoryMonitoringStore();
  const mailer = new InMemoryMailer();
  const publisher = new InMemoryAlertPublisher();
  const events = new InMemoryEventPublisher();
  const unheard: unknown[] = [];
  const metrics = new InMemoryMetricRecorder();
  const service = new FixedServiceMeter();
  const readDefinition = async () => definition;
  const buckets = { captures: 'captures', artifacts: 'artifacts' };

  const train = seasons.training.map((flight) => csvLine([...flightRow(flight), flight.delay > 15 ? '1' : '0']));
  const header = csvLine([...FLIGHT_FEATURES.map(({ name }) => name), 'delayed']);
  await objects.put({ bucket: 'approved', key: `${PREPARED}/train/train.csv` }, header + train.join(''), 'text/csv');
  lineage.releases.set(`${MODEL}/1`, {
    model: MODEL,
    release: 1,
    ...{ submitter: { principal: 'p', person: 'alice' }, admittedAt: '2026-01-31T12:00:00.000Z', reason: 'upload' },
    inputs: { definition: { bucket: 'approved', key: 'model.yaml', sha256: 'd' } },
    steps: { prepared: { uri: `s3://approved/${PREPARED}`, trainRows: train.length } },
  } as unknown as ReleaseRow);
  const baseline = await profileBaseline({ lineage, objects, readDefinition })({ model: MODEL, release: 1 });

  const steps = lineage.releases.get(`${MODEL}/1`)!.steps;
  lineage.versions.set(`${MODEL}/7`, {
    model: MODEL,
    version: 7,
    training: {},
    ...{ team: 'operations', release: 1, status: 'Deployed', dataset: { object: { sha256: 'd1' } } },
    artifact: { object: { bucket: 'approved', key: 'model.tar.gz' } },
    baseline: steps.baseline,
    definition: { bucket: 'approved', key: 'model.yaml', sha256: 'd' },
  } as unknown as VersionRow);
  lineage.models.set(MODEL, {
    model: MODEL,
    team: 'operations',
    definition: { bucket: 'approved', key: 'model.yaml', sha256: 'd' },
    releases: 1,
    owner: 'ops-analytics@example.com',
    champion: {
      version: 7,
      endpointName: 'launchway-local-flight-delays',
      endpointConfigName: 'c7',
      since: '2026-02-01T09:30:00.000Z',
    },
  } as unknown as ModelRow);

  const fleet = new InMemoryFleetStore(monitoring);
  const quality = new InMemoryQualityStore();
  const rollbacks = new InMemoryRollbackStore(lineage);
  const served = {
    listServed: async () => [MODEL],
    listServedModels: async () => [lineage.models.get(MODEL)!],
  };
  const dependencies = {
    lineage,
    monitoring,
    quality,
    fleet,
    rollbacks,
    served,
    readEvaluation: async () => ({}) as Evaluation,
    objects,
    readDefinition,
    service,
    region: 'eu-west-1',
    publisher,
    events,
    onUnheard: (error: unknown) => void unheard.push(error),
    metrics,
    buckets,
    now: clock.now,
  };
  const links = new InMemoryLinkSigner();
  const started: string[] = [];
  const config = { mail: { from: 'launchway@example.com', operators: 'operators@example.com' } };
  return {
    ...{
      clock,
      objects,
      lineage,
      monitoring,
      mailer,
      publisher,
      events,
      unheard,
      metrics,
      service,
      baseline,
      fleet,
      rollbacks,
      quality,
      started,
    },
    setBaseline: (wish: BaselineWish) => setBaseline({ ...dependencies, artifactsBucket: 'artifacts' }, wish),
    baselineVersion: steps.baseline!.versionId,
    profile: profileCaptures({
      ...dependencies,
      labels: new InMemoryQualityStore(),
      limits: { hoursAtOnceBytes: 1e9, batchBytes: 1e6 },
    }),
    check: checkDrift(dependencies),
    govern: governRetraining({
      ...dependencies,
      ledger: lineage,
      images: { pin: async () => 'image@sha256:aa' },
      executions: { start: async (name) => void started.push(name) },
      readDefinition: async () => ({ ...definition, monitoring: { ...definition.monitoring, onDrift: 'retrain' } }),
    }),
    raise: raiseAlert({ ...dependencies, mailer, links, apiUrl: 'https://pages.example.com', config }),
    act: actOnIncident({
      ...dependencies,
      ledger: lineage,
      rollbackExecutions: rollbacks,
      images: { pin: async () => 'image@sha256:aa' },
      executions: { start: async (name) => void started.push(name) },
      artifactsBucket: 'artifacts',
      mail: {},
      links,
      newNonce: () => 'n'.repeat(24),
    }),
  };
}

type Deployed = Awaited<ReturnType<typeof deployedModel>>;

const record = (rows: readonly string[], inferenceId?: string): string =>
  JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: rows.join('\n'), encoding: 'CSV' },
      endpointOutput: {
        observedContentType: 'text/csv',
        mode: 'OUTPUT',
        data: rows.map(() => '0.25').join('\n'),
        encoding: 'CSV',
      },
    },
    eventMetadata: { eventId: 'e', inferenceId, inferenceTime: '2026-02-01T10:00:00Z' },
    eventVersion: '0',
  });

const keyOf = (hour: string, file: string): string =>
  `operations/flight-delays/v7/launchway-local-flight-delays/live/${hour.slice(0, 10).replaceAll('-', '/')}/${hour.slice(11, 13)}/${file}.jsonl`;

type Flights = typeof seasons.quiet;

/** Captures flights, ten a request, in the given hour. */
async function capture({ objects }: Deployed, hour: string, flown: Flights, file = 'one'): Promise<void> {
  const lines: string[] = [];
  for (let i = 0; i < flown.length; i += 10) {
    lines.push(record(flown.slice(i, i + 10).map((flight) => flightRow(flight).join(','))));
  }
  await objects.put({ bucket: 'captures', key: keyOf(hour, file) }, `${lines.join('\n')}\n`, 'application/jsonlines');
}

/** One occurrence of the schedule, as the state machine runs it. */
async function monitor(deployed: Deployed, scheduledTime: string): Promise<string[]> {
  const { version, closedWindows } = await deployed.profile({ model: MODEL, scheduledTime });
  const verdicts: string[] = [];
  for (const windowStart of closedWindows) {
    const { verdict, alert } = await deployed.check({ model: MODEL, version, windowStart });
    verdicts.push(verdict);
    if (alert) await deployed.raise({ model: MODEL });
  }
  return verdicts;
}

const day = (number: number): string => new Date(Date.UTC(2026, 1, number)).toISOString();
const afterDay = (number: number): string => new Date(Date.parse(day(number)) + DAY_MS + 15 * 60_000).toISOString();

let deployed: Deployed;
beforeEach(async () => {
  deployed = await deployedModel();
});

describe('monitoring a model', () => {
  it('profiles the training rows once and records where', async () => {
    expect(deployed.baseline.rows).toBe(5_000);
    expect(deployed.lineage.releases.get(`${MODEL}/1`)!.steps.baseline).toMatchObject({
      bucket: 'approved',
      key: `${PREPARED}/baseline.json`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('tells nobody while flights are as they were', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.quiet.slice(0, 1_000));
    await capture(deployed, '2026-02-02T10:00:00.000Z', seasons.quiet.slice(1_000));

    expect(await monitor(deployed, afterDay(1))).toEqual(['Stable']);
    expect(await monitor(deployed, afterDay(2))).toEqual(['Stable']);
    expect(deployed.mailer.sent).toEqual([]);
  });

  it('tells the owner by mail and operators by topic once when a storm lasts two windows', async () => {
    await stormFor(4);

    expect(deployed.mailer.sent).toHaveLength(1);
    const [mail] = deployed.mailer.sent;
    expect(mail!.to).toEqual(['ops-analytics@example.com']);
    expect(mail!.subject).toBe('[flight-delays] drift: origin, destination moved since 2026-02-02');
    expect(mail!.text).toMatch(/origin: what gained and what lost/i);
    expect(mail!.text).toContain('ORD');
    expect(mail!.text).toContain('version 7 on launchway-local-flight-delays');
    expect(deployed.publisher.published).toMatchObject([{ dedupKey: 'flight-delays/drift/2026-02-02T00:00:00.000Z' }]);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Open', version: 7 }]);
  });

  it('closes the incident after two quiet windows', async () => {
    await stormFor(2);
    await capture(deployed, '2026-02-04T10:00:00.000Z', seasons.quiet.slice(0, 2_000));
    await monitor(deployed, afterDay(4));
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Open' }]);

    await capture(deployed, '2026-02-05T10:00:00.000Z', seasons.quiet.slice(0, 2_000));
    await monitor(deployed, afterDay(5));
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([
      { status: 'Closed', closedBecause: '2 windows in a row within their thresholds' },
    ]);
  });

  it('tells other systems: of every window that drifted, and of the beginning and the end of an incident, once each', async () => {
    await stormFor(3);
    for (const number of [5, 6]) {
      await capture(deployed, day(number).replace('T00', 'T10'), seasons.quiet);
      await monitor(deployed, afterDay(number));
    }
    const id = 'flight-delays/drift/2026-02-02T00:00:00.000Z';
    expect(deployed.events.published.map(({ type, detail }) => [type, detail.id])).toEqual([
      ['Drift Found', 'flight-delays/v7/2026-02-02T00:00:00.000Z'],
      ['Drift Found', 'flight-delays/v7/2026-02-03T00:00:00.000Z'],
      ['Incident Opened', `${id}/opened`],
      ['Drift Found', 'flight-delays/v7/2026-02-04T00:00:00.000Z'],
      ['Incident Closed', `${id}/closed`],
    ]);
    expect(deployed.events.published[2]!.detail).toMatchObject({
      ...{ incident: id, detector: 'drift', severity: 'page', version: 7, features: ['origin', 'destination'] },
    });
    expect(deployed.events.published[4]!.detail).toMatchObject({
      because: '2 windows in a row within their thresholds',
    });
  });

  describe('while the bus does not answer', () => {
    beforeEach(() => {
      deployed.events.isDown = true;
    });

    it('tells people in the same minute, and other systems of all of it once the bus answers, once each', async () => {
      await stormFor(2);
      expect(deployed.mailer.sent).toHaveLength(1);
      expect(deployed.publisher.published).toMatchObject([{ event: 'trigger' }]);
      expect(deployed.events.published).toEqual([]);
      expect(deployed.unheard).not.toEqual([]);

      deployed.events.isDown = false;
      await stormOn(4);
      await deployed.check({ model: MODEL, version: 7, windowStart: day(4) });
      const told = deployed.events.published.map(({ type, detail }) => [type, detail.id]);
      expect(told).toEqual([
        ['Drift Found', `${MODEL}/v7/${day(2)}`],
        ['Drift Found', `${MODEL}/v7/${day(3)}`],
        ['Incident Opened', `${MODEL}/drift/${day(2)}/opened`],
        ['Drift Found', `${MODEL}/v7/${day(4)}`],
      ]);
      expect(deployed.mailer.sent).toHaveLength(1);
      expect(deployed.monitoring.owed).toEqual([]);
    });

    it('ends a page, and takes an answer, as ever', async () => {
      await stormFor(2);
      for (const number of [4, 5]) {
        await capture(deployed, day(number).replace('T00', 'T10'), seasons.quiet);
        await monitor(deployed, afterDay(number));
      }
      expect(deployed.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
      expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Closed' }]);

      deployed = await deployedModel();
      deployed.events.isDown = true;
      await stormFor(2);
      deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
      expect((await answer({ action: 'expected', until: '2026-02-06', note: 'winter' })).statusCode).toBe(200);
      expect(deployed.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
      expect(deployed.monitoring.owed.at(-1)!.event).toMatchObject({
        type: 'Incident Closed',
        detail: { because: 'expected until 2026-02-06' },
      });
    });

    it('is not asked for more than two events in a call, and each of those again in the next', async () => {
      await stormFor(3);
      const before = deployed.unheard.length;
      await deployed.check({ model: MODEL, version: 7, windowStart: day(4) });
      expect(deployed.unheard.length - before).toBe(2);
      expect(deployed.monitoring.owed).toHaveLength(4);
    });
  });

  it('tells other systems the rest where the bus took one event and not the next', async () => {
    await stormFor(1);
    await capture(deployed, day(3).replace('T00', 'T10'), seasons.storm);
    deployed.events.failsAfter(1); // the window's event is taken, the incident's is not
    await monitor(deployed, afterDay(3));
    expect(deployed.events.published.map(({ type }) => type)).toEqual(['Drift Found', 'Drift Found']);
    expect(deployed.mailer.sent).toHaveLength(1);
    await deployed.check({ model: MODEL, version: 7, windowStart: day(3) });
    expect(deployed.events.published.map(({ type }) => type).slice(2)).toEqual(['Incident Opened']);
  });

  it('takes a window to its incidents in the next hour where the check died between the two, whichever detector speaks', async () => {
    const calls = { calls: 2_000, errors4xx: 0, errors5xx: 0 };
    deployed.service.counts = { ...calls, calls: 19 };
    deployed.service.before = calls;
    const { raiseIncident } = deployed.monitoring;
    deployed.monitoring.raiseIncident = async () => {
      throw new Error('the function died');
    };
    await expect(monitor(deployed, afterDay(1))).rejects.toThrow('the function died');
    expect(deployed.monitoring.windows.size).toBe(1);
    deployed.monitoring.raiseIncident = raiseIncident;

    const nextHour = new Date(Date.parse(afterDay(1)) + 3_600_000).toISOString();
    await monitor(deployed, nextHour);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ detector: 'usage', status: 'Open' }]);
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(await monitor(deployed, nextHour)).toEqual([]);
  });

  it('shows drift and quality over time on the page of a check', async () => {
    const evaluation = { metrics: { auc: 0.7 }, failing: [] };
    for (const number of [1, 2]) {
      const row = { model: MODEL, version: 7, start: day(number), end: day(number + 1), revision: 1, evaluation };
      deployed.quality.windows.set(`${MODEL}/7/${day(number)}`, row as unknown as QualityRow);
    }
    await stormFor(2);
    const { report } = deployed.monitoring.windows.get(`${MODEL}/7/${day(3)}`)!;
    const page = await deployed.objects.readText({
      bucket: report!.bucket,
      key: report!.key.replace('.json', '/report.html'),
    });
    expect(page).toContain('aria-label="largest effect by window"');
    expect(page).toContain('aria-label="auc by window"');
    expect(page.match(/class="bad"/g)).toHaveLength(2);
    // Ireland's 0.128 USD an hour, for 24.
    expect(page).toContain('Serving cost: at least 3.07 USD: ml.m5.large, 24 h; list prices of');
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });

  it('records numbers of every checked window, once', async () => {
    await stormFor(2);
    await deployed.check({ model: MODEL, version: 7, windowStart: day(3) });
    const { recorded } = deployed.metrics;
    const [quiet, , storm] = recorded.map(({ values }) => values);
    expect(recorded.map(({ model, version }) => [model, version])).toEqual(Array(3).fill([MODEL, 7]));
    expect(quiet).toMatchObject({ WindowsChecked: 1, WindowsNotJudged: 0, DriftedFeatures: 0, DriftedShare: 0 });
    const { drifted } = deployed.monitoring.windows.get(`${MODEL}/7/${day(3)}`)!;
    // The weekday is not judged, and nobody knows what was predicted in training.
    expect(storm!.DriftedShare).toBeCloseTo((100 * drifted.length) / (FLIGHT_FEATURES.length - 1), 12);
    expect(storm).toMatchObject({ DriftedFeatures: drifted.length, MissingShare: 0, UnreadRows: 0 });
  });

  it('pages, and ends the page when it is over', async () => {
    await stormFor(2);
    for (const number of [4, 5]) {
      await capture(deployed, day(number).replace('T00', 'T10'), seasons.quiet);
      await monitor(deployed, afterDay(number));
    }
    const { published } = deployed.publisher;
    expect(published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
    expect(published[0]!.dedupKey).toBe(published[1]!.dedupKey);
  });

  it('opens with what serves, what changed lately and whether rollback is safe, and says why on what evidence', async () => {
    await stormFor(2);
    const [{ text, html }] = deployed.mailer.sent as [Mail];
    expect(text.indexOf('Serving now')).toBeLessThan(text.indexOf('WHAT FLIGHT-DELAYS IS ASKED'));
    expect(text).toContain('not possible: no version served before this one');
    expect(text.replace(/\s+/g, ' ')).toMatch(/cases that are no longer sent: "ORD", "DFW", .* do not occur any more/);
    expect(text).toMatch(/origin, share of rows +training +now +change/);
    expect(html).toMatch(/<td width="\d+%" height="8" bgcolor=/);
    expect(html).not.toContain('<img');
  });

  it('tells of skew, apart from drift, where serving was never like training', async () => {
    for (const number of [1, 2, 3, 4]) {
      const storm = seasons.storm.slice((number - 1) * 1_000, number * 1_000);
      await capture(deployed, day(number).replace('T00', 'T10'), storm);
      await monitor(deployed, afterDay(number));
    }
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ detector: 'skew', status: 'Open' }]);
    expect(deployed.mailer.sent.map(({ subject }) => subject)).toEqual([
      '[flight-delays] skew: origin, destination differ from training since serving began',
    ]);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(4)}`)).toMatchObject({ persistent: [] });
  });

  it('makes one incident, one mail and one release of ten thousand alarms', async () => {
    const upload = {
      dataset: { bucket: 'intake', key: `models/${MODEL}/data/new.csv`, versionId: 'v9' },
      submitter: { principal: 'AWS:dana', person: 'dana' },
      ...{ sequencer: '9', uploadedAt: day(3) },
    };
    const model = deployed.lineage.models.get(MODEL)!;
    deployed.lineage.models.set(MODEL, { ...model, startOn: 'schedule', queued: upload });
    for (const number of [1, 2, 3]) {
      const flown = number === 1 ? seasons.quiet : seasons.storm.slice((number - 2) * 1_000, (number - 1) * 1_000);
      await capture(deployed, day(number).replace('T00', 'T10'), flown);
      const { version, closedWindows } = await deployed.profile({ model: MODEL, scheduledTime: afterDay(number) });
      for (const windowStart of closedWindows) await deployed.check({ model: MODEL, version, windowStart });
    }
    const alarm = async () => {
      await deployed.check({ model: MODEL, version: 7, windowStart: day(3) });
      await deployed.raise({ model: MODEL });
      await deployed.govern({ model: MODEL });
    };
    await Promise.all(Array.from({ length: 10_000 }, alarm));
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(deployed.publisher.published).toHaveLength(1);
    expect(deployed.monitoring.incidents.size).toBe(1);
    expect(deployed.started).toHaveLength(1);
    expect((await deployed.lineage.listReleases(MODEL)).filter(({ retraining }) => retraining)).toHaveLength(1);
  });

  it('tells nobody again while it is expected, and again after that', async () => {
    await stormFor(2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    await answer({ action: 'expected', until: '2026-02-06', note: 'winter schedule' });
    await stormOn(4);
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(deployed.publisher.published.map(({ event }) => event)).toEqual(['trigger', 'resolve']);

    deployed.clock.advance(3 * DAY_MS);
    await stormOn(5);
    expect(deployed.mailer.sent).toHaveLength(2);
    expect(deployed.mailer.sent[1]!.text).toContain('0 of 1 answered incident was real');
  });

  it('is answered by a form, never by opening its link', async () => {
    await stormFor(2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    for (const method of ['GET', 'HEAD', 'GET']) expect((await page(method)).statusCode).toBe(200);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([{ status: 'Open' }]);
    expect([...deployed.monitoring.incidents.values()][0]!.acknowledged).toBeUndefined();

    expect((await page('POST', 'action=acknowledge&csrf=forged')).statusCode).toBe(403);
    expect((await answer({ action: 'acknowledge', note: 'looking' })).statusCode).toBe(200);
    expect((await answer({ action: 'acknowledge', note: 'me too' })).statusCode).toBe(409);
    expect((await answer({ action: 'retrain' })).statusCode).toBe(422);
    expect((await answer({ action: 'delete', note: 'x' })).statusCode).toBe(422);
    expect((await answer({ action: 'expected', until: '2036-01-01', note: 'for ever' })).statusCode).toBe(422);
    expect([...deployed.monitoring.incidents.values()]).toMatchObject([
      { status: 'Open', acknowledged: { note: 'looking', by: expect.stringContaining('ops-analytics@example.com') } },
    ]);
  });

  it('asks the governor for a retraining, and shows what it said', async () => {
    await stormFor(2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    const refused = await answer({ action: 'retrain', note: 'new timetable' });
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('Not retrained (no-labelled-rows)');

    const upload = {
      dataset: { bucket: 'intake', key: `models/${MODEL}/data/new.csv`, versionId: 'v9' },
      submitter: { principal: 'AWS:dana', person: 'dana' },
      ...{ sequencer: '9', uploadedAt: deployed.clock.now().toISOString() },
    };
    const model = deployed.lineage.models.get(MODEL)!;
    deployed.lineage.models.set(MODEL, { ...model, startOn: 'schedule', queued: upload } as ModelRow);
    const started = await answer({ action: 'retrain', note: 'new timetable' });
    expect([started.statusCode, deployed.started.length]).toEqual([200, 1]);
    expect(started.body).toContain('Release 2 was started');
    expect((await deployed.lineage.getRelease(MODEL, 2)).reason).toMatch(
      /^asked for by reader of the mail to .*: new timetable; drift: origin, destination moved since 2026-02-02 \(incident/,
    );
    expect((await page('GET')).body).toContain('retraining started release 2');
  });

  it('rolls back to the version that the reader saw, once, and to no other', async () => {
    await stormFor(2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    expect((await page('GET')).body).toContain('not possible: no version served before this one');
    const approval = { requestId: 'q', digest: 'd', approvers: ['ada'], at: day(1) };
    const former = {
      ...deployed.lineage.versions.get(`${MODEL}/7`)!,
      version: 6,
      status: 'Retired',
      approval,
    } as VersionRow;
    deployed.lineage.versions.set(`${MODEL}/6`, former);
    await deployed.objects.put(former.artifact.object, 'model', 'application/gzip');
    expect((await page('GET')).body).toContain('safe for callers: version 6 served before');

    const form = { action: 'roll-back', note: 'nonsense since the release', to: '6' };
    expect((await answer({ ...form, from: '5' })).body).toContain('version 7 serves by now, not 5');
    expect((await answer({ ...form, from: '7', note: '' })).statusCode).toBe(422);
    const done = await answer({ ...form, from: '7', withdraw: 'yes' });
    expect([done.statusCode, done.body.includes('Rollback 1 to version 6 is under way')]).toEqual([200, true]);
    await answer({ ...form, from: '7' });
    expect(deployed.rollbacks.started).toEqual([`${MODEL}-rollback-1`]);
    expect([...deployed.rollbacks.rows.values()]).toMatchObject([
      {
        from: 7,
        to: 6,
        withdraw: true,
        incident: `${MODEL}/drift/${day(2)}`,
        requestedBy: { principal: expect.stringMatching(/^reader of the mail/) },
      },
    ]);
  });

  it('takes what is expected as the new baseline, and gives the old one back', async () => {
    await stormFor(2);
    deployed.clock.advance(Date.parse(afterDay(3)) - deployed.clock.now().getTime());
    const window = day(3);
    expect((await page('GET')).body).toContain(`<option value="${window}">`);
    const done = await answer({ action: 'expected', until: '2026-02-05', note: 'winter schedule', window });
    expect(done.body).toContain('They are held against the window of 2026-02-03 from now on');
    expect(deployed.monitoring.baselines).toMatchObject([
      { number: 1, features: ['origin', 'destination'], rows: 1_000 },
    ]);
    expect(deployed.monitoring.audit.map(({ type }) => type)).toContain('BaselineChanged');

    for (const number of [4, 5]) {
      await capture(
        deployed,
        day(number).replace('T00', 'T10'),
        seasons.storm.slice((number - 1) * 1_000, number * 1_000),
      );
      expect(await monitor(deployed, afterDay(number))).toEqual(['Stable']);
    }
    const wish = { model: MODEL, version: 7, features: [], by: 'ada', reason: 'winter is over', origin: 'o' };
    expect(await deployed.setBaseline(wish)).toMatchObject({ kind: 'set', row: { number: 2 } });
    expect(await deployed.setBaseline({ ...wish, origin: 'p' })).toMatchObject({ kind: 'refused' });
    await capture(deployed, day(6).replace('T00', 'T10'), seasons.storm.slice(0, 1_000));
    expect(await monitor(deployed, afterDay(6))).toEqual(['Drifted']);
    const approved = deployed.lineage.versions.get(`${MODEL}/7`)!.baseline;
    expect(approved).toMatchObject({ bucket: 'approved', versionId: deployed.baselineVersion });
  });

  it.each([
    ['a window that was never checked', { window: day(9) }, 'there is no checked window'],
    ['a window of too few rows', { window: day(2) }, 'has 400 rows; a baseline needs 1000'],
    ['a feature that the version does not have', { window: day(1), features: ['fuel'] }, 'got fuel'],
    ['no feature', { window: day(1), features: [] }, 'got none'],
  ])('takes no baseline from %s', async (_, change, why) => {
    await capture(deployed, day(1).replace('T00', 'T10'), seasons.quiet);
    await capture(deployed, day(2).replace('T00', 'T10'), seasons.quiet.slice(0, 400));
    await monitor(deployed, afterDay(2));
    const wish = { model: MODEL, version: 7, features: ['origin'], by: 'ada', reason: 'r', origin: 'o', ...change };
    expect(await deployed.setBaseline(wish)).toEqual({ kind: 'refused', why: expect.stringContaining(why) });
  });

  it('refuses a link of another incident, a changed one and an expired one', async () => {
    await stormFor(2);
    const link = linkInMail();
    const other = Buffer.from(`${MODEL}/drift/2026-01-01T00:00:00.000Z`).toString('base64url');
    expect((await page('GET', '', `/incidents/${other}`, link.search)).statusCode).toBe(403);
    expect((await page('GET', '', link.pathname, `${link.search}x`)).statusCode).toBe(403);
    deployed.clock.advance(15 * DAY_MS);
    expect((await page('GET')).statusCode).toBe(410);
  });

  const linkInMail = (): URL => new URL(/https:\S+/.exec(deployed.mailer.sent[0]!.text)![0]);

  const page = (method: string, body = '', path = linkInMail().pathname, search = linkInMail().search) =>
    deployed.act({
      rawPath: path,
      rawQueryString: search.slice(1),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      cookies: cookies.slice(),
      body,
      isBase64Encoded: false,
      requestContext: { http: { method, sourceIp: '127.0.0.1' } },
    });

  let cookies: string[] = [];

  /** As a browser does: opens the page, fills its form in, sends it. */
  async function answer(fields: Readonly<Record<string, string>>) {
    cookies = [];
    const shown = await page('GET');
    cookies = (shown.cookies ?? []).map((cookie) => cookie.split(';')[0]!);
    const csrf = /name="csrf" value="([^"]+)"/.exec(shown.body)![1]!;
    return page('POST', new URLSearchParams({ csrf, ...fields }).toString());
  }

  async function stormOn(number: number): Promise<void> {
    await capture(deployed, day(number).replace('T00', 'T10'), seasons.storm.slice(0, 1_000));
    await monitor(deployed, afterDay(number));
  }

  it('hands an alert on again until someone was told', async () => {
    deployed.mailer.failWith = new Error('mail is down');
    await expect(stormFor(2)).rejects.toThrow('mail is down');
    deployed.mailer.failWith = undefined;

    await monitor(deployed, new Date(Date.parse(afterDay(3)) + 3_600_000).toISOString());
    expect(deployed.mailer.sent).toHaveLength(1);
    expect(deployed.monitoring.incidents.size).toBe(1);
  });

  /** A quiet first day, then the storm. */
  async function stormFor(days: number): Promise<void> {
    await capture(deployed, day(1).replace('T00', 'T10'), seasons.quiet);
    await monitor(deployed, afterDay(1));
    for (let i = 1; i <= days; i++) {
      await capture(deployed, day(i + 1).replace('T00', 'T10'), seasons.storm.slice((i - 1) * 1_000, i * 1_000));
      await monitor(deployed, afterDay(i + 1));
    }
  }
});

describe('a schedule that fires', () => {
  it('twice at once checks a window once', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.quiet.slice(0, 500));
    const both = await Promise.all([monitor(deployed, afterDay(1)), monitor(deployed, afterDay(1))]);

    expect(both).toEqual([['Stable'], ['Stable']]);
    expect(deployed.monitoring.audit.filter(({ type }) => type === 'DriftChecked')).toHaveLength(1);
    expect(await monitor(deployed, afterDay(1))).toEqual([]);
  });

  it('asks once how the endpoint answered, and not of a version that serves no more', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.quiet.slice(0, 500));
    deployed.service.counts = { calls: 50, errors4xx: 0, errors5xx: 0 };
    await monitor(deployed, afterDay(1));
    expect(deployed.service.asked).toEqual(['launchway-local-flight-delays']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(1)}`)).toMatchObject({ usage: { invocations: 50 } });

    const model = deployed.lineage.models.get(MODEL)!;
    deployed.lineage.models.set(MODEL, { ...model, champion: { ...model.champion!, version: 8 } });
    await deployed.check({ model: MODEL, version: 7, windowStart: day(2) });
    expect(deployed.service.asked).toHaveLength(1);
    const row = deployed.monitoring.windows.get(`${MODEL}/7/${day(2)}`)!;
    expect([row.usage, row.service, row.cost]).toEqual([undefined, undefined, undefined]);
  });

  it('within the quarter of an hour after a window leaves it for later', async () => {
    const { closedWindows } = await deployed.profile({ model: MODEL, scheduledTime: '2026-02-02T00:14:00Z' });
    expect(closedWindows).toEqual([]);
  });

  it('after days of silence checks every window, oldest first', async () => {
    const { closedWindows } = await deployed.profile({ model: MODEL, scheduledTime: afterDay(3) });
    expect(closedWindows).toEqual([day(1), day(2), day(3)]);
  });

  it('counts an hour anew when a late file arrives, and nothing twice', async () => {
    const hour = '2026-02-01T10:00:00.000Z';
    await capture(deployed, hour, seasons.quiet.slice(0, 100));
    const at = '2026-02-01T11:15:00Z';
    expect(await deployed.profile({ model: MODEL, scheduledTime: at })).toMatchObject({ records: 10 });
    expect(await deployed.profile({ model: MODEL, scheduledTime: at })).toMatchObject({ records: 0 });

    await capture(deployed, hour, seasons.quiet.slice(100, 150), 'late');
    expect(await deployed.profile({ model: MODEL, scheduledTime: at })).toMatchObject({ records: 15 });
    expect([...deployed.monitoring.profiles.values()]).toMatchObject([{ hour, tally: { rows: 150 } }]);
  });

  it('leaves the hour that is still running alone', async () => {
    await capture(deployed, '2026-02-01T11:00:00.000Z', seasons.quiet.slice(0, 100));
    expect(await deployed.profile({ model: MODEL, scheduledTime: '2026-02-01T11:15:00Z' })).toMatchObject({
      records: 0,
    });
  });
});

describe('a window with too little', () => {
  it('is InsufficientData, and lends its rows to the next', async () => {
    // Every sixth flight: 300 in a row are a day and a half, whose hours are not a month's.
    const spread = seasons.quiet.filter((_, i) => i % 6 === 0);
    await capture(deployed, '2026-02-01T10:00:00.000Z', spread.slice(0, 150));
    await capture(deployed, '2026-02-02T10:00:00.000Z', spread.slice(150, 300));

    expect(await monitor(deployed, afterDay(1))).toEqual(['InsufficientData']);
    expect(await monitor(deployed, afterDay(2))).toEqual(['Stable']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(2)}`)).toMatchObject({ rows: 300, countsFrom: day(1) });
  });

  it('says so where captures are missing for what was invoked', async () => {
    await capture(deployed, '2026-02-01T10:00:00.000Z', seasons.storm.slice(0, 1_000));
    deployed.service.counts = { calls: 200, errors4xx: 0, errors5xx: 0 };
    expect(await monitor(deployed, afterDay(1))).toEqual(['InsufficientData']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(1)}`)).toMatchObject({ coverage: 0.5, drifted: [] });
  });

  it('ends at once without traffic', async () => {
    expect(await monitor(deployed, afterDay(1))).toEqual(['InsufficientData']);
    expect(deployed.monitoring.windows.get(`${MODEL}/7/${day(1)}`)).toMatchObject({ rows: 0, why: 'no invocation' });
  });
});

it('drops smoke tests and counts them', async () => {
  const row = flightRow(seasons.quiet[0]!).join(',');
  const text = `${record([row], 'launchway-smoke-1')}\n${record([row], 'customer-1')}\n`;
  await deployed.objects.put(
    { bucket: 'captures', key: keyOf('2026-02-01T10:00:00.000Z', 'smoke') },
    text,
    'application/jsonlines',
  );
  await deployed.profile({ model: MODEL, scheduledTime: '2026-02-01T11:15:00Z' });
  expect([...deployed.monitoring.profiles.values()]).toMatchObject([
    { tally: { rows: 1, smokeRecords: 1, records: 2 } },
  ]);
});
