import { type IncidentRow, incidentId, type WindowRow } from './rows.ts';

/** The `source` of every event of Launchway on the default bus. */
export const EVENT_SOURCE = 'launchway';
export const EVENT_SCHEMA = 'launchway/event/v1';

/**
 * What monitoring tells other systems. Events come at least once and in no order: whoever acts on one remembers its `id`.
 * The guide documents `detail` member by member.
 */
export interface MonitoringEvent {
  readonly type: 'Drift Found' | 'Incident Opened' | 'Incident Closed' | 'Check Not Run';
  readonly detail: {
    readonly schema: typeof EVENT_SCHEMA;
    /** The same however often the event comes. */
    readonly id: string;
    readonly model: string;
    readonly version: number;
  } & Readonly<Record<string, unknown>>;
}

/** One that is kept, with what it tells of, until other systems were told. */
export interface OwedEvent {
  /** When what it tells of was written, ISO 8601 UTC. */
  readonly since: string;
  readonly event: MonitoringEvent;
}

/** What a checked window owes other systems: that features moved, whether that lasts or not. */
export const owedOfWindow = (window: WindowRow): OwedEvent[] =>
  window.verdict === 'Drifted' ? [{ since: window.checkedAt, event: driftFound(window) }] : [];

/** Of an incident that began. */
export const owedOfBeginning = (incident: IncidentRow): OwedEvent[] =>
  beginningOf(incident).map((event) => ({ since: incident.openedAt, event }));

/** It is over, or somebody said that it is expected. */
export const owedOfEnd = (incident: IncidentRow, closedAt: string, because: string): OwedEvent => ({
  since: closedAt,
  event: { type: 'Incident Closed', detail: { ...incidentDetail(incident, 'closed'), closedAt, because } },
});

const driftFound = (window: WindowRow): MonitoringEvent => ({
  type: 'Drift Found',
  detail: {
    schema: EVENT_SCHEMA,
    id: `${window.model}/v${window.version}/${window.start}`,
    model: window.model,
    version: window.version,
    window: { start: window.start, end: window.end },
    rows: window.rows,
    features: window.drifted,
    persistent: window.persistent,
    skewed: window.skewed ?? [],
    report: window.report ?? null,
  },
});

/**
 * An incident began, whether people are told now, with the day's digest, or of its fleet incident. Where it is monitoring's own,
 * what is not watched (`schedule`, `checks`, `captures`) is an event besides.
 */
const beginningOf = (incident: IncidentRow): MonitoringEvent[] => [
  {
    type: 'Incident Opened' as const,
    detail: { ...incidentDetail(incident, 'opened'), features: incident.features, causes: incident.causes },
  },
  ...(incident.detector === 'monitoring' ? [checkNotRun(incident)] : []),
];

const checkNotRun = (incident: IncidentRow): MonitoringEvent => ({
  type: 'Check Not Run',
  detail: { ...incidentDetail(incident, 'check-not-run'), what: incident.features },
});

const incidentDetail = (incident: IncidentRow, what: string): MonitoringEvent['detail'] => ({
  schema: EVENT_SCHEMA,
  id: `${incidentId(incident)}/${what}`,
  model: incident.model,
  version: incident.version,
  incident: incidentId(incident),
  detector: incident.detector,
  severity: incident.severity,
  summary: incident.summary,
  since: incident.start,
  openedAt: incident.openedAt,
});
