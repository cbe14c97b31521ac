import { isExpected } from '../../domain/monitoring/findings.ts';
import { incidentSubject } from '../../domain/monitoring/incident-mail.ts';
import type { AlertPublisher, MonitoringStore } from '../../domain/monitoring/ports.ts';
import { type Evidence, type Finding, type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
import type { Now } from '../../domain/ports.ts';

export interface SettleFindingDependencies {
  readonly monitoring: MonitoringStore;
  readonly publisher: AlertPublisher;
  readonly now: Now;
}

/**
 * Takes what a detector found to its incident: the open one, or a new one where nobody said that it is expected. Telling people
 * is another step (`raise-alert`), so a detector needs no mail.
 *
 * @param evidence asked for only where an incident is opened
 * @returns the incident that is open now; undefined where it is expected, or was closed before
 */
export async function settleFinding(
  { monitoring, now }: Pick<SettleFindingDependencies, 'monitoring' | 'now'>,
  finding: Finding,
  actor: string,
  evidence: () => Promise<readonly Evidence[]> = async () => finding.evidence ?? [],
): Promise<IncidentRow | undefined> {
  const { model, detector, version, windowStart, features, severity } = finding;
  const state = await monitoring.detectorState(model, detector);
  if (state.open) return state.open;
  if (isExpected(finding, state, now())) return undefined;
  const found = { ...finding, evidence: await evidence() };
  // Where the same finding had an incident that is closed by now, this one begins with its window.
  for (const start of new Set([finding.start, windowStart])) {
    const incident: IncidentRow = { ...found, start, status: 'Open', openedAt: now().toISOString() };
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
  { monitoring, publisher, now }: SettleFindingDependencies,
  incident: IncidentRow,
  because: string,
  actor: string,
): Promise<void> {
  await resolveAlert(publisher, incident, because);
  await monitoring.closeIncident(incident, now().toISOString(), because, {
    type: 'IncidentClosed',
    actor,
    subject: `incident/${incident.detector}/${incident.start}`,
    details: { because },
  });
}

/** Ends the event that an incident's page began. */
export async function resolveAlert(publisher: AlertPublisher, incident: IncidentRow, because: string): Promise<void> {
  if (incident.severity !== 'page' || incident.notifiedAt === undefined) return;
  await publisher.publish({
    event: 'resolve',
    subject: `Over: ${incidentSubject(incident)}`,
    message: because,
    dedupKey: incidentId(incident),
  });
}
