import type { CreateTrainingJobRequest, ListTrainingJobsRequest } from '@aws-sdk/client-sagemaker';
import { type Operation, ServiceError } from '../../../service.ts';
import type { Use } from '../limits.ts';
import { listPage } from '../listing.ts';
import { arnOf, requireName, validation } from '../names.ts';
import { assumeForSageMaker, type Platform } from '../platform.ts';
import { describe, hasEnded, type TrainingJob, TrainingJobs } from './job.ts';
import { checkTrainingRequest, TRAINING_MEMBERS, trainingNeeds } from './request.ts';
import { TrainingRun } from './run.ts';

/** Training jobs: each runs its image's `train` program as a local process. */
export class Training {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #platform: Platform;
  readonly #jobs: TrainingJobs;
  readonly #runs = new Map<string, { run: TrainingRun; ended: Promise<void> }>();

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#jobs = new TrainingJobs(platform.cloud);
    platform.quotas.count((use, type) => this.#inUse(use, type));
    this.operations = {
      CreateTrainingJob: this.#create(),
      DescribeTrainingJob: this.#describe(),
      StopTrainingJob: this.#stop(),
      ListTrainingJobs: this.#list(),
    };
  }

  /** Jobs that were under way start again from the beginning: what they had done died with their process. */
  resume(): void {
    for (const job of this.#jobs.all()) if (!hasEnded(job.status)) this.#start(job);
  }

  /** Resolves when no run touches files or state any more. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map((run) => run.ended));
  }

  #create(): Operation {
    return {
      members: TRAINING_MEMBERS,
      needs: ({ input }) => trainingNeeds(this.#platform.cloud, input),
      run: async ({ input }) => {
        const request = input as CreateTrainingJobRequest;
        const { cloud, quotas, tags } = this.#platform;
        checkTrainingRequest(request);
        const name = request.TrainingJobName!;
        const arn = arnOf(cloud, 'training-job', name);
        await assumeForSageMaker(cloud, request.RoleArn!, arn);
        if (this.#jobs.find(name)) {
          throw new ServiceError(
            'ResourceInUse',
            `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
          );
        }
        quotas.admit(useOf(request), request.ResourceConfig!.InstanceType!, request.ResourceConfig!.InstanceCount!);
        tags.add(arn, request.Tags);
        const job = newJob(name, arn, request, cloud.clock.now());
        this.#jobs.save(job);
        this.#start(job);
        return { TrainingJobArn: arn };
      },
    };
  }

  #describe(): Operation {
    return {
      members: ['TrainingJobName'],
      needs: ({ input }) => [this.#need('DescribeTrainingJob', input.TrainingJobName)],
      run: async ({ input }) => describe(this.#require(input.TrainingJobName)),
    };
  }

  #stop(): Operation {
    return {
      members: ['TrainingJobName'],
      needs: ({ input }) => [this.#need('StopTrainingJob', input.TrainingJobName)],
      run: async ({ input }) => {
        const job = this.#require(input.TrainingJobName);
        if (hasEnded(job.status)) {
          throw validation(`The request was rejected because the training job is in status ${job.status}.`);
        }
        this.#jobs.enter(job.name, 'Stopping', 'Stopping', 'Stopping the training job');
        this.#runs.get(job.name)?.run.cut('Stopped');
        return {};
      },
    };
  }

  #list(): Operation {
    return {
      members: [
        'NameContains',
        'StatusEquals',
        'CreationTimeAfter',
        'CreationTimeBefore',
        'SortBy',
        'SortOrder',
        'MaxResults',
        'NextToken',
      ],
      needs: () => [{ action: 'sagemaker:ListTrainingJobs', resource: '*' }],
      run: async ({ input }) => {
        const { items, nextToken } = listPage(this.#jobs.all(), input as ListTrainingJobsRequest);
        return { TrainingJobSummaries: items.map(summary), ...(nextToken && { NextToken: nextToken }) };
      },
    };
  }

  #start(job: TrainingJob): void {
    const run = new TrainingRun(this.#platform, this.#jobs, job);
    const ended = this.#platform.cloud.track(run.run().finally(() => this.#runs.delete(job.name)));
    this.#runs.set(job.name, { run, ended });
  }

  #require(name: string): TrainingJob {
    const job = this.#jobs.find(requireName('TrainingJobName', name));
    if (!job) throw validation('Requested resource not found.');
    return job;
  }

  #need(operation: string, name: string) {
    return { action: `sagemaker:${operation}`, resource: arnOf(this.#platform.cloud, 'training-job', name) };
  }

  #inUse(use: Use, type: string): number {
    return this.#jobs
      .all()
      .filter(
        ({ status, request }) =>
          !hasEnded(status) && useOf(request) === use && request.ResourceConfig!.InstanceType === type,
      )
      .reduce((total, job) => total + job.request.ResourceConfig!.InstanceCount!, 0);
  }
}

const useOf = (request: CreateTrainingJobRequest): Use =>
  request.EnableManagedSpotTraining ? 'spot training job' : 'training job';

const newJob = (name: string, arn: string, request: CreateTrainingJobRequest, now: number): TrainingJob => ({
  name,
  arn,
  request,
  createdAt: now,
  modifiedAt: now,
  status: 'InProgress',
  secondaryStatus: 'Starting',
  transitions: [{ status: 'Starting', from: now, message: 'Starting the training job' }],
  metrics: [],
  hasArtifacts: false,
});

const summary = (job: TrainingJob) => ({
  TrainingJobName: job.name,
  TrainingJobArn: job.arn,
  CreationTime: new Date(job.createdAt),
  LastModifiedTime: new Date(job.modifiedAt),
  TrainingJobStatus: job.status,
  SecondaryStatus: job.secondaryStatus,
  ...(hasEnded(job.status) && job.trainingEndedAt && { TrainingEndTime: new Date(job.trainingEndedAt) }),
});
