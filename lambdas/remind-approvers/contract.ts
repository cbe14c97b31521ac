import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, NoticeEnv, TableEnv } from '../shared/contract.ts';

export const RemindApproversEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(NoticeEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend({
    LINK_KEY_ARN: z.string().min(1),
    /** Signs the links of those who submit. */
    SUBMISSION_KEY_ARN: z.string().min(1),
    APPROVAL_API_URL: z.string().url(),
    MAIL_FROM: z.string().min(1),
  });

export const RemindApproversInput = z.object({}).loose();
export type RemindApproversInput = z.infer<typeof RemindApproversInput>;

export interface RemindApproversOutput {
  readonly reminded: number;
  readonly escalated: number;
}
