import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, LinkKeysEnv, PagesEnv, TableEnv } from '../shared/contract.ts';
export const DecideApprovalEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend(LinkKeysEnv.shape)
  .extend(PagesEnv.shape)
  .extend({
    /** Signs the links of those who submit. */
    SUBMISSION_KEY_ARN: z.string().min(1),
    /** Base URL of the approval pages, without a trailing slash. */
    APPROVAL_API_URL: z.string().url(),
    MAIL_FROM: z.string().min(1),
    /** Where a committed decision is announced; `deliver-decision` answers the waiting task. */
    DECISION_QUEUE_URL: z.string().url(),
  });

/** HTTP API payload 2.0, as much as is read. */
export const DecideApprovalInput = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({ http: z.object({ method: z.string(), sourceIp: z.string() }) }),
});
export type DecideApprovalInput = z.infer<typeof DecideApprovalInput>;

export interface DecideApprovalOutput {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
}
