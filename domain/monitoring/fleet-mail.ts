import type { RollbackSafety } from '../deployment/rollback-safety.ts';
import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import { DETECTOR_RULES } from './detectors.ts';
import { type FleetIncident, fleetSubject } from './fleet.ts';
import { runbookOf } from './incident-mail.ts';
import { minute, type Surroundings } from './recent-changes.ts';
import type { IncidentRow } from './rows.ts';

/** One model of a fleet incident, as the mail shows it. */
export interface FleetChild {
  readonly incident: IncidentRow;
  readonly owner: string;
  readonly around: Surroundings;
  readonly safety: Pick<RollbackSafety, 'verdict'>;
  /** The signed page where it is answered. */
  readonly link: string;
}

/** Models whose page has a button of its own; the others are in the table. */
const BUTTONS = 8;

/** One mail of what several models have in common: what serves, what changed, what it is, and a page for each of them. */
export function fleetMail(
  to: readonly string[],
  fleet: FleetIncident,
  children: readonly FleetChild[],
  runbook?: string,
): Mail {
  const incidents = children.map(({ incident }) => incident);
  const changes = [...new Set(children.flatMap(({ around }) => [...around.changes, ...around.neighbours]))].sort();
  const { shared, detector } = fleet;
  const common =
    shared.kind === 'dataset'
      ? `They learnt from one dataset (sha256 ${shared.name.slice(0, 12)}…).`
      : `What they have in common is ${shared.name}: look at what feeds it before you look at any model.`;
  return composeMail({
    to,
    subject: fleetSubject(fleet, incidents),
    thread: `fleet/${fleet.id}`,
    blocks: [
      {
        kind: 'facts',
        rows: [['Last 24 hours', changes.length > 0 ? changes.join('\n') : 'nothing changed on these models']],
      },
      { kind: 'heading', text: `One thing moved in ${children.length} models` },
      { kind: 'paragraph', text: `${common} One mail is sent for all of them, however many follow.` },
      {
        kind: 'table',
        head: ['Model', 'What', 'Since', 'Serving', 'Told by', 'Rollback'],
        rows: children.map(({ incident, around, safety }) => [
          incident.model,
          incident.features.slice(0, 4).join(', '),
          minute(incident.start),
          around.servingNow,
          incident.severity,
          ROLLBACK[safety.verdict],
        ]),
      },
      ...strongest(incidents),
      { kind: 'heading', text: 'What to do' },
      {
        kind: 'list',
        items: [
          ...DETECTOR_RULES[detector].advice({
            ...incidents[0]!,
            model: 'MODEL',
            features: featuresOf(fleet, incidents),
          }),
          `Runbook: ${runbookOf(detector, runbook)}`,
        ],
      },
      ...children
        .slice(0, BUTTONS)
        .map(({ incident, link }) => ({ kind: 'action' as const, label: `Answer for ${incident.model}`, url: link })),
    ],
    footer: `Fleet incident ${fleet.id}. You get this because you own one of these models or operate this deployment.`,
  });
}

const ROLLBACK: Readonly<Record<RollbackSafety['verdict'], string>> = {
  safe: 'safe',
  unsafe: 'callers notice',
  impossible: 'not possible',
};

const featuresOf = ({ shared }: FleetIncident, [first]: readonly IncidentRow[]): readonly string[] =>
  shared.kind === 'feature' ? [shared.name] : first!.features;

/** The evidence of the model that moved most stands for all. */
function strongest(incidents: readonly IncidentRow[]): MailBlock[] {
  const shown = incidents.find(({ severity }) => severity === 'page') ?? incidents[0]!;
  const bars = (shown.evidence ?? []).filter(({ kind }) => kind === 'bars').slice(0, 2);
  return bars.length > 0 ? [{ kind: 'heading', text: `As ${shown.model} sees it` }, ...bars] : [];
}
