import type { LinkSigner } from '../../domain/approval/ports.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { MailBlock } from '../../domain/mail/mail-document.ts';
import { precisionInWords, precisionOf } from '../../domain/monitoring/answers.ts';
import { incidentUrl } from '../../domain/monitoring/incident-link.ts';
import { incidentMail, incidentSubject } from '../../domain/monitoring/incident-mail.ts';
import type { AlertPublisher, MonitoringStore } from '../../domain/monitoring/ports.ts';
import { surroundings } from '../../domain/monitoring/recent-changes.ts';
import { type Finding, type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
import type { LineageStore, Mailer, Now } from '../../domain/ports.ts';

export interface TellIncidentDependencies {
  readonly lineage: LineageStore;
  readonly monitoring: MonitoringStore;
  readonly mailer: Mailer;
  readonly publisher: AlertPublisher;
  readonly links: LinkSigner;
  /** Where its pages are. */
  readonly apiUrl: string;
  readonly config: Pick<DeployedConfig, 'mail'>;
  readonly now: Now;
}

/** What a detector adds to its incident's mail. */
export interface Told {
  readonly blocks: readonly MailBlock[];
  readonly advice: readonly string[];
}

/**
 * Opens an incident of a finding, or joins the one that is open.
 *
 * @returns undefined where the same finding had an incident that is closed
 */
export async function openIncident(
  { monitoring, now }: Pick<TellIncidentDependencies, 'monitoring' | 'now'>,
  finding: Finding,
  actor: string,
  details: Readonly<Record<string, unknown>> = {},
): Promise<IncidentRow | undefined> {
  const { model, detector, version, windowStart, features, severity } = finding;
  const { open } = await monitoring.detectorState(model, detector);
  if (open) return open;
  // Where the same finding had an incident that is closed by now, this one begins with its window.
  for (const start of new Set([finding.start, windowStart])) {
    const incident: IncidentRow = { ...finding, start, status: 'Open', openedAt: now().toISOString() };
    const audit = {
      type: 'IncidentOpened',
      actor,
      subject: `incident/${detector}/${start}`,
      details: { version, window: windowStart, features, severity, ...details },
    };
    if (await monitoring.raiseIncident(incident, audit)) return incident;
    const other = await monitoring.openIncident(model, detector);
    if (other) return other;
  }
  return undefined;
}

/** A caller that took an incident on and is not done by then has died: no function runs so long. */
const TELLING_MS = 15 * 60_000;

/**
 * Tells an incident's people, once, however many call at once: a digest waits for the day's, a mail is sent, a page is published
 * too. Where it fails, the next caller tells them.
 */
export async function tellIncident(
  dependencies: TellIncidentDependencies,
  incident: IncidentRow,
  actor: string,
  told: () => Promise<Told>,
): Promise<void> {
  if (incident.notifiedAt !== undefined || incident.severity === 'digest') return;
  const { monitoring, now } = dependencies;
  const at = now().toISOString();
  const staleBefore = new Date(Date.parse(at) - TELLING_MS).toISOString();
  if (!(await monitoring.claimTelling(incident, at, staleBefore))) return;
  try {
    await tell(dependencies, incident, actor, told);
  } catch (error) {
    await monitoring.releaseTelling(incident, at);
    throw error;
  }
}

async function tell(
  dependencies: TellIncidentDependencies,
  incident: IncidentRow,
  actor: string,
  told: () => Promise<Told>,
): Promise<void> {
  const { lineage, monitoring, mailer, publisher, links, apiUrl, config, now } = dependencies;
  const model = await lineage.getModel(incident.model);
  const readers = [...new Set([model.owner, config.mail.operators])];
  // Operators are subscribed to the topic: where it is published there, a mail as well would tell them twice.
  const to = incident.severity === 'page' ? [model.owner] : readers;
  const [releases, versions, incidents] = await Promise.all([
    lineage.listReleases(incident.model),
    lineage.listVersions(incident.model),
    monitoring.listIncidents(incident.model),
  ]);
  const { blocks, advice } = await told();
  const relevant = precisionOf(incidents).filter(
    ({ of }) => of === incident.detector || incident.causes.some((cause) => cause.startsWith(`${of}:`)),
  );
  const mail = incidentMail(
    {
      to,
      incident,
      around: surroundings(model, releases, versions, now()),
      precision: relevant.map(precisionInWords),
      link: await incidentUrl(links, apiUrl, incident, readers, now()),
    },
    blocks,
    advice,
  );
  await mailer.send(mail);
  if (incident.severity === 'page') {
    const alert = { subject: incidentSubject(incident), message: mail.text, dedupKey: incidentId(incident) };
    await publisher.publish({ event: 'trigger', ...alert });
  }
  await monitoring.recordNotified(incident, now().toISOString(), to, {
    type: 'IncidentNotified',
    actor,
    subject: `incident/${incident.detector}/${incident.start}`,
    details: { toldTo: to, severity: incident.severity },
  });
}

/** Closes an incident; who was paged for it is told that it is over, before it is, so that a crash in between repeats it. */
export async function closeIncident(
  { monitoring, publisher, now }: Pick<TellIncidentDependencies, 'monitoring' | 'publisher' | 'now'>,
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
