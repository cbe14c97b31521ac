import { ReleaseInput, TableEnv } from '../shared/contract.ts';
export const ExpireApprovalEnv = TableEnv;

export const ExpireApprovalInput = ReleaseInput;
export type ExpireApprovalInput = ReleaseInput;

export interface ExpireApprovalOutput {
  /** What the table says now: a vote that committed in the last moment still counts. */
  readonly decision: 'Approved' | 'Rejected' | 'Superseded' | 'Expired' | 'Withdrawn';
}
