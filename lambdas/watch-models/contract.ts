import { z } from 'zod';
import { ApprovedEnv, TableEnv } from '../shared/contract.ts';

export const WatchModelsEnv = TableEnv.extend(ApprovedEnv.shape).extend({
  ALERT_TOPIC_ARN: z.string().min(1),
  MAIL_FROM: z.string().min(1),
  LINK_KEY_ARN: z.string().min(1),
  /** Where incidents are answered. */
  PAGES_URL: z.string().url(),
  PREFIX: z.string().min(1),
  SCHEDULE_GROUP_NAME: z.string().min(1),
});

export const WatchModelsInput = z.object({}).loose();
export type WatchModelsInput = z.infer<typeof WatchModelsInput>;

export interface WatchModelsOutput {
  readonly models: number;
  /** Models whose monitoring does not see. */
  readonly blind: number;
}
