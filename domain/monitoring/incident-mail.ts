import { composeMail } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import { DETECTOR_RULES } from './detectors.ts';
import type { Surroundings } from './recent-changes.ts';
import { type IncidentRow, incidentId } from './rows.ts';

/** What an incident's mail is made of, besides the incident. */
export interface IncidentMailParts {
  readonly to: readonly string[];
  readonly incident: IncidentRow;
  readonly around: Surroundings;
  /** How often its rules were right so far, in words. */
  readonly precision: readonly string[];
  /** The signed page where it is answered. */
  readonly link: string;
}

/** What serves, what changed, whether going back is safe; then what was found; then what to do. */
export function incidentMail({ to, incident, around, precision, link }: IncidentMailParts): Mail {
  const { heading, advice } = DETECTOR_RULES[incident.detector];
  return composeMail({
    to,
    subject: incidentSubject(incident),
    thread: `incident/${incidentId(incident)}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['Serving now', around.servingNow],
          ['Last 24 hours', around.changes.length > 0 ? around.changes.join('\n') : 'nothing changed on this model'],
          ['Rollback', around.rollback],
        ],
      },
      { kind: 'heading', text: heading(incident) },
      ...(incident.evidence ?? [{ kind: 'paragraph' as const, text: incident.summary }]),
      { kind: 'heading', text: 'What to do' },
      { kind: 'list', items: advice(incident) },
      { kind: 'action', label: 'Acknowledge, or say that it is expected', url: link },
      ...(precision.length > 0 ? [{ kind: 'paragraph' as const, text: `So far: ${precision.join('; ')}.` }] : []),
    ],
    footer: `You get this because you own ${incident.model} or operate this deployment. It is sent once, however long it lasts. Runbook: docs/runbook.md, "${incident.detector}".`,
  });
}

/** One line, for the mail and for whoever is paged. */
export const incidentSubject = (incident: IncidentRow): string =>
  `[${incident.model}] ${DETECTOR_RULES[incident.detector].subject(incident)}`;
