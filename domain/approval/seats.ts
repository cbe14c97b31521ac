import type { AuditEntry } from '../audit.ts';
import type { DeployedConfig, PersonConfig } from '../deployed-config.ts';
import { peopleBehind } from '../intake/person-of.ts';
import type { Submitter } from '../model.ts';
import type { Approver } from './approval-request.ts';

/** So many distinct people of one role. */
export interface Seat {
  readonly role: string;
  readonly people: number;
}

export interface ExcludedPerson {
  readonly person: string;
  /** One clause: `submitted this release`. */
  readonly why: string;
}

/**
 * The seats of a tier with what model.yaml adds: per role the larger number, so a definition can ask for more and never for less.
 * Sorted by role, so equal policies have equal digests.
 *
 * @throws {RangeError} an unknown tier, or one that asks nobody
 */
export function seatsFor(config: DeployedConfig, tier: string, added: Readonly<Record<string, number>>): Seat[] {
  const known = new Map(Object.entries(config.tiers)).get(tier);
  if (!known) throw new RangeError(`expected one of the tiers ${Object.keys(config.tiers).join(', ')}, got ${tier}`);
  const counts = new Map(Object.entries(known.approvals));
  for (const [role, people] of Object.entries(added)) counts.set(role, Math.max(people, counts.get(role) ?? 0));
  const seats = [...counts].filter(([, people]) => people > 0).map(([role, people]) => ({ role, people }));
  if (seats.length === 0) throw new RangeError(`expected tier ${tier} to ask at least one person, got no seats`);
  return seats.sort((a, b) => (a.role < b.role ? -1 : 1));
}

/** E-mail text that names one mailbox: case and `+tag` make no other person. */
export function canonicalMailbox(email: string): string {
  const text = email.trim().toLowerCase().normalize('NFKC');
  const at = text.lastIndexOf('@');
  return at < 0 ? text : `${text.slice(0, at).replace(/\+.*$/, '')}@${text.slice(at + 1)}`;
}

/** One person under two ids: by mailbox or by principal. */
export const samePerson = (a: PersonConfig, b: PersonConfig): boolean =>
  canonicalMailbox(a.email) === canonicalMailbox(b.email) ||
  a.principals.some((principal) => b.principals.includes(principal));

/**
 * Who may fill the seats, by four eyes: nobody who submitted or last edited what is asked about, under any name. Of a principal
 * that several people share, each of them may have. A submitter whom no identity maps to could be any member of the owning team, so
 * all of them are out. A person configured twice counts once.
 *
 * @param involved the release's submitter and the definition's last editor
 */
export function eligibleApprovers(
  config: DeployedConfig,
  seats: readonly Seat[],
  team: string,
  involved: readonly Submitter[],
): { readonly approvers: readonly Approver[]; readonly excluded: readonly ExcludedPerson[] } {
  const people = new Map(Object.entries(config.people));
  const roles = new Map(Object.entries(config.roles));
  const whyExcluded = exclusion(config, team, involved);
  const approvers: Approver[] = [];
  const excluded: ExcludedPerson[] = [];
  for (const person of [...new Set(seats.flatMap(({ role }) => roles.get(role) ?? []))].sort()) {
    const self = people.get(person);
    if (!self) throw new RangeError(`expected ${person} among the configured people, got none`);
    const why = whyExcluded(person);
    const twin = approvers.find((other) => samePerson(self, people.get(other.person)!));
    if (why !== undefined) excluded.push({ person, why });
    else if (twin) excluded.push({ person, why: `is the same person as ${twin.person}` });
    else {
      const held = seats.map(({ role }) => role).filter((role) => (roles.get(role) ?? []).includes(person));
      approvers.push({ person, roles: held });
    }
  }
  return { approvers, excluded };
}

/**
 * Whom four eyes keep from deciding, under any of their names, and why.
 *
 * @param involved the release's submitter and the definition's last editor
 */
export function exclusion(
  config: DeployedConfig,
  team: string,
  involved: readonly Submitter[],
): (person: string) => string | undefined {
  const people = new Map(Object.entries(config.people));
  const out = [...involvedPeople(config, team, involved)];
  return (person) => {
    const self = people.get(person);
    return out.find(([id]) => id === person || (self && samePerson(self, people.get(id)!)))?.[1];
  };
}

/** Who last made a definition the model's, by its audit chain; undefined where the chain does not say. */
export function lastEditor(chain: readonly AuditEntry[], definitionSha256: string): Submitter | undefined {
  const edit = chain.findLast(
    ({ type, details }) =>
      (type === 'ModelCreated' || type === 'DefinitionChanged') && details?.definition === definitionSha256,
  );
  // The chain names a person where one is known, and the principal elsewhere.
  return edit && { principal: edit.actor, person: edit.actor };
}

/** Who brought a model that was trained elsewhere, by the audit chain; undefined where the chain does not say. */
export function whoBrought(chain: readonly AuditEntry[], versionId: string): Submitter | undefined {
  const brought = chain.findLast(({ type, details }) => type === 'ArtifactChanged' && details?.versionId === versionId);
  return brought && { principal: brought.actor, person: brought.actor };
}

/** Person ids that may not decide, and why. */
function involvedPeople(config: DeployedConfig, team: string, involved: readonly Submitter[]): Map<string, string> {
  const out = new Map<string, string>();
  const people = Object.entries(config.people);
  for (const { principal, person } of involved) {
    const named = people
      .filter(([id, { principals }]) => id === person || principals.includes(principal))
      .map(([id]) => id);
    // A role that people share names none of them, and each of them may have been it.
    const mapped = named.length > 0 ? named : peopleBehind(principal, config);
    for (const id of mapped) out.set(id, 'submitted or edited what is asked about');
    if (mapped.length > 0) continue;
    const members = new Map(Object.entries(config.teams)).get(team)?.members ?? [];
    for (const id of members) {
      if (!out.has(id)) out.set(id, `belongs to team ${team}, and the submitter is known only as ${principal}`);
    }
  }
  return out;
}

/**
 * Which approver fills which seat: as many seats as can be filled at once, whatever the order of the votes (maximum bipartite
 * matching by augmenting paths). A person fills one seat.
 *
 * @returns one entry per seat and person asked for, in the order of `seats`; `person` is absent where it is open
 */
export function fillSeats(
  seats: readonly Seat[],
  people: readonly Approver[],
): { readonly role: string; readonly person?: string }[] {
  const places = seats.flatMap(({ role, people: count }) => Array.from({ length: count }, () => role));
  const seated: (number | undefined)[] = places.map(() => undefined);
  const place = (candidate: number, tried: Set<number>): boolean =>
    places.some((role, i) => {
      if (tried.has(i) || !people[candidate]!.roles.includes(role)) return false;
      tried.add(i);
      const sitting = seated[i];
      if (sitting !== undefined && !place(sitting, tried)) return false;
      seated[i] = candidate;
      return true;
    });
  for (const candidate of people.keys()) place(candidate, new Set());
  return places.map((role, i) => {
    const sitting = seated[i];
    return sitting === undefined ? { role } : { role, person: people[sitting]!.person };
  });
}

/** True where the people fill every seat. */
export const isQuorum = (seats: readonly Seat[], people: readonly Approver[]): boolean =>
  fillSeats(seats, people).every(({ person }) => person !== undefined);

/** `1 of model-risk and 2 of business`. */
export const seatsInWords = (seats: readonly Seat[]): string =>
  seats.map(({ role, people }) => `${people} of ${role}`).join(' and ');
