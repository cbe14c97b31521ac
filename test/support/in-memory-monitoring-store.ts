import type { AuditEvent } from '../../domain/audit.ts';
import type { TimeWindow } from '../../domain/drift/persistence.ts';
import {
  type MonitoringEvent,
  type OwedEvent,
  owedOfBeginning,
  owedOfEnd,
  owedOfWindow,
} from '../../domain/monitoring/events.ts';
import type { FleetIncident } from '../../domain/monitoring/fleet.ts';
import type { MetricSet } from '../../domain/monitoring/metrics.ts';
import type { MonitoringBaseline } from '../../domain/monitoring/monitoring-baseline.ts';
import type {
  Alert,
  AlertPublisher,
  EventPublisher,
  FleetStore,
  MetricRecorder,
  MonitoringStore,
  ServiceMeter,
} from '../../domain/monitoring/ports.ts';
import type { RetrainRow } from '../../domain/monitoring/retrain-decision.ts';
import type {
  Detector,
  DetectorState,
  Expectation,
  IncidentAnswer,
  IncidentRow,
  ProfileRow,
  WindowRow,
} from '../../domain/monitoring/rows.ts';
import type { ServiceCounts } from '../../domain/monitoring/service.ts';

/** The monitoring store's rules over maps. */
export class InMemoryMonitoringStore implements MonitoringStore {
  readonly profiles = new Map<string, ProfileRow>();
  readonly windows = new Map<string, WindowRow>();
  readonly incidents = new Map<string, IncidentRow>();
  readonly audit: AuditEvent[] = [];

  async listProfiles(model: string, version: number, { start, end }: TimeWindow): Promise<ProfileRow[]> {
    return [...this.profiles.values()]
      .filter((row) => row.model === model && row.version === version && row.hour >= start && row.hour < end)
      .sort((a, b) => (a.hour < b.hour ? -1 : 1));
  }

  async saveProfile(row: ProfileRow, seen: string | undefined): Promise<boolean> {
    const key = `${row.model}/${row.version}/${row.hour}`;
    if (this.profiles.get(key)?.revision !== seen) return false;
    this.profiles.set(key, row);
    return true;
  }

  async lastWindows(model: string, version: number, most: number): Promise<WindowRow[]> {
    return [...this.windows.values()]
      .filter((row) => row.model === model && row.version === version)
      .sort((a, b) => (a.start < b.start ? -1 : 1))
      .slice(-most);
  }

  async findWindow(model: string, version: number, start: string): Promise<WindowRow | undefined> {
    return this.windows.get(`${model}/${version}/${start}`);
  }

  async saveWindow(row: WindowRow, audit: AuditEvent): Promise<boolean> {
    const key = `${row.model}/${row.version}/${row.start}`;
    if (this.windows.has(key)) return false;
    this.windows.set(key, row);
    this.audit.push(audit);
    this.owed.push(...owedOfWindow(row));
    return true;
  }

  async recordSettled(row: WindowRow, at: string): Promise<void> {
    const key = `${row.model}/${row.version}/${row.start}`;
    this.windows.set(key, { settledAt: at, ...this.windows.get(key)! });
  }

  owed: OwedEvent[] = [];

  async listOwedEvents(model?: string): Promise<OwedEvent[]> {
    return this.owed.filter(({ event }) => model === undefined || event.detail.model === model);
  }

  async forgetEvent({ event }: OwedEvent): Promise<void> {
    this.owed = this.owed.filter((other) => other.event.detail.id !== event.detail.id);
  }

  async openIncident(model: string, detector: Detector): Promise<IncidentRow | undefined> {
    return [...this.incidents.values()].find(
      (row) => row.model === model && row.detector === detector && row.status === 'Open',
    );
  }

  readonly expectations = new Map<string, Expectation>();

  async detectorState(model: string, detector: Detector): Promise<DetectorState> {
    const open = await this.openIncident(model, detector);
    const expected = this.expectations.get(`${model}/${detector}`);
    return { ...(open && { open }), ...(expected && { expected }) };
  }

  async findIncident(model: string, detector: Detector, start: string): Promise<IncidentRow | undefined> {
    return this.incidents.get(`${model}/${detector}/${start}`);
  }

