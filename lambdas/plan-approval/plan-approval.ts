import { deadline, taskSeconds } from '../../domain/approval/deadline.ts';
import { type AskedPeopleDependencies, askedPeople } from '../shared/asked-people.ts';
import type { PlanApprovalInput, PlanApprovalOutput } from './contract.ts';

/** Says how long people have: the definition's business hours, in the calendars of those who will be asked. */
export const planApproval =
  (dependencies: AskedPeopleDependencies) =>
  async ({ model, release }: PlanApprovalInput): Promise<PlanApprovalOutput> => {
    const row = await dependencies.lineage.getRelease(model, release);
    const { definition, approvers } = await askedPeople(dependencies, row);
    const asked = dependencies.now();
    const end = deadline(dependencies.config, approvers, asked, definition.approval.expiresBusinessHours);
    return { timeoutSeconds: taskSeconds(asked, end) };
  };
