import { type RollbackRow, requesterOf } from '../deployment/rollback.ts';
import type { RollbackSafety } from '../deployment/rollback-safety.ts';
import type { ModelRow } from '../model.ts';
import type { ReleaseRow } from '../release.ts';
import { DETECTOR_RULES } from './detectors.ts';
import type { ServedModel } from './ports.ts';
import type { IncidentRow } from './rows.ts';

const DAY_MS = 86_400_000;

/** What stands before an incident's own numbers: most of them are answered by it. */
export interface Surroundings {
  readonly servingNow: string;
  /** What happened to this model in the 24 hours before; empty where nothing did. */
  readonly changes: readonly string[];
  /** What happened to the other models of its team: they often share what feeds them. */
  readonly neighbours: readonly string[];
  /** Whether going back is safe, in words. */
  readonly rollback: string;
}

/** What is known of the other models. */
export interface Neighbourhood {
  readonly served: readonly ServedModel[];
  /** Open ones, of any model. */
  readonly incidents: readonly IncidentRow[];
}

/** What serves, what changed lately on the model and around it, and whether going back is safe, each in words. */
export function surroundings(
  model: ModelRow,
  releases: readonly ReleaseRow[],
  rollbacks: readonly RollbackRow[],
  neighbourhood: Neighbourhood,
  safety: Pick<RollbackSafety, 'inWords'>,
  at: Date,
): Surroundings {
  const isRecent = (time: string | undefined): time is string => {
    const age = time === undefined ? Number.NaN : at.getTime() - Date.parse(time);
    return age >= 0 && age <= DAY_MS;
  };
  const { champion } = model;
  return {
    servingNow: champion
      ? `version ${champion.version} on ${champion.endpointName} since ${minute(champion.since)}`
      : 'nothing',
    changes: changesOf(model, releases, rollbacks, isRecent),
    neighbours: neighbourChanges(model, neighbourhood, isRecent),
    rollback: safety.inWords,
  };
}

function changesOf(
  { champion }: ModelRow,
  releases: readonly ReleaseRow[],
  rollbacks: readonly RollbackRow[],
  isRecent: (time: string | undefined) => time is string,
): string[] {
  const events: { readonly at: string; readonly text: string }[] = [];
  if (champion && isRecent(champion.since)) {
    events.push({ at: champion.since, text: `version ${champion.version} began to serve` });
  }
  for (const { release, admittedAt, endedAt, status, reason, submitter } of releases) {
    const who = submitter.person ?? submitter.principal;
    if (isRecent(admittedAt))
      events.push({ at: admittedAt, text: `release ${release} was started by ${who}: ${reason}` });
    if (isRecent(endedAt)) events.push({ at: endedAt, text: `release ${release} ended: ${status}` });
  }
  for (const { rollback, from, to, status, requestedBy, requestedAt, reason } of rollbacks) {
    const what = status === 'Requested' ? 'is under way' : status === 'Failed' ? 'failed' : 'was done';
    if (isRecent(requestedAt)) {
      const text = `rollback ${rollback} from version ${from} to ${to} ${what}, asked for by ${requesterOf(requestedBy)}: ${reason}`;
      events.push({ at: requestedAt, text });
    }
  }
  return events.sort((a, b) => (a.at < b.at ? -1 : 1)).map((event) => `${minute(event.at)}: ${event.text}`);
}

/** What is listed of neighbours. */
const NEIGHBOURS_SHOWN = 6;

function neighbourChanges(
  { model, team }: ModelRow,
  { served, incidents }: Neighbourhood,
  isRecent: (time: string | undefined) => time is string,
): string[] {
  const others = served.filter((other) => other.model !== model && other.team === team);
  const names = new Set(others.map((other) => other.model));
  const events = [
    ...others
      .filter((other) => isRecent(other.champion?.since))
      .map((other) => ({
        at: other.champion!.since,
        text: `${other.model}: version ${other.champion!.version} began to serve`,
      })),
    ...incidents
      .filter((other) => names.has(other.model) && isRecent(other.openedAt))
      .map((other) => ({
        at: other.openedAt,
        text: `${other.model}: ${DETECTOR_RULES[other.detector].subject(other)}`,
      })),
  ].sort((x, y) => (x.at < y.at ? -1 : 1));
  const shown = events.slice(0, NEIGHBOURS_SHOWN).map(({ at, text }) => `${minute(at)}: ${text}`);
  return events.length > shown.length ? [...shown, `and ${events.length - shown.length} more`] : shown;
}

/** `2026-02-15 10:15 UTC` */
export const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
