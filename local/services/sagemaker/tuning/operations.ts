import type {
  CreateHyperParameterTuningJobRequest,
  ListTrainingJobsForHyperParameterTuningJobRequest,
} from '@aws-sdk/client-sagemaker';
import { type Operation, ServiceError } from '../../../service.ts';
import type { Use } from '../limits.ts';
import { listOperation } from '../listing.ts';
import { arnOf, requireName } from '../names.ts';
import { assumeForSageMaker, type Platform } from '../platform.ts';
import type { Training } from '../training/operations.ts';
import { Curves } from './curves.ts';
import { describe, summary, type TuningJob, TuningJobs, trialSummary } from './job.ts';
import { isOver, TuningProgress } from './progress.ts';
import { checkTuningRequest, LONGEST_NAME, tuningNeeds } from './request.ts';
import { trialsPage } from './trials-page.ts';

/** Tuning jobs: searches for hyperparameters, each of whose trials is a training job. */
export class Tuning {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #platform: Platform;
  readonly #jobs: TuningJobs;
  readonly #curves: Curves;
  readonly #progress: TuningProgress;

  constructor(platform: Platform, training: Training) {
    this.#platform = platform;
    this.#jobs = new TuningJobs(platform.cloud);
    this.#curves = new Curves(platform, this.#jobs, training);
    this.#progress = new TuningProgress(platform, this.#jobs, training);
    this.operations = {
      CreateHyperParameterTuningJob: this.#create(),
      DescribeHyperParameterTuningJob: this.#describe(),
      StopHyperParameterTuningJob: this.#stop(),
      DeleteHyperParameterTuningJob: this.#delete(),
      ListHyperParameterTuningJobs: this.#list(),
      ListTrainingJobsForHyperParameterTuningJob: this.#listTrials(),
    };
  }

  /** Goes on with every search; training jobs resume by themselves. */
  resume(): void {
    this.#curves.resume();
    this.#progress.proceedAll();
  }

  #create(): Operation {
    return {
      members: ['HyperParameterTuningJobName', 'HyperParameterTuningJobConfig', 'TrainingJobDefinition', 'Tags'],
      needs: ({ input }) => tuningNeeds(this.#platform.cloud, input),
      run: async ({ input }) => {
        const request = input as CreateHyperParameterTuningJobRequest;
        const { cloud, tags } = this.#platform;
        checkTuningRequest(request);
        const name = request.HyperParameterTuningJobName!;
        const arn = this.#arn(name);
        await assumeForSageMaker(cloud, request.TrainingJobDefinition!.RoleArn!, arn);
        if (this.#jobs.find(name)) {
          throw new ServiceError(
            'ResourceInUse',
            `Tuning job names must be unique within an AWS account and region, and a tuning job with this name already exists (${arn})`,
          );
        }
        this.#admit(request);
        tags.add(arn, request.Tags);
        this.#jobs.save(newJob(name, arn, request, cloud.clock.now()), []);
        this.#progress.proceed(name);
        return { HyperParameterTuningJobArn: arn };
      },
    };
  }

  /** As many instances as it may use at once must fit now; later it waits for room. */
  #admit({ HyperParameterTuningJobConfig: config, TrainingJobDefinition: job }: CreateHyperParameterTuningJobRequest) {
    const use: Use = job!.EnableManagedSpotTraining ? 'spot training job' : 'training job';
    this.#platform.quotas.admit(
      use,
      job!.ResourceConfig!.InstanceType!,
      config!.ResourceLimits!.MaxParallelTrainingJobs! * job!.ResourceConfig!.InstanceCount!,
    );
  }

  #describe(): Operation {
    return {
      members: ['HyperParameterTuningJobName'],
      needs: ({ input }) => [this.#need('DescribeHyperParameterTuningJob', input.HyperParameterTuningJobName)],
      run: async ({ input }) => {
        const job = this.#require(input.HyperParameterTuningJobName);
        const {
          Strategy: _strategy,
          ResourceLimits: _limits,
          ...described
        } = describe(job, this.#progress.trials(job));
        return described;
      },
    };
  }

  #stop(): Operation {
    return {
      members: ['HyperParameterTuningJobName'],
      needs: ({ input }) => [this.#need('StopHyperParameterTuningJob', input.HyperParameterTuningJobName)],
      run: async ({ input }) => {
        const job = this.#require(input.HyperParameterTuningJobName);
        if (isOver(job) || job.status === 'Stopping') return {};
        job.status = 'Stopping';
        job.verdict = { status: 'Stopped' };
        this.#jobs.save(job, this.#progress.trials(job));
        this.#progress.proceed(job.name);
        return {};
      },
    };
  }

  #delete(): Operation {
    return {
      members: ['HyperParameterTuningJobName'],
      needs: ({ input }) => [this.#need('DeleteHyperParameterTuningJob', input.HyperParameterTuningJobName)],
      run: async ({ input }) => {
        const job = this.#require(input.HyperParameterTuningJobName);
        if (!isOver(job)) {
          throw new ServiceError(
            'ResourceInUse',
            `expected a tuning job that has ended, got one in status ${job.status}`,
          );
        }
        this.#curves.forget(job);
        this.#jobs.delete(job);
        this.#platform.tags.forget(job.arn);
        return {};
      },
    };
  }

  #list(): Operation {
    return listOperation({
      action: 'ListHyperParameterTuningJobs',
      as: 'HyperParameterTuningJobSummaries',
      byStatus: true,
      all: () => this.#jobs.all(),
      summary: (job) => summary(job, this.#progress.trials(job)),
    });
  }

  #listTrials(): Operation {
    return {
      members: ['HyperParameterTuningJobName', 'StatusEquals', 'SortBy', 'SortOrder', 'MaxResults', 'NextToken'],
      needs: ({ input }) => [
        this.#need('ListTrainingJobsForHyperParameterTuningJob', input.HyperParameterTuningJobName),
      ],
      run: async ({ input }) => {
        const request = input as ListTrainingJobsForHyperParameterTuningJobRequest;
        const job = this.#require(request.HyperParameterTuningJobName!);
        const { items, nextToken } = trialsPage(this.#progress.trials(job), request);
        return {
          TrainingJobSummaries: items.map((trial) => trialSummary(job, trial)),
          ...(nextToken && { NextToken: nextToken }),
        };
      },
    };
  }

  /** @throws {ServiceError} ResourceNotFound */
  #require(name: string): TuningJob {
    const job = this.#jobs.find(requireName('HyperParameterTuningJobName', name, LONGEST_NAME));
    if (!job) throw new ServiceError('ResourceNotFound', `Amazon SageMaker can't find a tuning job with name ${name}`);
    return job;
  }

  #need(operation: string, name: string) {
    return { action: `sagemaker:${operation}`, resource: this.#arn(name) };
  }

  #arn(name: string): string {
    return arnOf(this.#platform.cloud, 'hyper-parameter-tuning-job', name);
  }
}

const newJob = (name: string, arn: string, request: CreateHyperParameterTuningJobRequest, now: number): TuningJob => ({
  name,
  arn,
  request,
  seed: String(request.HyperParameterTuningJobConfig!.RandomSeed ?? name),
  createdAt: now,
  modifiedAt: now,
  status: 'InProgress',
  started: [],
});
