import { NotFoundError } from '../../domain/errors.ts';
import type { DriftReport } from '../../domain/monitoring/drift-report.ts';
import { asksForAlert, findingsOf } from '../../domain/monitoring/findings.ts';
import { driftAdvice, driftBlocks } from '../../domain/monitoring/incident-mail.ts';
import { type IncidentRow, incidentId, type WindowRow } from '../../domain/monitoring/rows.ts';
import type { ObjectStore } from '../../domain/ports.ts';
import { openIncident, type TellIncidentDependencies, type Told, tellIncident } from '../shared/tell-incident.ts';
import type { RaiseAlertInput, RaiseAlertOutput } from './contract.ts';

export interface RaiseAlertDependencies extends TellIncidentDependencies {
  readonly objects: ObjectStore;
}

const STEP = 'launchway:raise-alert';
const REPORT_BYTES = 64 * 1024 * 1024;

/**
 * Opens an incident for each detector that a window speaks for, and tells its people, once. While one is open, further windows
 * add nothing; a call that died before everyone was told is taken up by the next.
 */
export const raiseAlert =
  (dependencies: RaiseAlertDependencies) =>
  async ({ model: name, version, windowStart }: RaiseAlertInput): Promise<RaiseAlertOutput> => {
    const { monitoring, now } = dependencies;
    const start = new Date(windowStart).toISOString();
    const window = await monitoring.findWindow(name, version, start);
    if (!window?.report) throw new NotFoundError(`expected a report of ${name}/v${version} at ${start}, got none`);

    const incidents: string[] = [];
    for (const finding of findingsOf(window)) {
      const state = await monitoring.detectorState(name, finding.detector);
      if (!state.open && !asksForAlert(finding, state, now())) continue;
      const incident = await openIncident(dependencies, finding, STEP, { report: window.report.sha256 });
      if (!incident) throw new NotFoundError(`expected an incident of ${name} at ${start} to open, got closed ones`);
      await tellIncident(dependencies, incident, STEP, () => told(dependencies, incident, window));
      incidents.push(incidentId(incident));
    }
    return { incidents };
  };

async function told(dependencies: RaiseAlertDependencies, incident: IncidentRow, latest: WindowRow): Promise<Told> {
  const window = await reportedIn(dependencies, incident, latest);
  const report = JSON.parse(await dependencies.objects.readText(window.report!, REPORT_BYTES)) as DriftReport;
  return { blocks: driftBlocks(incident, window, report), advice: driftAdvice(incident) };
}

/** The window that opened the incident, which is what the mail is about even where a later call sends it. */
async function reportedIn(
  { monitoring }: RaiseAlertDependencies,
  { model, version, windowStart }: IncidentRow,
  window: WindowRow,
): Promise<WindowRow> {
  if (windowStart === window.start && version === window.version) return window;
  const opened = await monitoring.findWindow(model, version, windowStart);
  if (!opened?.report) throw new NotFoundError(`expected a report of ${model}/v${version} at ${windowStart}, got none`);
  return opened;
}
