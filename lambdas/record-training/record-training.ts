import { NotFoundError } from '../../domain/errors.ts';
import { endOfJob } from '../../domain/training/end-of-job.ts';
import type { RecordTrainingInput, RecordTrainingOutput } from './contract.ts';
import { type RecordTrainingDependencies, recordFailure, recordModel } from './record-outcome.ts';
import { recordSearch } from './record-search.ts';

/**
 * Records what a training job or a search made, or what it cost to make nothing.
 *
 * @throws {TrainingFailedError} the program failed; the message holds SageMaker's reason
 * @throws {TrainingTimedOutError | TrainingStoppedError | SpotWaitExceededError | SpotInterruptedError} it was stopped
 * @throws {CapacityUnavailableError} AWS has no instances of the last type that may be used
 * @throws {TuningFailedError} no trial of a search made a model
 */
export const recordTraining =
  (dependencies: RecordTrainingDependencies) =>
  async (input: RecordTrainingInput): Promise<RecordTrainingOutput> => {
    if (input.isSearch) return recordSearch(dependencies, input);
    const { jobName, typesLeft = 0 } = input;
    const job = await dependencies.jobs.find(jobName);
    if (!job) throw new NotFoundError(`expected training job ${jobName}, got none`);
    const end = endOfJob(job);
    switch (end.kind) {
      case 'in-progress':
        return { status: 'InProgress' };
      case 'no-capacity':
        if (typesLeft > 0) return { status: 'NoCapacity' };
        throw end.error;
      case 'failed':
        await recordFailure(dependencies, input, job, end.error.name);
        throw end.error;
      default:
        await recordModel(dependencies, input, job);
        return { status: 'Completed' };
    }
  };
