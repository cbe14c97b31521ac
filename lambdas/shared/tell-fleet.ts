import { type FleetIncident, fleetOf, fleetSubject, type groupOf } from '../../domain/monitoring/fleet.ts';
import { type FleetChild, fleetMail } from '../../domain/monitoring/fleet-mail.ts';
import type { IncidentRow } from '../../domain/monitoring/rows.ts';
import {
  composeIncidentMail,
  linkTo,
  recordTold,
  staleBefore,
  type TellIncidentDependencies,
} from './compose-incident-mail.ts';
import { surveySurroundings } from './survey-surroundings.ts';

/** Models that one mail spells out; the fleet incident has all. */
const CHILDREN_SHOWN = 20;

/**
 * Tells of an incident that several models share: one mail for all of them, and one page. A model that joins later is told of to
 * its owner, where that is nobody who was told before.
 */
export async function tellFleet(
  dependencies: TellIncidentDependencies,
  incident: IncidentRow,
  grouped: NonNullable<ReturnType<typeof groupOf>>,
  actor: string,
): Promise<void> {
  const { fleet: store, now } = dependencies;
  const fleet = await store.joinFleet(fleetOf(incident.detector, grouped), grouped.group);
  if (fleet.notifiedAt !== undefined) return tellLate(dependencies, incident, fleet, actor);
  const at = now().toISOString();
  if (!(await store.claimFleetTelling(fleet.id, at, staleBefore(at)))) return;
  try {
    await tell(dependencies, fleet, grouped.group, actor);
  } catch (error) {
    await store.releaseFleetTelling(fleet.id, at);
    throw error;
  }
}

async function tell(
  dependencies: TellIncidentDependencies,
  fleet: FleetIncident,
  group: readonly IncidentRow[],
  actor: string,
): Promise<void> {
  const { lineage, fleet: store, mailer, publisher, config, now } = dependencies;
  const owners = await Promise.all(group.map(async ({ model }) => (await lineage.getModel(model)).owner));
  const readers = [...new Set([...owners, ...(fleet.severity === 'page' ? [] : [config.mail.operators])])];
  const children: FleetChild[] = [];
  for (const incident of group.slice(0, CHILDREN_SHOWN)) {
    const { around, safety, model } = await surveySurroundings(dependencies, incident.model);
    const link = await linkTo(dependencies, incident, model.owner);
    children.push({ incident, owner: model.owner, around, safety, link });
  }
  const mail = fleetMail(readers, fleet, children, config.mail.runbook);
  await mailer.send(mail);
  if (fleet.severity === 'page') {
    const alert = { subject: fleetSubject(fleet, group), message: mail.text, dedupKey: `fleet/${fleet.id}` };
    await publisher.publish({ event: 'trigger', ...alert });
  }
  await store.recordFleetNotified(fleet.id, now().toISOString(), readers);
  for (const incident of group) await recordTold(dependencies, incident, readers, actor, fleet.id);
}

async function tellLate(
  dependencies: TellIncidentDependencies,
  incident: IncidentRow,
  fleet: FleetIncident,
  actor: string,
): Promise<void> {
  const { lineage, monitoring, fleet: store, mailer, now } = dependencies;
  const { owner } = await lineage.getModel(incident.model);
  const toldTo = fleet.toldTo ?? [];
  const at = now().toISOString();
  if (!(await monitoring.claimTelling(incident, at, staleBefore(at)))) return;
  try {
    if (!toldTo.includes(owner)) {
      await mailer.send(await composeIncidentMail(dependencies, { ...incident, fleet: fleet.id }, [owner]));
      await store.recordFleetNotified(fleet.id, at, [...toldTo, owner]);
    }
    await recordTold(dependencies, incident, [owner], actor, fleet.id);
  } catch (error) {
    await monitoring.releaseTelling(incident, at);
    throw error;
  }
}
