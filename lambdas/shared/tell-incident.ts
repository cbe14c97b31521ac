import type { LinkSigner } from '../../domain/approval/ports.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { precisionInWords, precisionOf } from '../../domain/monitoring/answers.ts';
import { isToBeTold } from '../../domain/monitoring/findings.ts';
import { incidentUrl } from '../../domain/monitoring/incident-link.ts';
import { incidentMail, incidentSubject } from '../../domain/monitoring/incident-mail.ts';
import type { AlertPublisher, MonitoringStore } from '../../domain/monitoring/ports.ts';
import { surroundings } from '../../domain/monitoring/recent-changes.ts';
import { type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
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
): Promise<void> {
  if (!isToBeTold(incident)) return;
  const { monitoring, now } = dependencies;
  const at = now().toISOString();
  const staleBefore = new Date(Date.parse(at) - TELLING_MS).toISOString();
  if (!(await monitoring.claimTelling(incident, at, staleBefore))) return;
  try {
    await tell(dependencies, incident, actor);
  } catch (error) {
    await monitoring.releaseTelling(incident, at);
    throw error;
  }
}

async function tell(dependencies: TellIncidentDependencies, incident: IncidentRow, actor: string): Promise<void> {
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
  const relevant = precisionOf(incidents).filter(
    ({ of }) => of === incident.detector || incident.causes.some((cause) => cause.startsWith(`${of}:`)),
  );
  const mail = incidentMail({
    to,
    incident,
    around: surroundings(model, releases, versions, now()),
    precision: relevant.map(precisionInWords),
    link: await incidentUrl(links, apiUrl, incident, readers, now()),
  });
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

/** Tells of every incident of a model that nobody was told of: what a detector opened, and what a dead caller left. @returns their ids */
export async function tellUntold(
  dependencies: TellIncidentDependencies,
  model: string,
  actor: string,
): Promise<string[]> {
  const untold = (await dependencies.monitoring.listIncidents(model)).filter(isToBeTold);
  for (const incident of untold) await tellIncident(dependencies, incident, actor);
  return untold.map(incidentId);
}
