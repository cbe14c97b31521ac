import { TrainingFailedError } from '../../domain/errors.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { FailedTraining, SearchResult, TrainingResult } from '../../domain/step-results.ts';
import { jobCostUsd } from '../../domain/training/prices.ts';
import { INPUTS_TAG, RELEASE_TAG, type TrainingJob, type TrainingJobs } from '../../domain/training/training-jobs.ts';
import type { TuningJobs } from '../../domain/training/tuning-jobs.ts';
import type { RecordTrainingInput } from './contract.ts';

export interface RecordTrainingDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  readonly jobs: TrainingJobs;
  readonly tuningJobs: TuningJobs;
  readonly artifactsBucket: string;
  readonly region: string;
}

/** @param seconds billed, per instance */
const costOf = (
  { region }: RecordTrainingDependencies,
  { instanceType, instanceCount }: TrainingJob,
  seconds: number,
): number | undefined => jobCostUsd(region, instanceType, instanceCount, seconds);

/** @param seconds of all of a search's jobs; otherwise of the one */
export async function recordFailure(
  dependencies: RecordTrainingDependencies,
  { model, release }: RecordTrainingInput,
  job: TrainingJob,
  error: string,
  seconds: number = job.seconds,
): Promise<void> {
  const cost = costOf(dependencies, job, seconds);
  const failedTraining: FailedTraining = {
    jobName: job.name,
    seconds,
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

/** A search is paid for as a whole, whichever of its jobs made the model. */
export async function recordModel(
  dependencies: RecordTrainingDependencies,
  { model, release, withoutCapacity = [] }: RecordTrainingInput,
  job: TrainingJob,
  search?: SearchResult & { readonly seconds: number },
): Promise<void> {
  if (job.artifactUri === undefined)
    throw new TrainingFailedError(`training job ${job.name} completed without a model`, { jobName: job.name });
  const inputs = job.tags.get(INPUTS_TAG);
  const madeFor = Number(job.tags.get(RELEASE_TAG) ?? release);
  const { seconds = job.seconds, ...found } = search ?? {};
  const cost = madeFor === release ? costOf(dependencies, job, seconds) : 0;
  const training: TrainingResult = {
    jobName: job.name,
    jobArn: job.arn,
    image: job.image,
    artifactUri: job.artifactUri,
    seconds,
    instanceType: job.instanceType,
    instanceCount: job.instanceCount,
    ...(search === undefined &&
      job.trainingSeconds !== undefined &&
      job.trainingSeconds !== job.seconds && { trainingSeconds: job.trainingSeconds }),
    ...(job.isSpot && { isSpot: true, interruptions: job.interruptions ?? 0 }),
    ...(withoutCapacity.length > 0 && { withoutCapacity }),
    ...(search && { search: found as SearchResult }),
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
