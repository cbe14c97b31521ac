import type { AuditEvent } from '../audit.ts';
import type { TimeWindow } from '../drift/persistence.ts';
import type { ModelRow } from '../model.ts';
import type { MonitoringEvent, OwedEvent } from './events.ts';
import type { FleetIncident } from './fleet.ts';
import type { MetricSet } from './metrics.ts';
import type { MonitoringBaseline } from './monitoring-baseline.ts';
import type { RetrainRow } from './retrain-decision.ts';
import type { Detector, DetectorState, IncidentAnswer, IncidentRow, ProfileRow, WindowRow } from './rows.ts';
import type { ServiceCounts } from './service.ts';

/** What monitoring remembers: profiles, checked windows, incidents. */
export interface MonitoringStore {
  /** Profiles of the hours in a stretch of time, oldest first. */
  listProfiles(model: string, version: number, during: TimeWindow): Promise<ProfileRow[]>;
  /**
   * @param seen the revision that this one replaces; undefined where there was none
   * @returns false where someone else wrote the hour in between: theirs is as good
   */
  saveProfile(row: ProfileRow, seen: string | undefined): Promise<boolean>;

  /** The newest checked windows of a version, oldest first. */
  lastWindows(model: string, version: number, most: number): Promise<WindowRow[]>;
  findWindow(model: string, version: number, start: string): Promise<WindowRow | undefined>;
  /** A window that drifted owes other systems an event. @returns false where the window was checked before: one check per window */
  saveWindow(row: WindowRow, audit: AuditEvent): Promise<boolean>;

  /** Records that what the window says was taken to its incidents. Repeating it changes nothing. */
  recordSettled(row: WindowRow, at: string): Promise<void>;

  /** The incident that is open now; one at a time per model and detector. */
  openIncident(model: string, detector: Detector): Promise<IncidentRow | undefined>;
  /** The open incident, and what somebody said is expected. */
  detectorState(model: string, detector: Detector): Promise<DetectorState>;
  findIncident(model: string, detector: Detector, start: string): Promise<IncidentRow | undefined>;
  /** Every incident that a model had, in no order that matters. */
  listIncidents(model: string): Promise<IncidentRow[]>;
  /** Other systems are owed the events of its beginning. @returns false where one is open already, or one with this start existed */
  raiseIncident(row: IncidentRow, audit: AuditEvent): Promise<boolean>;
  /**
   * Takes it on to tell people, so that of many callers at once one does.
   *
   * @param staleBefore a caller that took it on before this has died (ISO 8601 UTC)
   * @returns false where another is at it, or people were told
   */
  claimTelling(row: IncidentRow, at: string, staleBefore: string): Promise<boolean>;
  /** Gives a claim back: telling failed, and the next caller may try at once. */
  releaseTelling(row: IncidentRow, at: string): Promise<void>;
  /** Records that people were told, and of which fleet incident where that was told of instead. Repeating it changes nothing. */
  recordNotified(
    row: IncidentRow,
    at: string,
    toldTo: readonly string[],
    audit: AuditEvent,
    fleet?: string,
  ): Promise<void>;
  /** @returns false where somebody acknowledged it before, or it is closed */
  acknowledgeIncident(row: IncidentRow, answer: IncidentAnswer, audit: AuditEvent): Promise<boolean>;
  /** Closes it as `closeIncident` does, and keeps its features from opening another until then. @returns false where it is closed */
  expectIncident(
    row: IncidentRow,
    answer: IncidentAnswer & { readonly until: string },
    audit: AuditEvent,
  ): Promise<boolean>;
  /** Closes it; other systems are owed the event of its end. Repeating it changes nothing. */
  closeIncident(row: IncidentRow, at: string, because: string, audit: AuditEvent): Promise<void>;

  /** Events that other systems were not told of yet; of a model, oldest first. @param model all models where it is absent */
  listOwedEvents(model?: string): Promise<OwedEvent[]>;
  /** Other systems were told. Repeating it changes nothing. */
  forgetEvent(owed: OwedEvent): Promise<void>;

  /** What the version's windows are held against; undefined where nobody ever changed it. */
  currentBaseline(model: string, version: number): Promise<MonitoringBaseline | undefined>;
  /** @returns false where another of its number was written */
  setBaseline(row: MonitoringBaseline, audit: AuditEvent): Promise<boolean>;

  findRetrainDecision(model: string, id: string): Promise<RetrainRow | undefined>;
  /** What the governor said last comes last. */
  listRetrainDecisions(model: string): Promise<RetrainRow[]>;
  /** Keeps what the governor said to a trigger last; one that started a release stays. @param audit undefined where it said the same before */
  keepRetrainDecision(row: RetrainRow, audit: AuditEvent | undefined): Promise<void>;
}

/** Incidents over all models, and those that several have in common. */
export interface FleetStore {
  /** Every open incident; a moment old. */
  listOpenIncidents(): Promise<IncidentRow[]>;
  findFleet(id: string): Promise<FleetIncident | undefined>;
  /** Makes the fleet incident, or adds its children to the one of this id, and marks them as its own. @returns it as it is then */
  joinFleet(fleet: FleetIncident, children: readonly IncidentRow[]): Promise<FleetIncident>;
  /** As of an incident: of many callers at once, one tells. */
  claimFleetTelling(id: string, at: string, staleBefore: string): Promise<boolean>;
  releaseFleetTelling(id: string, at: string): Promise<void>;
  recordFleetNotified(id: string, at: string, toldTo: readonly string[]): Promise<void>;
  /** Repeating it changes nothing. @returns whether this call closed it */
  closeFleet(id: string, at: string): Promise<boolean>;
}

/** How an endpoint answered: calls, errors and latency. */
export interface ServiceMeter {
  /** @returns what was counted of the variant during each window, all of one length; no call where nothing was */
  measure(endpointName: string, variant: string, during: readonly TimeWindow[]): Promise<ServiceCounts[]>;
}

/** An event for whoever is on call. */
export interface Alert {
  /** `resolve` ends what `trigger` began. */
  readonly event: 'trigger' | 'resolve';
  readonly subject: string;
  readonly message: string;
  /** Alerts with one key are one event, however often they are published. */
  readonly dedupKey: string;
}

/** Whatever pages people: a topic with subscribers. */
export interface AlertPublisher {
  publish(alert: Alert): Promise<void>;
}

/** Whoever listens to what monitoring finds: other systems, not people. */
export interface EventPublisher {
  publish(event: MonitoringEvent): Promise<void>;
}

/** Numbers over time, for dashboards and alarms. */
export interface MetricRecorder {
  record(metrics: MetricSet): void;
}

/** The models that serve now. */
export interface ServedModels {
  /** Names, in no order that matters. */
  listServed(): Promise<string[]>;
  /** As listServed, with what serves; a moment old. */
  listServedModels(): Promise<ServedModel[]>;
}

export type ServedModel = Pick<ModelRow, 'model' | 'team' | 'champion'>;

/** The schedules that start monitoring. */
export interface MonitoringSchedules {
  /** @returns undefined where the model has no schedule */
  state(model: string): Promise<'enabled' | 'disabled' | undefined>;
}
