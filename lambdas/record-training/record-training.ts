import { NotFoundError, TrainingFailedError } from '../../domain/errors.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { TrainingResult } from '../../domain/release.ts';
import { jobCostUsd } from '../../domain/training/prices.ts';
import { INPUTS_TAG, RELEASE_TAG, type TrainingJobs } from '../../domain/training/training-jobs.ts';
import type { RecordTrainingInput, RecordTrainingOutput } from './contract.ts';

export interface RecordTrainingDependencies {
  readonly lineage: LineageStore;
  readonly jobs: TrainingJobs;
  readonly region: string;
}

/**
 * Records what a training job made.
 *
 * @throws {TrainingFailedError} the job failed or was stopped; the message holds SageMaker's reason
 */
export const recordTraining =
  ({ lineage, jobs, region }: RecordTrainingDependencies) =>
  async ({ model, release, jobName }: RecordTrainingInput): Promise<RecordTrainingOutput> => {
    const job = await jobs.find(jobName);
    if (!job) throw new NotFoundError(`expected training job ${jobName}, got none`);
    if (job.status === 'Failed' || job.status === 'Stopped') {
      const why =
        job.failureReason ?? (job.status === 'Stopped' ? 'the job was stopped, or ran out of time' : 'no reason given');
      throw new TrainingFailedError(`training job ${jobName} ${job.status.toLowerCase()}: ${why}`, {
        jobName,
        status: job.status,
        seconds: job.seconds,
        instanceType: job.instanceType,
        costUsd: jobCostUsd(region, job.instanceType, job.instanceCount, job.seconds),
      });
    }
    if (job.status !== 'Completed') return { status: 'InProgress' };
    if (job.artifactUri === undefined)
      throw new TrainingFailedError(`training job ${jobName} completed without a model`, { jobName });
    const inputs = job.tags.get(INPUTS_TAG);
    const madeFor = Number(job.tags.get(RELEASE_TAG) ?? release);
    const cost = madeFor === release ? jobCostUsd(region, job.instanceType, job.instanceCount, job.seconds) : 0;
    const training: TrainingResult = {
      jobName,
      jobArn: job.arn,
      image: job.image,
      artifactUri: job.artifactUri,
      seconds: job.seconds,
      instanceType: job.instanceType,
      ...(cost !== undefined && { costUsd: cost }),
      ...(inputs !== undefined && { inputs }),
      ...(madeFor !== release && { reusedFrom: madeFor }),
    };
    await lineage.recordSteps(
      model,
      release,
      { training },
      {
        type: 'ModelTrained',
        actor: 'launchway:record-training',
        subject: `release/${release}`,
        details: {
          jobName,
          image: job.image,
          seconds: job.seconds,
          instanceType: job.instanceType,
          reusedFrom: training.reusedFrom,
        },
      },
    );
    return { status: 'Completed' };
  };
