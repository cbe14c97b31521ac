import { z } from 'zod';
import { ArtifactsEnv, IntakeEnv, ReleaseInput, TableEnv } from '../shared/contract.ts';
export const CloseReleaseEnv = TableEnv.extend(ArtifactsEnv.shape)
  .extend(IntakeEnv.shape)
  .extend({
    RELEASE_MODEL_STATE_MACHINE_ARN: z.string().min(1),
    /** Takes questions back. */
    WITHDRAW_APPROVAL_FUNCTION_NAME: z.string().min(1),
    MAIL_FROM: z.string().min(1),
  });

const Closing = ReleaseInput.extend({
  /** The workflow's end: `Failed` comes with the error that was caught. */
  outcome: z.enum(['Deployed', 'Validated', 'Refused', 'Rejected', 'Expired', 'Superseded', 'Withdrawn', 'Failed']),
  step: z.string().optional(),
  error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional(),
});
export type CloseReleaseInput = z.infer<typeof Closing>;

/** `detail` of EventBridge's `Step Functions Execution Status Change`: an execution that ended without a `Succeed`. */
const ExecutionEnded = z
  .object({
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    /** The execution's input, as text. */
    input: z.string().transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'expected JSON' });
        return z.NEVER;
      }
    }),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  })
  .transform(
    ({ status, input, error, cause }) =>
      ({
        ...(typeof input === 'object' ? input : {}),
        outcome: 'Failed',
        step: 'Release',
        error: { Error: error || status, Cause: cause || `the workflow's execution ended ${status}` },
      }) as z.input<typeof Closing>,
  )
  .pipe(Closing);

/** The workflow's last step, or the news that its execution ended without one. */
export const CloseReleaseInput = z.union([Closing, ExecutionEnded]);

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
