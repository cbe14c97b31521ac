import { z } from 'zod';
import { ArtifactsEnv, CapturesEnv, TableEnv } from '../shared/contract.ts';

export const EvaluateStalenessEnv = TableEnv.extend(ArtifactsEnv.shape).extend(CapturesEnv.shape);

const measurement = { model: z.string().min(1), id: z.string().min(1) };
const error = z.object({ Error: z.string(), Cause: z.string().optional() });

/** What versions answered, or why nothing could be asked. */
export const EvaluateStalenessInput = z.union([
  z.object({
    ...measurement,
    answers: z.array(
      z.object({
        version: z.number().int().positive(),
        /** s3:// folder the transform job wrote to, and how long it took. */
        outputUri: z.string().startsWith('s3://').optional(),
        seconds: z.number().nonnegative().optional(),
        /** Why there is none. */
        error: error.optional(),
      }),
    ),
  }),
  z.object({ ...measurement, error }),
]);
export type EvaluateStalenessInput = z.infer<typeof EvaluateStalenessInput>;

export interface EvaluateStalenessOutput {
  readonly status: 'Measured' | 'Failed';
}
