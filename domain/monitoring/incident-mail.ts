import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import { DETECTOR_RULES } from './detectors.ts';
import type { Surroundings } from './recent-changes.ts';
import { type Detector, type IncidentRow, incidentId } from './rows.ts';

/** What an incident's mail is made of, besides the incident. */
export interface IncidentMailParts {
  readonly to: readonly string[];
  readonly incident: IncidentRow;
  readonly owner: string;
  readonly around: Surroundings;
  /** How often its rules were right so far, in words. */
  readonly precision: readonly string[];
  /** The signed page where it is answered. */
  readonly link: string;
  /** Where this deployment's runbook is, where it says. */
  readonly runbook?: string;
}

/** What serves, what changed, whether going back is safe; then what was found; then what to do. */
export function incidentMail({ to, incident, owner, around, precision, link, runbook }: IncidentMailParts): Mail {
  const { heading, advice } = DETECTOR_RULES[incident.detector];
  return composeMail({
    to,
    subject: incidentSubject(incident),
    thread: `incident/${incidentId(incident)}`,
    blocks: [
      { kind: 'facts', rows: [...surroundingRows(around), ['Owner', owner]] },
      { kind: 'action', label: 'Look at it, answer it, retrain or roll back', url: link },
      { kind: 'heading', text: heading(incident) },
      ...(incident.evidence ?? [{ kind: 'paragraph' as const, text: incident.summary }]),
      { kind: 'heading', text: 'What to do' },
      { kind: 'list', items: [...advice(incident), `Runbook: ${runbookOf(incident.detector, runbook)}`] },
      ...precisionBlocks(precision),
    ],
    footer: `You get this because you own ${incident.model} or operate this deployment. It is sent once, however long it lasts.`,
  });
}

/** What most incidents are answered by, before their own numbers. */
export const surroundingRows = ({ servingNow, changes, neighbours, rollback }: Surroundings): [string, string][] => [
  ['Serving now', servingNow],
  ['Last 24 hours', changes.length > 0 ? changes.join('\n') : 'nothing changed on this model'],
  ...(neighbours.length > 0 ? [['Beside it', neighbours.join('\n')] as [string, string]] : []),
  ['Rollback', rollback],
];

/** The runbook's entry of a detector, as a person finds it. */
export const runbookOf = (detector: Detector, runbook: string | undefined): string =>
  runbook === undefined ? `docs/runbook.md, "${detector}"` : `${runbook}#${detector}`;

const precisionBlocks = (precision: readonly string[]): MailBlock[] =>
  precision.length > 0 ? [{ kind: 'paragraph', text: `So far: ${precision.join('; ')}.` }] : [];

/** One line, for the mail and for whoever is paged. */
export const incidentSubject = (incident: IncidentRow): string =>
  `[${incident.model}] ${DETECTOR_RULES[incident.detector].subject(incident)}`;
