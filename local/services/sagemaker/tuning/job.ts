import type {
  CreateHyperParameterTuningJobRequest,
  HyperParameterTrainingJobSummary,
  HyperParameterTuningJobStatus,
  ObjectiveStatus,
} from '@aws-sdk/client-sagemaker';
import type { Cloud } from '../../../service.ts';
import { asEventDetail, hasEnded, type TrainingJob } from '../training/job.ts';

const SPACE = 'sagemaker.tuning-jobs';

/** How a tuning job will end once its last training job has. */
interface Verdict {
  readonly status: 'Completed' | 'Failed' | 'Stopped';
  readonly reason?: string;
}

/** A tuning job as it is stored; times are milliseconds since the epoch. */
export interface TuningJob {
  readonly name: string;
  readonly arn: string;
  readonly request: CreateHyperParameterTuningJobRequest;
  readonly seed: string;
  readonly createdAt: number;
  modifiedAt: number;
  endedAt?: number;
  status: HyperParameterTuningJobStatus;
  failureReason?: string;
  /** The training jobs started, in order. */
  started: string[];
  verdict?: Verdict;
}

/** A training job as its tuning job sees it. */
export interface Trial {
  readonly job: TrainingJob;
  readonly objective: ObjectiveStatus;
  /** Of the objective metric, once it succeeded. */
  readonly value?: number;
}

/** Tuning jobs by name. */
export class TuningJobs {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  find(name: string): TuningJob | undefined {
    return this.#cloud.store.get<TuningJob>(SPACE, name);
  }

  all(): TuningJob[] {
    return this.#cloud.store.list<TuningJob>(SPACE).map((entry) => entry.value);
  }

  delete({ name }: TuningJob): void {
    this.#cloud.store.delete(SPACE, name);
  }

  /** Stores a tuning job and tells EventBridge of it where its status is new. */
  save(job: TuningJob, trials: readonly Trial[]): void {
    const before = this.find(job.name)?.status;
    job.modifiedAt = this.#cloud.clock.now();
    this.#cloud.store.put(SPACE, job.name, job);
    if (before === job.status) return;
    this.#cloud.publish({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker HyperParameter Tuning Job State Change',
      resources: [job.arn],
      detail: asEventDetail(describe(job, trials)),
    });
  }
}

/** What a tuning job reads from one of its training jobs. */
export function trialOf(job: TrainingJob, { request }: TuningJob): Trial {
  const metric = request.HyperParameterTuningJobConfig!.HyperParameterTuningJobObjective!.MetricName;
  const value = job.metrics.find(({ name }) => name === metric)?.value;
  if (!hasEnded(job.status)) return { job, objective: 'Pending' };
  return value === undefined || job.status === 'Failed'
    ? { job, objective: 'Failed' }
    : { job, objective: 'Succeeded', value };
}

/** An objective value such that more is better. */
export function moreIsBetter({ request }: Pick<TuningJob, 'request'>, value: number): number {
  const { Type } = request.HyperParameterTuningJobConfig!.HyperParameterTuningJobObjective!;
  return Type === 'Maximize' ? value : -value;
}

/** Whether one objective value is better than another. */
export const isBetter = (job: TuningJob, one: number, other: number): boolean =>
  moreIsBetter(job, one) > moreIsBetter(job, other);

/** The best trial; the earliest of equals. */
const bestOf = (job: TuningJob, trials: readonly Trial[]): Trial | undefined =>
  trials.reduce<Trial | undefined>(
    (best, trial) =>
      trial.value !== undefined && (best === undefined || isBetter(job, trial.value, best.value!)) ? trial : best,
    undefined,
  );

/** What DescribeHyperParameterTuningJob answers. */
export function describe(job: TuningJob, trials: readonly Trial[]) {
  const { HyperParameterTuningJobConfig, TrainingJobDefinition } = job.request;
  const best = bestOf(job, trials);
  return {
    ...summary(job, trials),
    HyperParameterTuningJobConfig,
    TrainingJobDefinition: {
      ...TrainingJobDefinition,
      StaticHyperParameters: {
        ...TrainingJobDefinition!.StaticHyperParameters,
        _tuning_objective_metric: HyperParameterTuningJobConfig!.HyperParameterTuningJobObjective!.MetricName!,
      },
    },
    ...(best && { BestTrainingJob: trialSummary(job, best) }),
    ...(job.failureReason !== undefined && { FailureReason: job.failureReason }),
    ConsumedResources: { RuntimeInSeconds: trials.reduce((total, trial) => total + secondsOf(trial.job), 0) },
  };
}

/** As a list shows it. */
export function summary(job: TuningJob, trials: readonly Trial[]) {
  const config = job.request.HyperParameterTuningJobConfig!;
  const trainings = (...statuses: string[]) => trials.filter((trial) => statuses.includes(trial.job.status)).length;
  const objectives = (status: ObjectiveStatus) => trials.filter((trial) => trial.objective === status).length;
  return {
    HyperParameterTuningJobName: job.name,
    HyperParameterTuningJobArn: job.arn,
    HyperParameterTuningJobStatus: job.status,
    Strategy: config.Strategy,
    CreationTime: new Date(job.createdAt),
    LastModifiedTime: new Date(job.modifiedAt),
    ...(job.endedAt !== undefined && { HyperParameterTuningEndTime: new Date(job.endedAt) }),
    TrainingJobStatusCounters: {
      Completed: trainings('Completed'),
      InProgress: trainings('InProgress', 'Stopping'),
      RetryableError: 0,
      NonRetryableError: trainings('Failed'),
      Stopped: trainings('Stopped'),
    },
    ObjectiveStatusCounters: {
      Succeeded: objectives('Succeeded'),
      Pending: objectives('Pending'),
      Failed: objectives('Failed'),
    },
    ResourceLimits: config.ResourceLimits,
  };
}

/** One training job in the words of its tuning job. */
export function trialSummary({ request }: TuningJob, { job, objective, value }: Trial) {
  const { MetricName, Type } = request.HyperParameterTuningJobConfig!.HyperParameterTuningJobObjective!;
  return {
    TrainingJobName: job.name,
    TrainingJobArn: job.arn,
    CreationTime: new Date(job.createdAt),
    ...(job.trainingStartedAt && { TrainingStartTime: new Date(job.trainingStartedAt) }),
    ...(job.trainingEndedAt && { TrainingEndTime: new Date(job.trainingEndedAt) }),
    TrainingJobStatus: job.status,
    TunedHyperParameters: { ...job.tuning!.values },
    ...(job.failureReason !== undefined && { FailureReason: job.failureReason }),
    ...(value !== undefined && { FinalHyperParameterTuningJobObjectiveMetric: { Type, MetricName, Value: value } }),
    ObjectiveStatus: objective,
  } satisfies HyperParameterTrainingJobSummary;
}

const secondsOf = ({ trainingStartedAt: from, trainingEndedAt: to }: TrainingJob): number =>
  from === undefined || to === undefined ? 0 : Math.ceil((to - from) / 1000);
