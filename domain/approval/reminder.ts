import type { DeployedConfig } from '../deployed-config.ts';
import type { Submitter } from '../model.ts';
import type { ApprovalRequest, Approver } from './approval-request.ts';
import { eligibleApprovers, samePerson } from './seats.ts';
import { calendarOf, fractionPassed } from './working-calendar.ts';

/** The `REMINDERS` row of an open request; it is removed once nobody is waited for. */
export interface Reminder {
  readonly requestId: string;
  readonly model: string;
  /** `Reminded`, in rows of before: everyone was. */
  readonly stage: 'Asked' | 'Reminded' | 'Escalated';
  /** Who was reminded, in the order of their own clocks. */
  readonly reminded?: readonly string[];
  /** When people were asked; a request that is asked again begins anew. */
  readonly since: string;
  /** The request's when the row was written; a request that is asked again gets a row of its own. */
  readonly expiresAt: string;
}

/** What a reminder's row becomes, and whom that concerns now. */
export interface Pressure {
  readonly stage: Reminder['stage'];
  readonly reminded: readonly string[];
  /** Who is to be mailed. */
  readonly remind: readonly string[];
}

const REMINDED_AT = 0.5;
const ESCALATED_AT = 0.75;

/**
 * Who should be pressed by now: each person at half of their own working time, and everybody once each of them has used three
 * quarters of theirs. A late event goes straight to the last stage.
 *
 * @param waitedFor who was asked and has not decided
 * @returns undefined where nothing is due
 */
export function pressureAt(
  config: DeployedConfig,
  { stage, reminded, since, expiresAt }: Reminder,
  waitedFor: readonly Approver[],
  now: Date,
): Pressure | undefined {
  if (stage === 'Escalated') return undefined;
  const passed = waitedFor.map(({ person, roles }) => ({
    person,
    fraction: fractionPassed(calendarOf(config, person, roles), new Date(since), new Date(expiresAt), now),
  }));
  const everyone = passed.map(({ person }) => person);
  if (passed.every(({ fraction }) => fraction >= ESCALATED_AT)) {
    return { stage: 'Escalated', reminded: reminded ?? [], remind: everyone };
  }
  const before = reminded ?? (stage === 'Reminded' ? everyone : []);
  const remind = passed
    .filter(({ person, fraction }) => fraction >= REMINDED_AT && !before.includes(person))
    .map(({ person }) => person);
  return remind.length === 0 ? undefined : { stage: 'Asked', reminded: [...before, ...remind], remind };
}

/**
 * Whom a tier escalates to: each may fill any of the request's seats, under four eyes as everyone else.
 *
 * @param involved the release's submitter and the definition's last editor
 */
export function escalatedApprovers(
  config: DeployedConfig,
  request: ApprovalRequest,
  team: string,
  involved: readonly Submitter[],
): Approver[] {
  const escalateTo = new Map(Object.entries(config.tiers)).get(request.subject.policy.tier)?.escalateTo ?? [];
  const roles = new Map(Object.entries(config.roles));
  for (const { role } of request.seats) roles.set(role, [...new Set([...(roles.get(role) ?? []), ...escalateTo])]);
  const { approvers } = eligibleApprovers(
    { ...config, roles: Object.fromEntries(roles) },
    request.seats,
    team,
    involved,
  );
  const people = new Map(Object.entries(config.people));
  // Under another id somebody who is asked would have a second vote.
  const isAsked = (person: string) =>
    request.approvers.some((asked) => {
      const [self, other] = [people.get(person), people.get(asked.person)];
      return asked.person === person || (self && other && samePerson(self, other));
    });
  return approvers
    .filter(({ person }) => escalateTo.includes(person) && !isAsked(person))
    .map((approver) => ({ ...approver, escalated: true }));
}
