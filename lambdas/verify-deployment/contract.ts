import { z } from 'zod';
import type { RolloutRequests } from '../../domain/step-results.ts';
import { ApprovedEnv, ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const VerifyDeploymentEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(ApprovedEnv.shape)
  .extend({
    PREFIX: z.string().min(1),
  });

export const VerifyDeploymentInput = ReleaseInput.extend({
  version: z.number().int().positive(),
  /** The proof is a rollback's, and stands in its row. */
  rollback: z.number().int().positive().optional(),
  modelName: z.string().min(1),
  endpointName: z.string().min(1),
  endpointConfigName: z.string().min(1),
  /** What served before, for the record; absent on a first deployment. */
  previousConfigName: z.string().optional(),
  /** Alarms watched it take over from that; absent where none did. */
  watched: z.boolean().optional(),
});
export type VerifyDeploymentInput = z.infer<typeof VerifyDeploymentInput>;

export interface VerifyDeploymentOutput {
  readonly provedAt: string;
  readonly smokeRows: number;
  readonly traffic?: RolloutRequests;
}
