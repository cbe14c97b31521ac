import { NotFoundError } from '../../domain/errors.ts';
import type { ModelRow } from '../../domain/model.ts';
import { driftMail, driftSubject } from '../../domain/monitoring/drift-mail.ts';
import type { DriftReport } from '../../domain/monitoring/drift-report.ts';
import type { AlertPublisher, MonitoringStore } from '../../domain/monitoring/ports.ts';
import { type IncidentRow, incidentId, type WindowRow } from '../../domain/monitoring/rows.ts';
import type { LineageStore, Mailer, Now, ObjectStore } from '../../domain/ports.ts';
import type { RaiseAlertInput, RaiseAlertOutput } from './contract.ts';

export interface RaiseAlertDependencies {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  readonly objects: ObjectStore;
  readonly mailer: Mailer;
  readonly publisher: AlertPublisher;
  readonly now: Now;
}

const STEP = 'launchway:raise-alert';
const REPORT_BYTES = 64 * 1024 * 1024;

/**
 * Opens an incident and tells its people, once. While one is open, further windows add nothing; a call that died before
 * everyone was told is taken up by the next.
 */
export const raiseAlert =
  (dependencies: RaiseAlertDependencies) =>
  async ({ model: name, version, windowStart }: RaiseAlertInput): Promise<RaiseAlertOutput> => {
    const { lineage, monitoring } = dependencies;
    const start = new Date(windowStart).toISOString();
    const window = await monitoring.findWindow(name, version, start);
    if (!window?.report) throw new NotFoundError(`expected a report of ${name}/v${version} at ${start}, got none`);

    const incident = (await monitoring.openIncident(name, 'drift')) ?? (await open(dependencies, window));
    if (incident.notifiedAt === undefined) {
      await tell(
        dependencies,
        await lineage.getModel(name),
        incident,
        await reportedIn(dependencies, incident, window),
      );
    }
    return { incident: incidentId(incident) };
  };

async function open({ monitoring, now }: RaiseAlertDependencies, window: WindowRow): Promise<IncidentRow> {
  const { model, version, persistent, since, start } = window;
  // Where the same drift had an incident that is closed by now, this one begins with its window.
  for (const beginning of new Set([since ?? start, start])) {
    const incident: IncidentRow = {
      model,
      version,
      detector: 'drift',
      start: beginning,
      status: 'Open',
      windowStart: start,
      features: persistent,
      openedAt: now().toISOString(),
    };
    const audit = {
      type: 'IncidentOpened',
      actor: STEP,
      subject: `incident/drift/${beginning}`,
      details: { version, window: start, features: persistent, report: window.report?.sha256 },
    };
    if (await monitoring.raiseIncident(incident, audit)) return incident;
    const other = await monitoring.openIncident(model, 'drift');
    if (other) return other;
  }
  throw new NotFoundError(`expected an incident of ${model} at ${start} to open, got closed ones`);
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

async function tell(
  { monitoring, objects, mailer, publisher, now }: RaiseAlertDependencies,
  model: ModelRow,
  incident: IncidentRow,
  window: WindowRow,
): Promise<void> {
  const report = JSON.parse(await objects.readText(window.report!, REPORT_BYTES)) as DriftReport;
  // Operators are subscribed to the topic: a mail as well would tell them twice.
  const to = [model.owner];
  const mail = driftMail(to, model, incident, window, report);
  await mailer.send(mail);
  await publisher.publish({ subject: driftSubject(incident), message: mail.text, dedupKey: incidentId(incident) });
  await monitoring.recordNotified(incident, now().toISOString(), to, {
    type: 'IncidentNotified',
    actor: STEP,
    subject: `incident/${incident.detector}/${incident.start}`,
    details: { toldTo: to },
  });
}
