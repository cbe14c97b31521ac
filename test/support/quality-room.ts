import type { ModelRow, ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { WindowRow } from '../../domain/monitoring/rows.ts';
import type { LabelFileRow, QualityRow } from '../../domain/quality/rows.ts';
import type { Readable } from '../../domain/stream.ts';
import type { VersionRow } from '../../domain/version.ts';
import { measureQuality } from '../../lambdas/measure-quality/measure-quality.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer, InMemoryObjectStore } from './in-memory.ts';
import {
  InMemoryAlertPublisher,
  InMemoryEventPublisher,
  InMemoryFleetStore,
  InMemoryMetricRecorder,
  InMemoryMonitoringStore,
} from './in-memory-monitoring-store.ts';
import { InMemoryQualityStore } from './in-memory-quality-store.ts';
import { InMemoryStalenessStore } from './in-memory-staleness-store.ts';

const MODEL = 'flight-delays';
const ENDPOINT = 'launchway-test-flight-delays';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A prediction as it was captured. */
export interface Captured {
  readonly inferenceId?: string;
  readonly eventId: string;
  /** One per row of the request. */
  readonly scores: readonly number[];
}

/** Remembers which captures were read. */
class CountingObjectStore extends InMemoryObjectStore {
  readonly capturesRead: string[] = [];

  override async read(object: ObjectRef): Promise<Readable> {
    if (object.bucket === 'captures') this.capturesRead.push(object.key);
    return super.read(object);
  }
}

/** A model that serves, with captures to join outcomes to. */
export class QualityRoom {
  readonly clock = new FixedClock('2026-02-01T00:00:00.000Z');
  readonly objects = new CountingObjectStore(this.clock.now);
  readonly lineage = new InMemoryLineageStore(this.clock.now);
  readonly monitoring = new InMemoryMonitoringStore();
  readonly fleet = new InMemoryFleetStore(this.monitoring);
  readonly quality = new InMemoryQualityStore();
  readonly staleness = new InMemoryStalenessStore();
  readonly mailer = new InMemoryMailer();
  readonly publisher = new InMemoryAlertPublisher();
  readonly events = new InMemoryEventPublisher();
  readonly unheard: unknown[] = [];
  readonly metrics = new InMemoryMetricRecorder();
  readonly definition: ModelDefinition;
  #uploads = 0;

  constructor(monitoring: Partial<ModelDefinition['monitoring']> = {}) {
    this.definition = {
      model: MODEL,
      columns: { id: 'flight_id', attributes: ['carrier'], others: 'refuse' },
      features: [{ name: 'distance', type: 'numeric' }],
      problem: { type: 'binary-classification', target: 'delayed', positiveClass: '1', decisionThreshold: 0.5 },
      business: {
        ...{ truePositiveValue: 10, falsePositiveCost: 2, falseNegativeCost: 4, trueNegativeValue: 1 },
        currency: 'EUR',
      },
      serving: { response: { contentType: 'text/csv', scoreColumn: 0 } },
      monitoring: {
        windowHours: 24,
        capture: { fraction: 1, redact: [], retainDays: 90 },
        drift: { effect: 0.1, falseDiscoveryRate: 0.01, persistence: { windows: 2, of: 3 }, exclude: [] },
        labels: { completeAfterDays: 2 },
        quality: [],
        onDrift: 'alert',
        ...monitoring,
      },
    } as unknown as ModelDefinition;
    this.serves(3, '2026-02-01T00:00:00.000Z');
    this.#addVersion(3, 'Deployed');
  }

  /** One occurrence of the schedule, as the workflow runs it once windows are checked. */
  async measure(at: string) {
    const { clock, objects, lineage, monitoring, fleet, quality, mailer, publisher, definition } = this;
    clock.advance(Date.parse(at) - clock.now().getTime());
    return measureQuality({
      ...{ staleness: this.staleness, stalenessExecutions: this.staleness },
      ...{ lineage, monitoring, fleet, quality, objects, mailer, publisher, now: clock.now },
      ...{ events: this.events, onUnheard: (error: unknown) => void this.unheard.push(error), metrics: this.metrics },
      readDefinition: async () => definition,
      config: { people: { dana: { name: 'Dana', email: 'dana@example.com', principals: [] } } },
      buckets: { captures: 'captures', artifacts: 'artifacts' },
    })({ model: MODEL, scheduledTime: at });
  }

  async #addVersion(version: number, status: VersionRow['status']): Promise<void> {
    const uri = `s3://approved/operations/flight-delays/datasets/d/prepared/r${version}`;
    this.lineage.versions.set(`${MODEL}/${version}`, {
      ...{ model: MODEL, version, release: version, team: 'operations', status },
      definition: { bucket: 'approved', key: 'model.yaml', sha256: 'd' },
      prepared: { uri },
      evaluation: { metrics: { auc: 0.75 } },
    } as unknown as VersionRow);
    const labels = 'row_id,target,carrier\na,0,AA\nb,1,UA\n';
    await this.objects.put({ bucket: 'approved', key: `${uri.slice(14)}/holdout/labels.csv` }, labels, 'text/csv');
  }

  serves(version: number, since: string): void {
    this.lineage.models.set(MODEL, {
      ...{ model: MODEL, team: 'operations', owner: 'owner@example.com' },
      champion: { version, endpointName: ENDPOINT, endpointConfigName: `c${version}`, since },
    } as unknown as ModelRow);
  }

  /** A version takes over. */
  async release(version: number, since: string): Promise<void> {
    for (const [key, row] of this.lineage.versions) this.lineage.versions.set(key, { ...row, status: 'Retired' });
    await this.#addVersion(version, 'Deployed');
    this.serves(version, since);
  }

  /** Captures of an hour, one request each. @param checked adds the day's window as check-drift leaves it */
  async capture(hour: string, captured: readonly Captured[], { version = 3, checked = true } = {}): Promise<void> {
    const lines = captured.map(({ inferenceId, eventId, scores }) =>
      JSON.stringify({
        captureData: {
          endpointInput: {
            observedContentType: 'text/csv',
            mode: 'INPUT',
            data: scores.map((_, i) => String(i)).join('\n'),
            encoding: 'CSV',
          },
          endpointOutput: {
            observedContentType: 'text/csv',
            mode: 'OUTPUT',
            data: scores.join('\n'),
            encoding: 'CSV',
          },
        },
        eventMetadata: { eventId, ...(inferenceId !== undefined && { inferenceId }), inferenceTime: hour },
        eventVersion: '0',
      }),
    );
    const folder = `${hour.slice(0, 10).replaceAll('-', '/')}/${hour.slice(11, 13)}`;
    const key = `operations/${MODEL}/v${version}/${ENDPOINT}/live/${folder}/one.jsonl`;
    await this.objects.put({ bucket: 'captures', key }, `${lines.join('\n')}\n`, 'application/jsonlines');
    if (!checked) return;
    const start = `${hour.slice(0, 10)}T00:00:00.000Z`;
    const rows = captured.reduce((sum, { scores }) => sum + scores.length, 0);
    const end = new Date(Date.parse(start) + DAY_MS).toISOString();
    this.monitoring.windows.set(`${MODEL}/${version}/${start}`, {
      ...{ model: MODEL, version, start, end, verdict: 'Stable', drifted: [], warning: false, rows },
    } as unknown as WindowRow);
  }

  /** Uploads a file of outcomes, as admit-upload leaves it. @returns its row's id */
  async label(at: string, body: string | Uint8Array, name = 'labels.csv'): Promise<string> {
    this.#uploads += 1;
    const id = `file${this.#uploads}`;
    const key = `models/${MODEL}/labels/${this.#uploads}/${name}`;
    const object = await this.objects.put({ bucket: 'intake', key }, body, 'text/plain');
    const row: LabelFileRow = {
      ...{ model: MODEL, id, object, uploadedAt: at, receivedAt: at, status: 'Received' },
      submitter: { principal: 'AWS:dana', person: 'dana' },
    };
    const claim = { model: MODEL, key, versionId: object.versionId!, became: { kind: 'labels' as const, id } };
    await this.quality.receiveLabels(row, claim, { type: 'LabelsReceived', actor: 'dana', subject: id, details: {} });
    return id;
  }

  file(id: string): LabelFileRow {
    return this.quality.files.get(id)!;
  }

  /** What is known of a day's window. */
  window(day: string, version = 3): QualityRow {
    return this.quality.windows.get(`${MODEL}/${version}/${day}T00:00:00.000Z`)!;
  }
}
