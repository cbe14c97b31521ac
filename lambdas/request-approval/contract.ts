import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, NoticeEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const RequestApprovalEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(NoticeEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend({
    /** Encrypts the task token at rest. */
    TOKEN_KEY_ARN: z.string().min(1),
    /** Signs the links (KMS HMAC). */
    LINK_KEY_ARN: z.string().min(1),
    /** Signs the links of those who submit. */
    SUBMISSION_KEY_ARN: z.string().min(1),
    /** Where requests that this one supersedes are announced, so that their tasks are answered. */
    DECISION_QUEUE_URL: z.string().url(),
    /** Base URL of the approval pages, without a trailing slash. */
    APPROVAL_API_URL: z.string().url(),
    MAIL_FROM: z.string().min(1),
  });

export const RequestApprovalInput = ReleaseInput.extend({
  taskToken: z.string().min(1),
  /** ISO 8601: when the waiting task times out; the request expires 15 minutes before. */
  taskExpiresAt: z.string().datetime({ offset: true }),
});
export type RequestApprovalInput = z.infer<typeof RequestApprovalInput>;

export interface RequestApprovalOutput {
  readonly requestId: string;
}

/** What the waiting task is answered with; the deploying workflow re-reads everything from the table. */
export interface ApprovalAnswer {
  readonly requestId: string;
  readonly decision: 'Approved' | 'Rejected' | 'Superseded' | 'Expired' | 'Withdrawn';
}
