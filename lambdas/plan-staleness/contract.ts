import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, CapturesEnv, DeploymentEnv, IntakeEnv, TableEnv } from '../shared/contract.ts';
import type { TransformPlan } from '../shared/transform-plan.ts';

export const PlanStalenessEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend(CapturesEnv.shape)
  .extend(IntakeEnv.shape)
  .extend(DeploymentEnv.shape);

export const PlanStalenessInput = z.object({
  model: z.string().min(1),
  /** Of the `STALENESS` row. */
  id: z.string().min(1),
  attempt: z.string().regex(/^\d+-\d+$/),
});
export type PlanStalenessInput = z.infer<typeof PlanStalenessInput>;

export interface PlanStalenessOutput {
  /** Versions that can answer the rows, the one that serves among them. */
  readonly versions: readonly (TransformPlan & { readonly version: number })[];
}
