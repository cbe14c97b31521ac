import type { DeployedConfig } from '../deployed-config.ts';
import type { Approver } from './approval-request.ts';
import { isQuorum, type Seat, samePerson } from './seats.ts';
import { calendarOf, localDate } from './working-calendar.ts';

/** Somebody is away, and their seats are another's for that time. Dates are those where they live. */
export interface Delegation {
  /** Person id. */
  readonly person: string;
  /** Person id. */
  readonly to: string;
  /** `2026-12-21`: the first day away. */
  readonly from: string;
  /** `2027-01-04`: the day on which they are back. */
  readonly until: string;
}

/** The `DELEGATION` row: one that a person made themselves. */
export interface RecordedDelegation extends Delegation {
  /** The request on whose page, or under whose name, it was made. */
  readonly requestId: string;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
}

export type DelegationRefusal =
  | { readonly kind: 'UnknownPerson' }
  | { readonly kind: 'Oneself' }
  /** Seats go to people whom the deployed configuration knows as approvers. */
  | { readonly kind: 'NotAnApprover' }
  /** Four eyes: what is asked about is theirs. */
  | { readonly kind: 'Excluded'; readonly why: string }
  | { readonly kind: 'NoPeriod' }
  | { readonly kind: 'TooLong' }
  /** The other is away too, or stands in for somebody who is: no chain is followed. */
  | { readonly kind: 'Chain'; readonly with: Delegation }
  | { readonly kind: 'Voted' }
  /** They would have two seats and fill one: nobody would be left for the other. */
  | { readonly kind: 'SeatOfTheirOwn' }
  /** They have delegated already in that time. */
  | { readonly kind: 'Overlap'; readonly with: Delegation };

/** Nobody is away for longer: then the configuration is to be changed. */
const MOST_DAYS = 92;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * What speaks against a delegation, beside those that are known.
 *
 * @param today where the person lives
 */
export function refusalOfDelegation(
  config: DeployedConfig,
  known: readonly Delegation[],
  wish: Delegation,
  today: string,
): DelegationRefusal | undefined {
  const people = new Map(Object.entries(config.people));
  const [self, other] = [people.get(wish.person), people.get(wish.to)];
  if (!self || !other) return { kind: 'UnknownPerson' };
  if (wish.person === wish.to || samePerson(self, other)) return { kind: 'Oneself' };
  if (!Object.values(config.roles).some((members) => members.includes(wish.to))) return { kind: 'NotAnApprover' };
  const days = daysBetween(wish.from, wish.until);
  if (!(days > 0) || wish.until <= today) return { kind: 'NoPeriod' };
  if (days > MOST_DAYS) return { kind: 'TooLong' };
  const meanwhile = known.filter(({ from, until }) => from < wish.until && wish.from < until);
  const own = meanwhile.find(({ person }) => person === wish.person);
  if (own) return { kind: 'Overlap', with: own };
  const chain = meanwhile.find(({ person, to }) => person === wish.to || to === wish.person);
  return chain && { kind: 'Chain', with: chain };
}

/** Whole days; NaN where either is no date. */
const daysBetween = (from: string, until: string): number =>
  isDate(from) && isDate(until) ? (Date.parse(until) - Date.parse(from)) / 86_400_000 : Number.NaN;

/** A day of the calendar: there is no 30 February. */
const isDate = (text: string): boolean => DATE.test(text) && new Date(text).toJSON()?.slice(0, 10) === text;

/** The delegation by which a person is away at a moment. */
function awayBy(
  config: DeployedConfig,
  known: readonly Delegation[],
  person: string,
  at: Date,
): Delegation | undefined {
  const { timeZone } = calendarOf(config, person);
  const today = localDate(timeZone, at.getTime());
  return known.find((one) => one.person === person && one.from <= today && today < one.until);
}

export interface MovedSeats {
  readonly approvers: readonly Approver[];
  /** Delegations by which seats moved, this time. */
  readonly moved: readonly Delegation[];
}

export interface SeatMove {
  readonly seats: readonly Seat[];
  readonly approvers: readonly Approver[];
  /** Who has decided already. */
  readonly voted: ReadonlySet<string>;
  /** Whom four eyes keep from deciding this, and why. */
  readonly whyExcluded: (person: string) => string | undefined;
}

/**
 * Moves the seats of those who are away to those who stand in for them. A seat stays where it is where its person has voted,
 * where the other may not decide by four eyes or is away too, and where too few people would be left for the seats: whoever
 * stands in for somebody fills one seat, as everyone does.
 */
export function moveSeats(config: DeployedConfig, known: readonly Delegation[], asked: SeatMove, at: Date): MovedSeats {
  let { approvers } = asked;
  const moved: Delegation[] = [];
  for (const { person } of asked.approvers) {
    const delegation = awayBy(config, known, person, at);
    if (!delegation || awayBy(config, known, delegation.to, at)) continue;
    if (refusalOfMove(config, { ...asked, approvers }, delegation)) continue;
    approvers = move(approvers, delegation);
    moved.push(delegation);
  }
  return { approvers, moved };
}

/** Why a seat of this request cannot be given to somebody. */
export function refusalOfMove(
  config: DeployedConfig,
  { seats, approvers, voted, whyExcluded }: SeatMove,
  delegation: Delegation,
): DelegationRefusal | undefined {
  const { person, to } = delegation;
  const people = new Map(Object.entries(config.people));
  const other = people.get(to);
  if (!other || !approvers.some((one) => one.person === person)) return { kind: 'UnknownPerson' };
  if (voted.has(person)) return { kind: 'Voted' };
  const why = whyExcluded(to);
  if (why !== undefined) return { kind: 'Excluded', why };
  const twin = approvers.find((one) => one.person !== to && samePerson(other, people.get(one.person)!));
  if (twin) return { kind: 'Excluded', why: `is the same person as ${twin.person}` };
  return isQuorum(seats, move(approvers, delegation)) ? undefined : { kind: 'SeatOfTheirOwn' };
}

function move(approvers: readonly Approver[], { person, to, until }: Delegation): readonly Approver[] {
  const away = approvers.find((one) => one.person === person)!;
  const standing = approvers.find((one) => one.person === to);
  const roles = [...new Set([...(standing?.roles ?? []), ...away.roles])].sort();
  const standsInFor = [...(standing?.standsInFor ?? []), { person, until }];
  return approvers
    .filter((one) => one.person !== person && one.person !== to)
    .concat({ ...(standing ?? { person: to }), roles, standsInFor })
    .sort((a, b) => (a.person < b.person ? -1 : 1));
}
