import { z } from 'zod';
import { TableEnv } from '../shared/contract.ts';
export const WithdrawApprovalEnv = TableEnv.extend({
  /** Where a withdrawal is announced; `deliver-decision` answers the waiting task. */
  DECISION_QUEUE_URL: z.string().url(),
});

const requestId = z.string().regex(/^[A-Za-z0-9]{16,64}$/);

export const WithdrawApprovalInput = z.union([
  z.strictObject({
    requestId,
    /** Who asks for it: judged against who submitted. */
    submitter: z.strictObject({ principal: z.string().min(1), person: z.string().min(1).optional() }),
    reason: z.string(),
    /** For the audit entry. */
    knownBy: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ requestId, ended: z.strictObject({ release: z.number().int().positive(), status: z.string() }) }),
]);
export type WithdrawApprovalInput = z.infer<typeof WithdrawApprovalInput>;
