import type { DeployedConfig } from '../deployed-config.ts';
import type { ApprovalRequest, Approver } from './approval-request.ts';

/**
 * Who is asked and is still named for it: a deployment that takes somebody out of the configuration, or out of a role, takes
 * what they were asked before from them, whatever links they keep.
 *
 * @param person id
 * @returns undefined where they are not asked, or not named any more for every role they are asked as
 */
export function namedApprover(
  config: Pick<DeployedConfig, 'people' | 'roles' | 'tiers'>,
  { approvers, subject }: Pick<ApprovalRequest, 'approvers' | 'subject'>,
  person: string,
): Approver | undefined {
  const approver = approvers.find((one) => one.person === person);
  if (!approver || !Object.hasOwn(config.people, person)) return undefined;
  const escalateTo = new Map(Object.entries(config.tiers)).get(subject.policy.tier)?.escalateTo ?? [];
  const roles = new Map(Object.entries(config.roles));
  // A seat that moved is filled in the name of who is away.
  const names = [person, ...(approver.standsInFor ?? []).map((away) => away.person)];
  const isNamed = (role: string) =>
    names.some((name) => (roles.get(role) ?? []).includes(name) || escalateTo.includes(name));
  return approver.roles.every(isNamed) ? approver : undefined;
}
