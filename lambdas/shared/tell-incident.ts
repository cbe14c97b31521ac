import { activeOf } from '../../domain/admission.ts';
import { isQuiet, isToBeTold } from '../../domain/monitoring/findings.ts';
import { groupOf } from '../../domain/monitoring/fleet.ts';
import { incidentSubject } from '../../domain/monitoring/incident-mail.ts';
import { type IncidentRow, incidentId } from '../../domain/monitoring/rows.ts';
import {
  composeIncidentMail,
  recordTold,
  staleBefore,
  type TellIncidentDependencies,
} from './compose-incident-mail.ts';
import { tellFleet } from './tell-fleet.ts';

/**
 * Tells of every incident of a model that nobody was told of: what a detector opened, and what a dead caller left. Those that other
 * models share are told once for all; while a release of the model is open, what it may answer waits for its end.
 *
 * @returns ids of those that were to be told
 */
export async function tellUntold(
  dependencies: TellIncidentDependencies,
  model: string,
  actor: string,
): Promise<string[]> {
  const { lineage, monitoring, fleet, now } = dependencies;
  const untold = (await monitoring.listIncidents(model)).filter(isToBeTold);
  if (untold.length === 0) return [];
  const active = await activeOf(lineage, await lineage.getModel(model));
  const told: string[] = [];
  for (const incident of untold) {
    if (isQuiet(incident, active, now())) continue;
    const grouped = groupOf(incident, await fleet.listOpenIncidents());
    if (grouped) await tellFleet(dependencies, incident, grouped, actor);
    else await tellIncident(dependencies, incident, actor);
    told.push(incidentId(incident));
  }
  return told;
}

/**
 * Tells an incident's people, once, however many call at once: a digest waits for the day's, a mail is sent, a page is published
 * too. Where it fails, the next caller tells them.
 */
async function tellIncident(
  dependencies: TellIncidentDependencies,
  incident: IncidentRow,
  actor: string,
): Promise<void> {
  const { monitoring, now } = dependencies;
  const at = now().toISOString();
  if (!(await monitoring.claimTelling(incident, at, staleBefore(at)))) return;
  try {
    await tell(dependencies, incident, actor);
  } catch (error) {
    await monitoring.releaseTelling(incident, at);
    throw error;
  }
}

async function tell(dependencies: TellIncidentDependencies, incident: IncidentRow, actor: string): Promise<void> {
  const { lineage, mailer, publisher, config } = dependencies;
  const { owner } = await lineage.getModel(incident.model);
  // Operators are subscribed to the topic: where it is published there, a mail as well would tell them twice.
  const to = incident.severity === 'page' ? [owner] : [...new Set([owner, config.mail.operators])];
  const mail = await composeIncidentMail(dependencies, incident, to);
  await mailer.send(mail);
  if (incident.severity === 'page') {
    const alert = { subject: incidentSubject(incident), message: mail.text, dedupKey: incidentId(incident) };
    await publisher.publish({ event: 'trigger', ...alert });
  }
  await recordTold(dependencies, incident, to, actor);
}
