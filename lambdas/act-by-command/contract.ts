import { z } from 'zod';
import { DecideApprovalEnv } from '../decide-approval/contract.ts';
import { DecideByCommandInput, type DecideByCommandOutput } from '../decide-by-command/contract.ts';
import { ApprovedEnv, ArtifactsEnv, TableEnv } from '../shared/contract.ts';

const { LINK_KEY_ARN, SUBMISSION_KEY_ARN, APPROVAL_API_URL, MAIL_FROM } = DecideApprovalEnv.shape;

export const ActByCommandEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend({
    LINK_KEY_ARN,
    SUBMISSION_KEY_ARN,
    APPROVAL_API_URL,
    MAIL_FROM,
    /** Takes questions back. */
    WITHDRAW_APPROVAL_FUNCTION_NAME: z.string().min(1),
  });

export const ActByCommandInput = DecideByCommandInput;
export type ActByCommandInput = DecideByCommandInput;
export type ActByCommandOutput = DecideByCommandOutput;

/** What a person sends: an act, and what it needs. */
export const CommandedAct = z.strictObject({
  act: z.string(),
  text: z.string().default(''),
  why: z.string().default(''),
  to: z.string().default(''),
  from: z.string().default(''),
  until: z.string().default(''),
});
export type CommandedAct = z.infer<typeof CommandedAct>;
