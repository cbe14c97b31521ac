import type { LinkSigner } from '../../domain/approval/ports.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { precisionInWords, precisionOf } from '../../domain/monitoring/answers.ts';
import { incidentUrl } from '../../domain/monitoring/incident-link.ts';
import { incidentMail } from '../../domain/monitoring/incident-mail.ts';
import type { AlertPublisher, MonitoringStore } from '../../domain/monitoring/ports.ts';
import type { IncidentRow } from '../../domain/monitoring/rows.ts';
import type { Mail, Mailer } from '../../domain/ports.ts';
import { type SurveySurroundingsDependencies, surveySurroundings } from './survey-surroundings.ts';

export interface TellIncidentDependencies extends SurveySurroundingsDependencies {
  readonly monitoring: MonitoringStore;
  readonly mailer: Mailer;
  readonly publisher: AlertPublisher;
  readonly links: LinkSigner;
  /** Where its pages are. */
  readonly apiUrl: string;
  readonly config: Pick<DeployedConfig, 'mail'>;
}

/** A caller that took an incident on and is not done by then has died: no function runs so long. */
const TELLING_MS = 15 * 60_000;

/** Before this, whoever took it on has died. */
export const staleBefore = (at: string): string => new Date(Date.parse(at) - TELLING_MS).toISOString();

/** An incident's own mail. */
export async function composeIncidentMail(
  dependencies: TellIncidentDependencies,
  incident: IncidentRow,
  to: readonly string[],
): Promise<Mail> {
  const { monitoring, config } = dependencies;
  const { around, model } = await surveySurroundings(dependencies, incident.model);
  const incidents = await monitoring.listIncidents(incident.model);
  const relevant = precisionOf(incidents).filter(
    ({ of }) => of === incident.detector || incident.causes.some((cause) => cause.startsWith(`${of}:`)),
  );
  const link = await linkTo(dependencies, incident, model.owner);
  const { runbook } = config.mail;
  return incidentMail({
    ...{ to, incident, owner: model.owner, around, link },
    precision: relevant.map(precisionInWords),
    ...(runbook !== undefined && { runbook }),
  });
}

/** The page of an incident, signed for those who own its model or operate this deployment. */
export const linkTo = (
  { links, apiUrl, config, now }: TellIncidentDependencies,
  incident: IncidentRow,
  owner: string,
): Promise<string> => incidentUrl(links, apiUrl, incident, [...new Set([owner, config.mail.operators])], now());

export const recordTold = (
  { monitoring, now }: TellIncidentDependencies,
  incident: IncidentRow,
  toldTo: readonly string[],
  actor: string,
  fleet?: string,
): Promise<void> =>
  monitoring.recordNotified(
    incident,
    now().toISOString(),
    toldTo,
    {
      type: 'IncidentNotified',
      actor,
      subject: `incident/${incident.detector}/${incident.start}`,
      details: { toldTo, severity: incident.severity, ...(fleet !== undefined && { fleet }) },
    },
    fleet,
  );
