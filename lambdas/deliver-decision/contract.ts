import { z } from 'zod';
import { TableEnv } from '../shared/contract.ts';
export const DeliverDecisionEnv = TableEnv.extend({ TOKEN_KEY_ARN: z.string().min(1) });

/** An SQS batch, as Lambda delivers it. */
export const DeliverDecisionInput = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
});
export type DeliverDecisionInput = z.infer<typeof DeliverDecisionInput>;

/** Messages to be delivered again; the others are done. */
export interface DeliverDecisionOutput {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}
