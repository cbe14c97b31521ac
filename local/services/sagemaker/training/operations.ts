import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { type Operation, ServiceError } from '../../../service.ts';
import { hasCapacity, type Use } from '../limits.ts';
import { listOperation } from '../listing.ts';
import { arnOf, requireName, validation } from '../names.ts';
import { assumeForSageMaker, type Platform } from '../platform.ts';
import { describe, hasEnded, type MetricListener, type TrainingJob, TrainingJobs } from './job.ts';
import { checkTrainingRequest, TRAINING_MEMBERS, trainingNeeds } from './request.ts';
import { TrainingRun, WAITED_TOO_LONG } from './run.ts';

/** How often a spot job looks for instances. */
const CAPACITY_POLL_MS = 60_000;

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

  /**
   * Starts a job whose request, name and role have been checked.
   *
   * @param tuning which tuning job starts it
   * @throws {ServiceError} ResourceLimitExceeded
   */
  begin(request: CreateTrainingJobRequest, tuning?: TrainingJob['tuning']): void {
    const { cloud, quotas, tags } = this.#platform;
    const name = request.TrainingJobName!;
    const arn = arnOf(cloud, 'training-job', name);
    quotas.admit(useOf(request), request.ResourceConfig!.InstanceType!, request.ResourceConfig!.InstanceCount!);
    tags.add(arn, request.Tags);
    const job: TrainingJob = { ...newJob(name, arn, request, cloud.clock.now()), ...(tuning && { tuning }) };
    this.#jobs.save(job);
    this.#start(job);
  }

  /** Calls back with each value of a metric that a job's programs say. */
  onMetric(listener: MetricListener): void {
    this.#jobs.onMetric(listener);
  }

  find(name: string): TrainingJob | undefined {
    return this.#jobs.find(name);
  }

  /** Asks a job to end, as StopTrainingJob does; nothing where it has ended or is ending. */
  halt(name: string): void {
    const { status } = this.#jobs.find(name)!;
    if (hasEnded(status) || status === 'Stopping') return;
    this.#jobs.enter(name, 'Stopping', 'Stopping', 'Stopping the training job');
    const running = this.#runs.get(name);
    if (running) running.run.cut('Stopped');
    else this.#run(this.#jobs.find(name)!);
  }

  #create(): Operation {
    return {
      members: TRAINING_MEMBERS,
      needs: ({ input }) => trainingNeeds(this.#platform.cloud, input),
      run: async ({ input }) => {
        const request = input as CreateTrainingJobRequest;
        const { cloud } = this.#platform;
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
        this.begin(request);
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
        this.halt(job.name);
        return {};
      },
    };
  }

  #list(): Operation {
    return listOperation({
      action: 'ListTrainingJobs',
      as: 'TrainingJobSummaries',
      byStatus: true,
      all: () => this.#jobs.all(),
      summary,
    });
  }

  /** Runs a job; one on spot instances waits for as long as there are none, at most MaxWaitTimeInSeconds. */
  #start(job: TrainingJob): void {
    const { cloud } = this.#platform;
    const { InstanceType: type, InstanceCount: count } = job.request.ResourceConfig!;
    const waits = job.status === 'InProgress' && job.request.EnableManagedSpotTraining;
    if (!waits || hasCapacity(cloud, type!, count!)) {
      this.#run(job);
      return;
    }
    const deadline = job.createdAt + job.request.StoppingCondition!.MaxWaitTimeInSeconds! * 1000;
    cloud.clock.at(Math.min(deadline, cloud.clock.now() + CAPACITY_POLL_MS), () => {
      const now = this.#jobs.find(job.name)!;
      if (now.status !== 'InProgress') return;
      if (cloud.clock.now() < deadline) this.#start(now);
      else this.#jobs.enter(job.name, 'Stopped', 'MaxWaitTimeExceeded', WAITED_TOO_LONG);
    });
  }

  #run(job: TrainingJob): void {
    const run = new TrainingRun(this.#platform, this.#jobs, job);
    const ended = run.run().then(({ goesOn }) => {
      this.#runs.delete(job.name);
      if (goesOn) this.#start(this.#jobs.find(job.name)!);
    });
    this.#runs.set(job.name, { run, ended: this.#platform.cloud.track(ended) });
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
