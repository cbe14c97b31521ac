import type { DeployedConfig } from '../deployed-config.ts';
import type { Submitter } from '../model.ts';
import type { ApprovalRequest, Approver } from './approval-request.ts';
import { fractionPassed } from './business-hours.ts';
import { eligibleApprovers } from './seats.ts';

/** How far people were pressed. */
const STAGES = ['Asked', 'Reminded', 'Escalated'] as const;
export type ReminderStage = (typeof STAGES)[number];

/** The `REMINDERS` row of an open request; it is removed once nobody is waited for. */
export interface Reminder {
  readonly requestId: string;
  readonly model: string;
  readonly stage: ReminderStage;
  /** When people were asked; a request that is asked again begins anew. */
  readonly since: string;
  /** The request's when the row was written; a request that is asked again gets a row of its own. */
  readonly expiresAt: string;
}

const REMINDED_AT = 0.5;
const ESCALATED_AT = 0.75;

/** The stage that a request should be in by now: a reminder at half of its business time, escalation at three quarters. */
export function stageAt({ since, expiresAt }: Pick<Reminder, 'since' | 'expiresAt'>, now: Date): ReminderStage {
  const passed = fractionPassed(new Date(since), new Date(expiresAt), now);
  return passed >= ESCALATED_AT ? 'Escalated' : passed >= REMINDED_AT ? 'Reminded' : 'Asked';
}

export const isLater = (stage: ReminderStage, than: ReminderStage): boolean =>
  STAGES.indexOf(stage) > STAGES.indexOf(than);

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
  const asked = new Set(request.approvers.map(({ person }) => person));
  return approvers
    .filter(({ person }) => escalateTo.includes(person) && !asked.has(person))
    .map((approver) => ({ ...approver, escalated: true }));
}
