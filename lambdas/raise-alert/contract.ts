import { z } from 'zod';
import { ArtifactsEnv, TableEnv } from '../shared/contract.ts';
export const RaiseAlertEnv = TableEnv.extend(ArtifactsEnv.shape).extend({
  ALERT_TOPIC_ARN: z.string().min(1),
  MAIL_FROM: z.string().min(1),
  LINK_KEY_ARN: z.string().min(1),
  /** Where incidents are answered. */
  PAGES_URL: z.string().url(),
});

export const RaiseAlertInput = z.object({
  model: z.string().min(1),
  version: z.number().int().positive(),
  windowStart: z.string().datetime({ offset: true }),
});
export type RaiseAlertInput = z.infer<typeof RaiseAlertInput>;

export interface RaiseAlertOutput {
  /** Ids of those that the window belongs to. */
  readonly incidents: readonly string[];
}
