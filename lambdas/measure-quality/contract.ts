import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, CapturesEnv, DeploymentEnv, IntakeEnv, TableEnv } from '../shared/contract.ts';

export const MeasureQualityEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend(CapturesEnv.shape)
  .extend(IntakeEnv.shape)
  .extend(DeploymentEnv.shape)
  .extend({
    MAIL_FROM: z.string().min(1),
    ALERT_TOPIC_ARN: z.string().min(1),
    MEASURE_STALENESS_STATE_MACHINE_ARN: z.string().min(1),
  });

export const MeasureQualityInput = z.object({
  model: z.string().min(1),
  /** ISO 8601: the occurrence of the schedule. */
  scheduledTime: z.string().datetime({ offset: true }),
});
export type MeasureQualityInput = z.infer<typeof MeasureQualityInput>;

export interface MeasureQualityOutput {
  /** Files of outcomes that were read or looked at again. */
  readonly files: number;
  /** Outcomes that named a prediction. */
  readonly matched: number;
  /** Windows that were evaluated, or evaluated again. */
  readonly evaluated: number;
}
