import { z } from 'zod';
import { ArtifactsEnv, TableEnv } from '../shared/contract.ts';
export const RaiseAlertEnv = TableEnv.extend(ArtifactsEnv.shape).extend({
  ALERT_TOPIC_ARN: z.string().min(1),
  MAIL_FROM: z.string().min(1),
});

export const RaiseAlertInput = z.object({
  model: z.string().min(1),
  version: z.number().int().positive(),
  windowStart: z.string().datetime({ offset: true }),
});
export type RaiseAlertInput = z.infer<typeof RaiseAlertInput>;

export interface RaiseAlertOutput {
  readonly incident: string;
}
