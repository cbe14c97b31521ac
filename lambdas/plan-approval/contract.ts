import { ApprovedEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const PlanApprovalEnv = TableEnv.extend(ApprovedEnv.shape);

export const PlanApprovalInput = ReleaseInput;
export type PlanApprovalInput = ReleaseInput;

export interface PlanApprovalOutput {
  /** How long the task that asks waits; its request expires a quarter of an hour earlier. */
  readonly timeoutSeconds: number;
}
