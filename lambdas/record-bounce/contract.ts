import { z } from 'zod';
import { RemindApproversEnv } from '../remind-approvers/contract.ts';

/** As who reminds: somebody else may have to be asked. */
export const RecordBounceEnv = RemindApproversEnv;

const tag = z.tuple([z.string()]).rest(z.string());

/** `detail` of SES's event on the bus, as much as is read. */
export const RecordBounceInput = z.object({
  eventType: z.enum(['Bounce', 'Complaint', 'Reject']),
  mail: z.object({
    tags: z.object({ 'launchway-request': tag, 'launchway-person': tag, 'launchway-digest': tag.optional() }).loose(),
  }),
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: z.string().optional(),
      bouncedRecipients: z.array(z.object({ diagnosticCode: z.string().optional() })).default([]),
    })
    .optional(),
  complaint: z.object({ complaintFeedbackType: z.string().nullish() }).optional(),
  reject: z.object({ reason: z.string().optional() }).optional(),
});
export type RecordBounceInput = z.infer<typeof RecordBounceInput>;

export interface RecordBounceOutput {
  /** False where it was known, or nobody waits for this person any more. */
  readonly recorded: boolean;
}
