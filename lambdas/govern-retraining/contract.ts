import { z } from 'zod';
import { ApprovedEnv, CapturesEnv, DeploymentEnv, IntakeEnv, TableEnv } from '../shared/contract.ts';

export const GovernRetrainingEnv = TableEnv.extend(ApprovedEnv.shape)
  .extend(CapturesEnv.shape)
  .extend(IntakeEnv.shape)
  .extend(DeploymentEnv.shape)
  .extend({ RELEASE_MODEL_STATE_MACHINE_ARN: z.string().min(1) });

export const GovernRetrainingInput = z.object({ model: z.string().min(1) });
export type GovernRetrainingInput = z.infer<typeof GovernRetrainingInput>;

export interface GovernRetrainingOutput {
  /** What the governor said to each trigger that asks now, in words. */
  readonly decisions: readonly string[];
}
