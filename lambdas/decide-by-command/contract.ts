import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, TableEnv } from '../shared/contract.ts';

export const DecideByCommandEnv = TableEnv.extend(ArtifactsEnv.shape).extend(ApprovedEnv.shape).extend({
  /** Where a committed decision is announced; `deliver-decision` answers the waiting task. */
  DECISION_QUEUE_URL: z.string().url(),
});

/** HTTP API payload 2.0 of a route with AWS_IAM: API Gateway has verified the signature, and says whose it is. */
export const DecideByCommandInput = z.object({
  rawPath: z.string(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({
      iam: z.object({ userArn: z.string().min(1), callerId: z.string().min(1), accountId: z.string().min(1) }),
    }),
  }),
});
export type DecideByCommandInput = z.infer<typeof DecideByCommandInput>;

/** What a person sends to decide. `digest`: of what they were shown. */
export const Decision = z.strictObject({
  decision: z.string(),
  reason: z.string().default(''),
  ticket: z.string().default(''),
  reviewBy: z.string().default(''),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface DecideByCommandOutput {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}
