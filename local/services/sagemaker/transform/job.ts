import type { CreateTransformJobRequest, TransformJobStatus } from '@aws-sdk/client-sagemaker';
import type { Cloud } from '../../../service.ts';
import { asEventDetail } from '../training/job.ts';

const SPACE = 'sagemaker.transform-jobs';

/** A batch transform job as it is stored; times are milliseconds since the epoch. */
export interface TransformJob {
  readonly name: string;
  readonly arn: string;
  readonly request: CreateTransformJobRequest;
  readonly createdAt: number;
  status: TransformJobStatus;
  failureReason?: string;
  startedAt?: number;
  endedAt?: number;
}

/** Transform jobs by name: never deleted, so a name is used once. */
export class TransformJobs {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  find(name: string): TransformJob | undefined {
    return this.#cloud.store.get<TransformJob>(SPACE, name);
  }

  all(): TransformJob[] {
    return this.#cloud.store.list<TransformJob>(SPACE).map((entry) => entry.value);
  }

  /** Stores a job and tells EventBridge of its status. */
  save(job: TransformJob): void {
    this.#cloud.store.put(SPACE, job.name, job);
    this.#cloud.publish({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker Transform Job State Change',
      resources: [job.arn],
      detail: asEventDetail(describe(job)),
    });
  }
}

/** What DescribeTransformJob answers. */
export const describe = (job: TransformJob) => ({
  TransformJobName: job.name,
  TransformJobArn: job.arn,
  TransformJobStatus: job.status,
  ...(job.failureReason !== undefined && { FailureReason: job.failureReason }),
  ModelName: job.request.ModelName,
  ...(job.request.MaxConcurrentTransforms !== undefined && {
    MaxConcurrentTransforms: job.request.MaxConcurrentTransforms,
  }),
  ...(job.request.ModelClientConfig && { ModelClientConfig: job.request.ModelClientConfig }),
  MaxPayloadInMB: job.request.MaxPayloadInMB ?? 6,
  BatchStrategy: job.request.BatchStrategy ?? 'MultiRecord',
  Environment: job.request.Environment ?? {},
  TransformInput: job.request.TransformInput,
  TransformOutput: job.request.TransformOutput,
  TransformResources: job.request.TransformResources,
  ...(job.request.DataProcessing && { DataProcessing: job.request.DataProcessing }),
  CreationTime: new Date(job.createdAt),
  ...(job.startedAt !== undefined && { TransformStartTime: new Date(job.startedAt) }),
  ...(job.endedAt !== undefined && { TransformEndTime: new Date(job.endedAt) }),
});
