import { z } from 'zod';
import { ApprovedEnv, ArtifactsEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const EvaluateModelEnv = TableEnv.extend(ArtifactsEnv.shape).extend(ApprovedEnv.shape);

export const EvaluateModelInput = ReleaseInput.extend({
  /** s3:// folders the transform jobs wrote to. */
  candidateOutputUri: z.string().startsWith('s3://'),
  championOutputUri: z.string().startsWith('s3://').optional(),
  copiesOutputUri: z.string().startsWith('s3://').optional(),
  /** How the hold-out was copied for importance, or why there is none. */
  importance: z
    .union([
      z.object({ rows: z.number().int().positive(), repeats: z.number().int().positive() }),
      z.object({ why: z.string() }),
    ])
    .optional(),
  /** How long each transform took; only what came to its end. */
  seconds: z
    .object({
      candidate: z.number().nonnegative().optional(),
      champion: z.number().nonnegative().optional(),
      copies: z.number().nonnegative().optional(),
    })
    .optional(),
});
export type EvaluateModelInput = z.infer<typeof EvaluateModelInput>;

export interface EvaluateModelOutput {
  readonly passed: boolean;
}
