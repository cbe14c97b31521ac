import {
  CapacityUnavailableError,
  type PipelineError,
  SpotInterruptedError,
  SpotWaitExceededError,
  TrainingFailedError,
  TrainingStoppedError,
  TrainingTimedOutError,
} from '../errors.ts';
import type { TrainingJob } from './training-jobs.ts';

/** Where a training job is, as the release sees it. */
export type EndOfJob =
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'completed' }
  /** Nothing ran: another instance type may. */
  | { readonly kind: 'no-capacity'; readonly error: CapacityUnavailableError }
  | { readonly kind: 'failed'; readonly error: PipelineError };

/** What SageMaker says where AWS has no such instances: a job's `CapacityError`, EC2's own name for it. */
const NO_CAPACITY = /CapacityError|InsufficientInstanceCapacity|InsufficientCapacity/;

export const isWithoutCapacity = (failureReason: string | undefined): boolean => NO_CAPACITY.test(failureReason ?? '');

/** Each way in which a job ends has an error of its own: they differ in whose they are and in what to do. */
export function endOfJob(job: TrainingJob): EndOfJob {
  const { name, status, failureReason = 'no reason given' } = job;
  if (status === 'Completed') return { kind: 'completed' };
  if (status === 'Stopped') return { kind: 'failed', error: whyStopped(job) };
  if (status !== 'Failed') return { kind: 'in-progress' };
  if (isWithoutCapacity(failureReason)) {
    const message = `AWS has no ${job.instanceType} now: ${failureReason}`;
    return { kind: 'no-capacity', error: new CapacityUnavailableError(message) };
  }
  return { kind: 'failed', error: new TrainingFailedError(`training job ${name} failed: ${failureReason}`) };
}

function whyStopped({
  name,
  secondaryStatus,
  limits,
  interruptions = 0,
  trainingSeconds = 0,
}: TrainingJob): PipelineError {
  const minutes = (seconds: number | undefined) => `${Math.round((seconds ?? 0) / 60)} min`;
  switch (secondaryStatus) {
    case 'MaxRuntimeExceeded':
      return new TrainingTimedOutError(
        `training was stopped after ${minutes(limits?.maxRuntimeSeconds)}, all that training.maxRuntimeMinutes allows`,
      );
    case 'MaxWaitTimeExceeded': {
      const wait = `within ${minutes(limits?.maxWaitSeconds)}, all that training.maxWaitMinutes allows`;
      return interruptions > 0 || trainingSeconds > 0
        ? new SpotInterruptedError(
            `training on spot instances was interrupted ${interruptions} times and did not get to its end ${wait}`,
          )
        : new SpotWaitExceededError(`training got no spot instances ${wait}`);
    }
    default:
      return new TrainingStoppedError(`somebody stopped training job ${name}`);
  }
}
