import { PREDICTION } from '../drift/verdict.ts';
import { namesOf } from './detectors.ts';
import { type Detector, type IncidentRow, incidentId, type Severity } from './rows.ts';

/** What the models of a fleet incident have in common. */
export interface Shared {
  readonly kind: 'dataset' | 'feature';
  /** Hex SHA-256 of the dataset, or the feature's name. */
  readonly name: string;
}

/** The `FLEET` row: one incident of several models; each model's own is its child. */
export interface FleetIncident {
  /** `drift/feature/origin/2026-02-03T00:20:00.000Z` */
  readonly id: string;
  readonly detector: Detector;
  readonly shared: Shared;
  readonly status: 'Open' | 'Closed';
  readonly severity: Severity;
  /** When the first of its children was opened, ISO 8601 UTC. */
  readonly openedAt: string;
  /** Ids of the models' incidents. */
  readonly children: ReadonlySet<string>;
  readonly notifiedAt?: string;
  readonly toldTo?: readonly string[];
  readonly closedAt?: string;
}

const DAY_MS = 86_400_000;

/**
 * The open incidents that belong to one thing: of the same detector, opened within a day of it, and of models that learnt from the
 * same dataset, or that saw the same feature move. Predictions are each model's own and in common to none.
 *
 * @param open every open incident of the fleet
 * @returns undefined where it stands alone; the group holds the incident itself, oldest first
 */
export function groupOf(
  incident: IncidentRow,
  open: readonly IncidentRow[],
): { readonly shared: Shared; readonly group: readonly IncidentRow[] } | undefined {
  const near = open.filter(
    (other) =>
      other.model !== incident.model &&
      other.detector === incident.detector &&
      Math.abs(Date.parse(other.openedAt) - Date.parse(incident.openedAt)) <= DAY_MS,
  );
  const shared = mostShared(incident, near);
  if (!shared) return undefined;
  const group = [incident, ...near.filter((other) => has(other, shared))];
  return {
    shared,
    group: group.sort((a, b) =>
      a.openedAt < b.openedAt ? -1 : a.openedAt > b.openedAt ? 1 : a.model < b.model ? -1 : 1,
    ),
  };
}

const has = ({ dataset, features }: IncidentRow, { kind, name }: Shared): boolean =>
  kind === 'dataset' ? dataset === name : features.includes(name);

/** What most of the others share with it; the dataset where it is as many. */
function mostShared(incident: IncidentRow, near: readonly IncidentRow[]): Shared | undefined {
  const candidates: Shared[] = [
    ...(incident.dataset === undefined ? [] : [{ kind: 'dataset' as const, name: incident.dataset }]),
    ...incident.features.filter((name) => name !== PREDICTION).map((name) => ({ kind: 'feature' as const, name })),
  ];
  let most: Shared | undefined;
  let count = 0;
  for (const shared of candidates) {
    const sharing = near.filter((other) => has(other, shared)).length;
    if (sharing > count) [most, count] = [shared, sharing];
  }
  return most;
}

/** The fleet incident of a group: the one that a child belongs to already, or a new one that is named by its first. */
export function fleetOf(detector: Detector, { shared, group }: NonNullable<ReturnType<typeof groupOf>>): FleetIncident {
  const openedAt = group[0]!.openedAt;
  const known = group.find(({ fleet }) => fleet !== undefined)?.fleet;
  return {
    id: known ?? `${detector}/${shared.kind}/${shared.name}/${openedAt}`,
    ...{ detector, shared, status: 'Open', openedAt },
    severity: loudest(group.map(({ severity }) => severity)),
    children: new Set(group.map(incidentId)),
  };
}

const LOUDNESS: readonly Severity[] = ['digest', 'mail', 'page'];

/** Several models at once are worth a mail, however little each is. */
const loudest = (severities: readonly Severity[]): Severity =>
  LOUDNESS[Math.max(1, ...severities.map((severity) => LOUDNESS.indexOf(severity)))]!;

/** `12 models: origin moved` */
export function fleetSubject({ detector, shared, children }: FleetIncident, group: readonly IncidentRow[]): string {
  const models = `${children.size} models`;
  if (shared.kind === 'dataset') return `[${models}] ${detector} of models that learnt from one dataset`;
  const verb = detector === 'drift' ? 'moved' : detector === 'skew' ? 'differs from training' : 'is what they share';
  return `[${models}] ${detector}: ${shared.name} ${verb} in ${namesOf(group.map(({ model }) => model))}`;
}
