import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const EvaluateModelEnv = TableEnv.extend(ArtifactsEnv.shape).extend(ApprovedEnv.shape);

export const EvaluateModelInput = ReleaseInput.extend({
  /** s3:// folders the transform jobs wrote to. */
  candidateOutputUri: z.string().startsWith('s3://'),
  championOutputUri: z.string().startsWith('s3://').optional(),
});
export type EvaluateModelInput = z.infer<typeof EvaluateModelInput>;

export interface EvaluateModelOutput {
  readonly passed: boolean;
}
