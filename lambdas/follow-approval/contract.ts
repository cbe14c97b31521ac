import { z } from 'zod';
import { DecideApprovalInput, type DecideApprovalOutput } from '../decide-approval/contract.ts';
import { LinkKeysEnv, PagesEnv, TableEnv } from '../shared/contract.ts';
/** Its link keys are those of people who submit, and sign nothing of an approver's. */
export const FollowApprovalEnv = TableEnv.extend(PagesEnv.shape)
  .extend(LinkKeysEnv.shape)
  .extend({
    /** Takes questions back. */
    WITHDRAW_APPROVAL_FUNCTION_NAME: z.string().min(1),
    MAIL_FROM: z.string().min(1),
  });

export const FollowApprovalInput = DecideApprovalInput;
export type FollowApprovalInput = DecideApprovalInput;
export type FollowApprovalOutput = DecideApprovalOutput;