  async listIncidents(model: string): Promise<IncidentRow[]> {
    return [...this.incidents.values()].filter((row) => row.model === model);
  }

  async acknowledgeIncident(row: IncidentRow, answer: IncidentAnswer, audit: AuditEvent): Promise<boolean> {
    const now = this.incidents.get(keyOf(row));
    if (now?.status !== 'Open' || now.acknowledged) return false;
    this.incidents.set(keyOf(row), { ...now, acknowledged: answer });
    this.audit.push(audit);
    return true;
  }

  async expectIncident(
    row: IncidentRow,
    answer: IncidentAnswer & { readonly until: string },
    audit: AuditEvent,
  ): Promise<boolean> {
    const now = this.incidents.get(keyOf(row));
    if (now?.status !== 'Open') return false;
    const { by, until, at } = answer;
    const closedBecause = `expected until ${until}, says ${by}`;
    this.incidents.set(keyOf(row), { ...now, status: 'Closed', expected: answer, closedAt: at, closedBecause });
    this.expectations.set(`${row.model}/${row.detector}`, { features: row.features, until, by });
    this.audit.push(audit);
    this.owed.push(owedOfEnd(now, at, `expected until ${until.slice(0, 10)}`));
    return true;
  }

  async raiseIncident(row: IncidentRow, audit: AuditEvent): Promise<boolean> {
    if (this.incidents.has(keyOf(row)) || (await this.openIncident(row.model, row.detector))) return false;
    this.incidents.set(keyOf(row), row);
    this.audit.push(audit);
    this.owed.push(...owedOfBeginning(row));
    return true;
  }

  readonly #telling = new Map<string, string>();

  async claimTelling(row: IncidentRow, at: string, staleBefore: string): Promise<boolean> {
    const since = this.#telling.get(keyOf(row));
    const now = this.incidents.get(keyOf(row));
    if (!now || now.notifiedAt !== undefined || (since !== undefined && since >= staleBefore)) return false;
    this.#telling.set(keyOf(row), at);
    return true;
  }

  async releaseTelling(row: IncidentRow, at: string): Promise<void> {
    if (this.#telling.get(keyOf(row)) === at) this.#telling.delete(keyOf(row));
  }

  async recordNotified(
    row: IncidentRow,
    at: string,
    toldTo: readonly string[],
    audit: AuditEvent,
    fleet?: string,
  ): Promise<void> {
    const now = this.incidents.get(keyOf(row));
    if (!now || now.notifiedAt !== undefined) return;
    this.incidents.set(keyOf(row), { ...now, notifiedAt: at, toldTo, ...(fleet !== undefined && { toldAs: fleet }) });
    this.audit.push(audit);
  }

  async closeIncident(row: IncidentRow, at: string, because: string, audit: AuditEvent): Promise<void> {
    const now = this.incidents.get(keyOf(row));
    if (now?.status !== 'Open') return;
    this.incidents.set(keyOf(row), { ...now, status: 'Closed', closedAt: at, closedBecause: because });
    this.audit.push(audit);
    this.owed.push(owedOfEnd(now, at, because));
  }

  readonly baselines: MonitoringBaseline[] = [];

  async currentBaseline(model: string, version: number): Promise<MonitoringBaseline | undefined> {
    return this.baselines.findLast((row) => row.model === model && row.version === version);
  }

  async setBaseline(row: MonitoringBaseline, audit: AuditEvent): Promise<boolean> {
    const current = await this.currentBaseline(row.model, row.version);
    if ((current?.number ?? 0) !== row.number - 1) return false;
    this.baselines.push(row);
    this.audit.push(audit);
    return true;
  }

  readonly retrainDecisions = new Map<string, RetrainRow>();

  async findRetrainDecision(model: string, id: string): Promise<RetrainRow | undefined> {
    return this.retrainDecisions.get(`${model}/${id}`);
  }

  async listRetrainDecisions(model: string): Promise<RetrainRow[]> {
    return [...this.retrainDecisions.values()].filter((row) => row.model === model);
  }

  async keepRetrainDecision(row: RetrainRow, audit: AuditEvent | undefined): Promise<void> {
    const key = `${row.model}/${row.id}`;
    if (this.retrainDecisions.get(key)?.decision === 'started') return;
    this.retrainDecisions.delete(key);
    this.retrainDecisions.set(key, row);
    if (audit) this.audit.push(audit);
  }
}

const keyOf = ({ model, detector, start }: IncidentRow): string => `${model}/${detector}/${start}`;

/** Fleet incidents over the same maps. */
export class InMemoryFleetStore implements FleetStore {
  readonly fleets = new Map<string, FleetIncident>();
  readonly #monitoring: InMemoryMonitoringStore;
  readonly #telling = new Map<string, string>();

