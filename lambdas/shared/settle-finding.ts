import { DETECTOR_RULES } from '../../domain/monitoring/detectors.ts';
import { isExpected } from '../../domain/monitoring/findings.ts';
import { incidentSubject } from '../../domain/monitoring/incident-mail.ts';
import type { AlertPublisher, FleetStore, MonitoringStore } from '../../domain/monitoring/ports.ts';
import { type Detector, type Finding, type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
import type { Now } from '../../domain/ports.ts';

export interface SettleFindingDependencies {
  readonly monitoring: MonitoringStore;
  readonly publisher: AlertPublisher;
  readonly fleet: FleetStore;
  readonly now: Now;
}

/** What a detector of a model looked at, and what it makes of it. */
export interface Look {
  readonly model: string;
  readonly detector: Detector;
  /** That was looked at, and the one that serves. */
  readonly version: number;
  readonly serving: number | undefined;
  /** Of the window that was looked at, ISO 8601 UTC: it ends no incident that began with it, or after it. */
  readonly start: string;
  /** Whether it is expected is asked of that moment. */
  readonly foundAt?: Date;
  /** What is to be told; undefined where nothing of it lasts. @param open needs no evidence */
  readonly find: (open: IncidentRow | undefined) => Promise<Finding | undefined>;
  /** Where nothing is: why the incident that is open is over; undefined where it is not known to be. */
  readonly over: (open: IncidentRow) => Promise<string | undefined>;
}

/**
 * Takes a look to the detector's incident: opens one where there is a finding, closes the open one where it is over or another
 * version serves by now. A detector that has an open incident opens no other.
 */
export async function settleLook(dependencies: SettleFindingDependencies, look: Look, actor: string): Promise<void> {
  const { model, detector, version, serving, start, foundAt } = look;
  const open = await dependencies.monitoring.openIncident(model, detector);
  const isOfOther = open && DETECTOR_RULES[detector].endsWithVersion && open.version !== version;
  const isReplaced = isOfOther && serving === version;
  if (isReplaced)
    await closeIncident(dependencies, open, `version ${version} serves in place of version ${open.version}`, actor);
  const finding = await look.find(isReplaced ? undefined : open);
  if (finding) await settleFinding(dependencies, finding, actor, foundAt);
  else if (open && !isOfOther && open.windowStart < start) {
    const because = await look.over(open);
    if (because !== undefined) await closeIncident(dependencies, open, because, actor);
  }
}

/**
 * Takes what a detector found to its incident: the open one, or a new one where nobody said that it is expected. Telling people
 * is another step (`raise-alert`), so a detector needs no mail; and so is telling other systems (`tellSystems`), which are owed it.
 *
 * @param foundAt whether it is expected is asked of that moment
 * @returns the incident that is open now; undefined where it is expected, or was closed before
 */
export async function settleFinding(
  { monitoring, now }: Pick<SettleFindingDependencies, 'monitoring' | 'now'>,
  finding: Finding,
  actor: string,
  foundAt: Date = now(),
): Promise<IncidentRow | undefined> {
  const { model, detector, version, windowStart, features, severity } = finding;
  const state = await monitoring.detectorState(model, detector);
  if (state.open) return state.open;
  if (isExpected(finding, state, foundAt)) return undefined;
  // Where the same finding had an incident that is closed by now, this one begins with its window.
  for (const start of new Set([finding.start, windowStart])) {
    const incident: IncidentRow = { ...finding, start, status: 'Open', openedAt: now().toISOString() };
    const audit = {
      type: 'IncidentOpened',
      actor,
      subject: `incident/${detector}/${start}`,
      details: { version, window: windowStart, features, severity },
    };
    if (await monitoring.raiseIncident(incident, audit)) return incident;
    const other = await monitoring.openIncident(model, detector);
    if (other) return other;
  }
  return undefined;
}

/** Closes an incident; who was paged for it is told that it is over, before it is, so that a crash in between repeats it. */
export async function closeIncident(
  dependencies: SettleFindingDependencies,
  incident: IncidentRow,
  because: string,
  actor: string,
): Promise<void> {
  const { monitoring, now } = dependencies;
  const at = now().toISOString();
  await tellOver(dependencies, incident, because);
  await monitoring.closeIncident(incident, at, because, {
    type: 'IncidentClosed',
    actor,
    subject: `incident/${incident.detector}/${incident.start}`,
    details: { because },
  });
  await closeFleetWhereOver(dependencies, incident);
}

/** A fleet incident is over with the last of its models'; whoever closes that one tells. */
export async function closeFleetWhereOver(
  { monitoring, publisher, fleet, now }: SettleFindingDependencies,
  { fleet: id }: IncidentRow,
): Promise<void> {
  const row = id === undefined ? undefined : await fleet.findFleet(id);
  if (!row || row.status === 'Closed') return;
  for (const child of row.children) {
    const [model = '', detector, start = ''] = child.split('/');
    const incident = await monitoring.findIncident(model, detector as Detector, start);
    if (incident?.status === 'Open') return;
  }
  if (!(await fleet.closeFleet(row.id, now().toISOString()))) return;
  if (row.severity !== 'page' || row.notifiedAt === undefined) return;
  const subject = `Over: ${row.detector} of ${row.children.size} models (${row.shared.name})`;
  const message = "every model's incident of it is closed";
  await publisher.publish({ event: 'resolve', subject, message, dedupKey: `fleet/${row.id}` });
}

/** Ends the event that an incident's page began. */
export async function tellOver(
  { publisher }: Pick<SettleFindingDependencies, 'publisher'>,
  incident: IncidentRow,
  because: string,
): Promise<void> {
  // Where people were told of a fleet incident, that one is resolved.
  if (incident.severity !== 'page' || incident.notifiedAt === undefined || incident.toldAs !== undefined) return;
  await publisher.publish({
    event: 'resolve',
    subject: `Over: ${incidentSubject(incident)}`,
    message: because,
    dedupKey: incidentId(incident),
  });
}
