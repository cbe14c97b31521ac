import { z } from 'zod';
import { TableEnv } from '../shared/contract.ts';

export const CloseRollbackEnv = TableEnv.extend({ MAIL_FROM: z.string().min(1) });

const Failure = z.object({ Error: z.string(), Cause: z.string().optional() });

const Closing = z.object({
  model: z.string().min(1),
  rollback: z.number().int().positive(),
  /** What was caught; absent where the version was switched to. */
  error: Failure.optional(),
  /** Why what served before could not be restored either. */
  restoreError: Failure.optional(),
});
export type CloseRollbackInput = z.infer<typeof Closing>;

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
        error: { Error: error || status, Cause: cause || `the workflow's execution ended ${status}` },
      }) as z.input<typeof Closing>,
  )
  .pipe(Closing);

/** The workflow's last step, or the news that its execution ended without one. */
export const CloseRollbackInput = z.union([Closing, ExecutionEnded]);

export interface CloseRollbackOutput {
  readonly status: 'RolledBack' | 'Failed';
  /** What serves now; absent where nothing does. */
  readonly serving?: number;
}
