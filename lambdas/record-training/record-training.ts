import { NotFoundError, TrainingFailedError } from '../../domain/errors.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { FailedTraining, TrainingResult } from '../../domain/release.ts';
import { endOfJob } from '../../domain/training/end-of-job.ts';
import { jobCostUsd } from '../../domain/training/prices.ts';
import { INPUTS_TAG, RELEASE_TAG, type TrainingJob, type TrainingJobs } from '../../domain/training/training-jobs.ts';
import type { RecordTrainingInput, RecordTrainingOutput } from './contract.ts';

export interface RecordTrainingDependencies {
  readonly lineage: LineageStore;
  readonly jobs: TrainingJobs;
  readonly region: string;
}

/**
 * Records what a training job made, or what it cost to make nothing.
 *
 * @throws {TrainingFailedError} the program failed; the message holds SageMaker's reason
 * @throws {TrainingTimedOutError | TrainingStoppedError | SpotWaitExceededError | SpotInterruptedError} it was stopped
 * @throws {CapacityUnavailableError} AWS has no instances of the last type that may be used
 */
export const recordTraining =
  (dependencies: RecordTrainingDependencies) =>
  async (input: RecordTrainingInput): Promise<RecordTrainingOutput> => {
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

const costOf = ({ region }: RecordTrainingDependencies, { instanceType, instanceCount, seconds }: TrainingJob) =>
  jobCostUsd(region, instanceType, instanceCount, seconds);

async function recordFailure(
  dependencies: RecordTrainingDependencies,
  { model, release }: RecordTrainingInput,
  job: TrainingJob,
  error: string,
): Promise<void> {
  const cost = costOf(dependencies, job);
  const failedTraining: FailedTraining = {
    jobName: job.name,
    seconds: job.seconds,
    instanceType: job.instanceType,
    instanceCount: job.instanceCount,
    isSpot: job.isSpot ?? false,
    ...(cost !== undefined && { costUsd: cost }),
  };
  await dependencies.lineage.recordSteps(
    model,
    release,
    { failedTraining },
    { ...event('TrainingFailed', release), details: { ...failedTraining, error } },
  );
}

async function recordModel(
  dependencies: RecordTrainingDependencies,
  { model, release, withoutCapacity = [] }: RecordTrainingInput,
  job: TrainingJob,
): Promise<void> {
  if (job.artifactUri === undefined)
    throw new TrainingFailedError(`training job ${job.name} completed without a model`, { jobName: job.name });
  const inputs = job.tags.get(INPUTS_TAG);
  const madeFor = Number(job.tags.get(RELEASE_TAG) ?? release);
  const cost = madeFor === release ? costOf(dependencies, job) : 0;
  const training: TrainingResult = {
    jobName: job.name,
    jobArn: job.arn,
    image: job.image,
    artifactUri: job.artifactUri,
    seconds: job.seconds,
    instanceType: job.instanceType,
    instanceCount: job.instanceCount,
    ...(job.trainingSeconds !== undefined &&
      job.trainingSeconds !== job.seconds && { trainingSeconds: job.trainingSeconds }),
    ...(job.isSpot && { isSpot: true, interruptions: job.interruptions ?? 0 }),
    ...(withoutCapacity.length > 0 && { withoutCapacity }),
    ...(cost !== undefined && { costUsd: cost }),
    ...(inputs !== undefined && { inputs }),
    ...(madeFor !== release && { reusedFrom: madeFor }),
  };
  const { jobArn: _, artifactUri: __, inputs: ___, ...details } = training;
  await dependencies.lineage.recordSteps(
    model,
    release,
    { training },
    { ...event('ModelTrained', release), details: { ...details } },
  );
}

const event = (type: string, release: number) => ({
  type,
  actor: 'launchway:record-training',
  subject: `release/${release}`,
});
