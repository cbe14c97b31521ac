import type {
  CreateTrainingJobRequest,
  DescribeTrainingJobResponse,
  MetricData,
  SecondaryStatus,
  TrainingJobStatus,
} from '@aws-sdk/client-sagemaker';
import type { Cloud } from '../../../service.ts';
import { joinS3Uri } from '../role-s3.ts';
import { billedShare } from './spot.ts';

const SPACE = 'sagemaker.training-jobs';

/** A training job as it is stored; times are milliseconds since the epoch. */
export interface TrainingJob {
  readonly name: string;
  readonly arn: string;
  readonly request: CreateTrainingJobRequest;
  readonly createdAt: number;
  modifiedAt: number;
  status: TrainingJobStatus;
  secondaryStatus: SecondaryStatus;
  transitions: { status: SecondaryStatus; from: number; to?: number; message: string }[];
  failureReason?: string;
  trainingStartedAt?: number;
  trainingEndedAt?: number;
  /** Of the periods of training that have ended; a spot job may have several. */
  trainedMilliseconds?: number;
  /** How often spot instances were taken back. */
  interruptions?: number;
  metrics: { name: string; value: number; at: number }[];
  hasArtifacts: boolean;
  /** The tuning job that started it, and the values it chose. */
  readonly tuning?: { readonly arn: string; readonly values: Readonly<Record<string, string>> };
}

export type MetricListener = (job: string, metric: string, value: number) => void;

/** Training jobs by name: never deleted, so a name is used once. */
export class TrainingJobs {
  readonly #cloud: Cloud;
  readonly #listeners: MetricListener[] = [];

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  onMetric(listener: MetricListener): void {
    this.#listeners.push(listener);
  }

  tellMetric(job: string, metric: string, value: number): void {
    for (const listener of this.#listeners) listener(job, metric, value);
  }

  find(name: string): TrainingJob | undefined {
    return this.#cloud.store.get<TrainingJob>(SPACE, name);
  }

  all(): TrainingJob[] {
    return this.#cloud.store.list<TrainingJob>(SPACE).map((entry) => entry.value);
  }

  /** Stores a change of what is there now and tells EventBridge of it where the status changed. */
  change(name: string, change: (job: TrainingJob) => void): TrainingJob {
    const job = this.find(name)!;
    const before = `${job.status}/${job.secondaryStatus}`;
    change(job);
    this.save(job, before !== `${job.status}/${job.secondaryStatus}`);
    return job;
  }

  save(job: TrainingJob, changedStatus = true): void {
    job.modifiedAt = this.#cloud.clock.now();
    this.#cloud.store.put(SPACE, job.name, job);
    if (!changedStatus) return;
    this.#cloud.publish({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker Training Job State Change',
      resources: [job.arn],
      detail: asEventDetail(describe(job)),
    });
  }

  /** Enters a secondary status, which ends the one before. */
  enter(name: string, status: TrainingJobStatus, secondary: SecondaryStatus, message: string): TrainingJob {
    return this.change(name, (job) => {
      const now = this.#cloud.clock.now();
      const last = job.transitions.at(-1);
      if (last) last.to = now;
      job.status = status;
      job.secondaryStatus = secondary;
      job.transitions.push({ status: secondary, from: now, ...(hasEnded(status) && { to: now }), message });
    });
  }
}

export const hasEnded = (status: string | undefined): boolean =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

/** Service events write times as epoch milliseconds. */
export const asEventDetail = (description: object): unknown =>
  JSON.parse(
    JSON.stringify(description, function (this: Record<string, unknown>, key, value) {
      const raw = this[key];
      return raw instanceof Date ? raw.getTime() : value;
    }),
  );

/** What DescribeTrainingJob answers. */
export function describe(job: TrainingJob) {
  const { request } = job;
  const seconds = secondsOf(job);
  return {
    TrainingJobName: job.name,
    TrainingJobArn: job.arn,
    ...(job.tuning && { TuningJobArn: job.tuning.arn }),
    ...(job.hasArtifacts && { ModelArtifacts: { S3ModelArtifacts: artifactUri(request, 'model.tar.gz') } }),
    TrainingJobStatus: job.status,
    SecondaryStatus: job.secondaryStatus,
    ...(job.failureReason !== undefined && { FailureReason: job.failureReason }),
    HyperParameters: request.HyperParameters ?? {},
    AlgorithmSpecification: request.AlgorithmSpecification,
    RoleArn: request.RoleArn,
    InputDataConfig: request.InputDataConfig,
    OutputDataConfig: request.OutputDataConfig,
    ResourceConfig: request.ResourceConfig,
    VpcConfig: request.VpcConfig,
    Environment: request.Environment,
    StoppingCondition: request.StoppingCondition,
    ...(request.CheckpointConfig && { CheckpointConfig: request.CheckpointConfig }),
    ...(request.RetryStrategy && { RetryStrategy: request.RetryStrategy }),
    CreationTime: new Date(job.createdAt),
    ...(job.trainingStartedAt && { TrainingStartTime: new Date(job.trainingStartedAt) }),
    ...(job.trainingEndedAt && { TrainingEndTime: new Date(job.trainingEndedAt) }),
    LastModifiedTime: new Date(job.modifiedAt),
    SecondaryStatusTransitions: job.transitions.map((transition) => ({
      Status: transition.status,
      StartTime: new Date(transition.from),
      ...(transition.to !== undefined && { EndTime: new Date(transition.to) }),
      StatusMessage: transition.message,
    })),
    ...(job.metrics.length > 0 && { FinalMetricDataList: job.metrics.map(metricData) }),
    EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
    EnableInterContainerTrafficEncryption: request.EnableInterContainerTrafficEncryption ?? false,
    EnableManagedSpotTraining: request.EnableManagedSpotTraining ?? false,
    ...(seconds !== undefined && {
      TrainingTimeInSeconds: seconds,
      BillableTimeInSeconds: Math.max(1, Math.ceil(seconds * billedShare(job))),
    }),
  } satisfies Partial<DescribeTrainingJobResponse>;
}

export const artifactUri = (request: CreateTrainingJobRequest, file: string): string =>
  joinS3Uri(request.OutputDataConfig!.S3OutputPath!, `${request.TrainingJobName}/output/${file}`);

const metricData = ({ name, value, at }: TrainingJob['metrics'][number]): MetricData => ({
  MetricName: name,
  Value: value,
  Timestamp: new Date(at),
});

/** Whole seconds, at least one, as they are billed. */
const secondsOf = ({ trainingEndedAt: ended, trainedMilliseconds: trained }: TrainingJob) =>
  ended === undefined || trained === undefined ? undefined : Math.max(1, Math.ceil(trained / 1000));
