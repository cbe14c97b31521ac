import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, DeploymentEnv, TableEnv } from '../shared/contract.ts';
export const CheckDriftEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend(DeploymentEnv.shape)
  .extend({ ALERT_TOPIC_ARN: z.string().min(1) });

export const CheckDriftInput = z.object({
  model: z.string().min(1),
  version: z.number().int().positive(),
  windowStart: z.string().datetime({ offset: true }),
});
export type CheckDriftInput = z.infer<typeof CheckDriftInput>;

export interface CheckDriftOutput {
  readonly verdict: 'Stable' | 'Drifted' | 'InsufficientData';
  /** Whether people are still to be told of an incident, whichever detector opened it. */
  readonly alert: boolean;
}
