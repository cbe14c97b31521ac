import { z } from 'zod';
import { ArtifactsEnv, IntakeEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const CloseReleaseEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(IntakeEnv.shape)
  .extend({
    RELEASE_MODEL_STATE_MACHINE_ARN: z.string().min(1),
    MAIL_FROM: z.string().min(1),
  });

export const CloseReleaseInput = ReleaseInput.extend({
  /** The workflow's end: `Failed` comes with the error that was caught. */
  outcome: z.enum(['Deployed', 'Validated', 'Refused', 'Rejected', 'Expired', 'Superseded', 'Withdrawn', 'Failed']),
  step: z.string().optional(),
  error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional(),
});
export type CloseReleaseInput = z.infer<typeof CloseReleaseInput>;

export interface CloseReleaseOutput {
  /** The status recorded: a data refusal arrives as `Failed` and is recorded as `Refused`. */
  readonly status:
    | 'Deployed'
    | 'Validated'
    | 'Refused'
    | 'Rejected'
    | 'Expired'
    | 'Superseded'
    | 'Withdrawn'
    | 'Failed';
  readonly message: string;
}
