import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { csvLine } from '../../domain/tabular/csv-records.ts';
import type { VersionRow } from '../../domain/version.ts';
import { actOnIncident } from '../../lambdas/act-on-incident/act-on-incident.ts';
import { checkDrift } from '../../lambdas/check-drift/check-drift.ts';
import { governRetraining } from '../../lambdas/govern-retraining/govern-retraining.ts';
import { profileBaseline } from '../../lambdas/profile-baseline/profile-baseline.ts';
import { profileCaptures } from '../../lambdas/profile-captures/profile-captures.ts';
import { raiseAlert } from '../../lambdas/raise-alert/raise-alert.ts';
import { type BaselineWish, setBaseline } from '../../lambdas/shared/set-baseline.ts';
import { FLIGHT_FEATURES, flightRow, flightSeasons } from './flights.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer, InMemoryObjectStore } from './in-memory.ts';
import { InMemoryLinkSigner } from './in-memory-approvals.ts';
import {
  FixedServiceMeter,
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMetricRecorder,
  InMemoryMonitoringStore,
} from './in-memory-monitoring-store.ts';
import { InMemoryQualityStore } from './in-memory-quality-store.ts';
import { InMemoryRollbackStore } from './in-memory-rollback-store.ts';

export const MODEL = 'flight-delays';
export const PREPARED = 'operations/flight-delays/datasets/d1/prepared/r1';
export const DAY_MS = 86_400_000;
export const seasons = flightSeasons();

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
export async function deployedModel() {
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

export type Deployed = Awaited<ReturnType<typeof deployedModel>>;

export const record = (rows: readonly string[], inferenceId?: string): string =>
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

export const keyOf = (hour: string, file: string): string =>
  `operations/flight-delays/v7/launchway-local-flight-delays/live/${hour.slice(0, 10).replaceAll('-', '/')}/${hour.slice(11, 13)}/${file}.jsonl`;

type Flights = typeof seasons.quiet;

/** Captures flights, ten a request, in the given hour. */
export async function capture({ objects }: Deployed, hour: string, flown: Flights, file = 'one'): Promise<void> {
  const lines: string[] = [];
  for (let i = 0; i < flown.length; i += 10) {
    lines.push(record(flown.slice(i, i + 10).map((flight) => flightRow(flight).join(','))));
  }
  await objects.put({ bucket: 'captures', key: keyOf(hour, file) }, `${lines.join('\n')}\n`, 'application/jsonlines');
}

/** One occurrence of the schedule, as the state machine runs it. */
export async function monitor(deployed: Deployed, scheduledTime: string): Promise<string[]> {
  const { version, closedWindows } = await deployed.profile({ model: MODEL, scheduledTime });
  const verdicts: string[] = [];
  for (const windowStart of closedWindows) {
    const { verdict, alert } = await deployed.check({ model: MODEL, version, windowStart });
    verdicts.push(verdict);
    if (alert) await deployed.raise({ model: MODEL });
  }
  return verdicts;
}

export const day = (number: number): string => new Date(Date.UTC(2026, 1, number)).toISOString();
export const afterDay = (number: number): string =>
  new Date(Date.parse(day(number)) + DAY_MS + 15 * 60_000).toISOString();

/** A day of the storm. */
export async function stormOn(deployed: Deployed, number: number): Promise<void> {
  await capture(deployed, day(number).replace('T00', 'T10'), seasons.storm.slice(0, 1_000));
  await monitor(deployed, afterDay(number));
}

/** A quiet first day, then the storm. */
export async function stormFor(deployed: Deployed, days: number): Promise<void> {
  await capture(deployed, day(1).replace('T00', 'T10'), seasons.quiet);
  await monitor(deployed, afterDay(1));
  for (let i = 1; i <= days; i++) {
    await capture(deployed, day(i + 1).replace('T00', 'T10'), seasons.storm.slice((i - 1) * 1_000, i * 1_000));
    await monitor(deployed, afterDay(i + 1));
  }
}

/** The link in the first mail. */
export const linkInMail = ({ mailer }: Deployed): URL => new URL(/https:\S+/.exec(mailer.sent[0]!.text)![0]);

/** What a browser gets of an incident's page. */
export const openPage = (
  deployed: Deployed,
  method: string,
  {
    body = '',
    path = linkInMail(deployed).pathname,
    search = linkInMail(deployed).search,
    cookies = [] as readonly string[],
  } = {},
) =>
  deployed.act({
    rawPath: path,
    rawQueryString: search.slice(1),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    cookies: [...cookies],
    body,
    isBase64Encoded: false,
    requestContext: { http: { method, sourceIp: '127.0.0.1' } },
  });

/** As a browser does: opens the page, fills its form in, sends it. */
export async function answerIncident(deployed: Deployed, fields: Readonly<Record<string, string>>) {
  const shown = await openPage(deployed, 'GET');
  const cookies = (shown.cookies ?? []).map((cookie) => cookie.split(';')[0]!);
  const csrf = /name="csrf" value="([^"]+)"/.exec(shown.body)![1]!;
  return openPage(deployed, 'POST', { body: new URLSearchParams({ csrf, ...fields }).toString(), cookies });
}