  constructor(monitoring: InMemoryMonitoringStore) {
    this.#monitoring = monitoring;
  }

  async listOpenIncidents(): Promise<IncidentRow[]> {
    return [...this.#monitoring.incidents.values()].filter(({ status }) => status === 'Open');
  }

  async findFleet(id: string): Promise<FleetIncident | undefined> {
    return this.fleets.get(id);
  }

  async joinFleet(fleet: FleetIncident, children: readonly IncidentRow[]): Promise<FleetIncident> {
    const before = this.fleets.get(fleet.id);
    const all = new Set([...(before?.children ?? []), ...children.map(keyOf)]);
    const { closedAt: _, ...joined } = { ...before, ...fleet, children: all };
    this.fleets.set(fleet.id, joined);
    for (const child of children) {
      const now = this.#monitoring.incidents.get(keyOf(child))!;
      this.#monitoring.incidents.set(keyOf(child), { fleet: fleet.id, ...now });
    }
    return joined;
  }

  async claimFleetTelling(id: string, at: string, staleBefore: string): Promise<boolean> {
    const since = this.#telling.get(id);
    const now = this.fleets.get(id);
    if (!now || now.notifiedAt !== undefined || (since !== undefined && since >= staleBefore)) return false;
    this.#telling.set(id, at);
    return true;
  }

  async releaseFleetTelling(id: string, at: string): Promise<void> {
    if (this.#telling.get(id) === at) this.#telling.delete(id);
  }

  async recordFleetNotified(id: string, at: string, toldTo: readonly string[]): Promise<void> {
    this.fleets.set(id, { notifiedAt: at, ...this.fleets.get(id)!, toldTo });
  }

  async closeFleet(id: string, at: string): Promise<boolean> {
    const now = this.fleets.get(id);
    if (now?.status !== 'Open') return false;
    this.fleets.set(id, { ...now, status: 'Closed', closedAt: at });
    return true;
  }
}

/** Keeps what was published. */
export class InMemoryAlertPublisher implements AlertPublisher {
  readonly published: Alert[] = [];

  async publish(alert: Alert): Promise<void> {
    this.published.push(alert);
  }
}

export class InMemoryEventPublisher implements EventPublisher {
  readonly published: MonitoringEvent[] = [];
  isDown = false;
  #failsAfter: number | undefined;

  /** One call fails, after so many that do not. */
  failsAfter(calls: number): void {
    this.#failsAfter = calls;
  }

  async publish(event: MonitoringEvent): Promise<void> {
    const fails = this.isDown || this.#failsAfter === 0;
    if (this.#failsAfter !== undefined) this.#failsAfter = this.#failsAfter === 0 ? undefined : this.#failsAfter - 1;
    if (fails) throw new Error('the bus does not answer');
    this.published.push(event);
  }
}

export class InMemoryMetricRecorder implements MetricRecorder {
  readonly recorded: MetricSet[] = [];

  record(metrics: MetricSet): void {
    this.recorded.push(metrics);
  }
}

/** Counts what a test says of the newest window, and of those before it. */
export class FixedServiceMeter implements ServiceMeter {
  counts: ServiceCounts = { calls: 0, errors4xx: 0, errors5xx: 0 };
  before: ServiceCounts = { calls: 0, errors4xx: 0, errors5xx: 0 };

  /** Calls of this meter, by endpoint. */
  readonly asked: string[] = [];

  async measure(endpoint: string, _variant: string, during: readonly TimeWindow[]): Promise<ServiceCounts[]> {
    this.asked.push(endpoint);
    return during.map((_, i) => (i === 0 ? this.counts : this.before));
  }
}
