import { z } from 'zod';
import { ApprovedEnv, TableEnv } from '../shared/contract.ts';
export const RaiseAlertEnv = TableEnv.extend(ApprovedEnv.shape).extend({
  ALERT_TOPIC_ARN: z.string().min(1),
  MAIL_FROM: z.string().min(1),
  LINK_KEY_ARN: z.string().min(1),
  /** Where incidents are answered. */
  PAGES_URL: z.string().url(),
});

/** Of any detector: what else an input says is of workflows of before. */
export const RaiseAlertInput = z.object({ model: z.string().min(1) });
export type RaiseAlertInput = z.infer<typeof RaiseAlertInput>;

export interface RaiseAlertOutput {
  /** Ids of those that people were to be told of. */
  readonly incidents: readonly string[];
}
