import type { CreateTransformJobRequest } from '@aws-sdk/client-sagemaker';
import { type Need, type Operation, ServiceError } from '../../../service.ts';
import { listOperation } from '../listing.ts';
import type { Model, Models } from '../models.ts';
import { arnOf, onlyMembers, onlyValues, requireMembers, requireName, validation } from '../names.ts';
import type { Platform } from '../platform.ts';
import { parseS3Uri } from '../role-s3.ts';
import { tagContext, tagNeeds } from '../tags.ts';
import { hasEnded } from '../training/job.ts';
import { describe, type TransformJob, TransformJobs } from './job.ts';
import { TransformRun } from './run.ts';

const MODEL_SPACE = 'sagemaker.transform-models';

const TRANSFORM_MEMBERS = [
  'TransformJobName',
  'ModelName',
  'MaxConcurrentTransforms',
  'ModelClientConfig',
  'MaxPayloadInMB',
  'BatchStrategy',
  'Environment',
  'TransformInput',
  'TransformOutput',
  'TransformResources',
  'DataProcessing',
  'Tags',
] as const;

/** Batch transform: runs `serve` and posts an object's records to it. */
export class Transform {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #platform: Platform;
  readonly #models: Models;
  readonly #jobs: TransformJobs;
  readonly #runs = new Map<string, { run: TransformRun; ended: Promise<void> }>();

  constructor(platform: Platform, models: Models) {
    this.#platform = platform;
    this.#models = models;
    this.#jobs = new TransformJobs(platform.cloud);
    platform.quotas.count((use, type) => (use === 'transform job' ? this.#inUse(type) : 0));
    this.operations = {
      CreateTransformJob: this.#create(),
      DescribeTransformJob: this.#describe(),
      StopTransformJob: this.#stop(),
      ListTransformJobs: this.#list(),
    };
  }

  resume(): void {
    for (const job of this.#jobs.all()) {
      if (!hasEnded(job.status)) this.#start(job, this.#platform.cloud.store.get<Model>(MODEL_SPACE, job.name)!);
    }
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map((run) => run.ended));
  }

  #create(): Operation {
    return {
      members: TRANSFORM_MEMBERS,
      needs: ({ input }) => this.#createNeeds(input),
      run: async ({ input }) => {
        const request = input as CreateTransformJobRequest;
        const { cloud, quotas, tags } = this.#platform;
        checkRequest(request);
        const name = request.TransformJobName!;
        const arn = this.#arn(name);
        const model = this.#models.require(request.ModelName!);
        if (this.#jobs.find(name)) {
          throw new ServiceError(
            'ResourceInUse',
            `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
          );
        }
        const { InstanceType: type, InstanceCount: count } = request.TransformResources!;
        quotas.admit('transform job', type!, count!);
        tags.add(arn, request.Tags);
        const job: TransformJob = { name, arn, request, createdAt: cloud.clock.now(), status: 'InProgress' };
        // The job keeps the model it was started with: a workflow may delete the model before a restart.
        cloud.store.transaction(() => {
          cloud.store.put(MODEL_SPACE, name, model);
          this.#jobs.save(job);
        });
        this.#start(job, model);
        return { TransformJobArn: arn };
      },
    };
  }

  #createNeeds(request: CreateTransformJobRequest): Need[] {
    const resource = this.#arn(request.TransformJobName ?? '');
    const { InstanceType: type, VolumeKmsKeyId: volumeKey } = request.TransformResources ?? {};
    const outputKey = request.TransformOutput?.KmsKeyId;
    const context = {
      'sagemaker:ModelArn': arnOf(this.#platform.cloud, 'model', request.ModelName ?? ''),
      ...(type && { 'sagemaker:InstanceTypes': [type] }),
      ...(volumeKey && { 'sagemaker:VolumeKmsKey': volumeKey }),
      ...(outputKey && { 'sagemaker:OutputKmsKey': outputKey }),
      ...tagContext(request.Tags),
    };
    return [{ action: 'sagemaker:CreateTransformJob', resource, context }, ...tagNeeds(resource, request.Tags)];
  }

  #describe(): Operation {
    return {
      members: ['TransformJobName'],
      needs: ({ input }) => [{ action: 'sagemaker:DescribeTransformJob', resource: this.#arn(input.TransformJobName) }],
      run: async ({ input }) => describe(this.#require(input.TransformJobName)),
    };
  }

  #stop(): Operation {
    return {
      members: ['TransformJobName'],
      needs: ({ input }) => [{ action: 'sagemaker:StopTransformJob', resource: this.#arn(input.TransformJobName) }],
      run: async ({ input }) => {
        const job = this.#require(input.TransformJobName);
        if (hasEnded(job.status)) {
          throw validation(`The request was rejected because the transform job is in status ${job.status}.`);
        }
        this.#jobs.save({ ...job, status: 'Stopping' });
        this.#runs.get(job.name)?.run.stop();
        return {};
      },
    };
  }

  #list(): Operation {
    return listOperation({
      action: 'ListTransformJobs',
      as: 'TransformJobSummaries',
      byStatus: true,
      all: () => this.#jobs.all(),
      summary: (job) => ({
        TransformJobName: job.name,
        TransformJobArn: job.arn,
        CreationTime: new Date(job.createdAt),
        ...(job.endedAt !== undefined && { TransformEndTime: new Date(job.endedAt) }),
        TransformJobStatus: job.status,
        ...(job.failureReason !== undefined && { FailureReason: job.failureReason }),
      }),
    });
  }

  #start(job: TransformJob, model: Model): void {
    const run = new TransformRun(this.#platform, this.#jobs, job, model);
    const ended = this.#platform.cloud.track(run.run().finally(() => this.#runs.delete(job.name)));
    this.#runs.set(job.name, { run, ended });
  }

  #require(name: string): TransformJob {
    const job = this.#jobs.find(requireName('TransformJobName', name));
    if (!job) throw validation('Requested resource not found.');
    return job;
  }

  #inUse(type: string): number {
    return this.#jobs
      .all()
      .filter(({ status, request }) => !hasEnded(status) && request.TransformResources!.InstanceType === type)
      .reduce((total, { request }) => total + request.TransformResources!.InstanceCount!, 0);
  }

  #arn(name: string): string {
    return arnOf(this.#platform.cloud, 'transform-job', name);
  }
}

function checkRequest(request: CreateTransformJobRequest): void {
  const what = 'CreateTransformJob';
  requireName('TransformJobName', request.TransformJobName);
  requireMembers(request, ['ModelName', 'TransformInput', 'TransformOutput', 'TransformResources']);
  requireMembers(request.TransformResources!, ['InstanceType', 'InstanceCount']);
  onlyMembers(`${what} TransformResources`, request.TransformResources, [
    'InstanceType',
    'InstanceCount',
    'VolumeKmsKeyId',
  ]);
  const { TransformInput: input, TransformOutput: output } = request;
  onlyMembers(`${what} TransformInput`, input, ['DataSource', 'ContentType', 'CompressionType', 'SplitType']);
  onlyValues(`${what} TransformInput.CompressionType`, input!.CompressionType, ['None']);
  onlyValues(`${what} TransformInput.SplitType`, input!.SplitType, ['None', 'Line']);
  onlyValues(`${what} TransformInput.S3DataType`, input!.DataSource?.S3DataSource?.S3DataType, ['S3Prefix']);
  parseS3Uri(input!.DataSource?.S3DataSource?.S3Uri);
  onlyMembers(`${what} TransformOutput`, output, ['S3OutputPath', 'Accept', 'AssembleWith', 'KmsKeyId']);
  parseS3Uri(output!.S3OutputPath);
  onlyMembers(`${what} DataProcessing`, request.DataProcessing, ['JoinSource', 'InputFilter', 'OutputFilter']);
  onlyValues(`${what} DataProcessing.JoinSource`, request.DataProcessing?.JoinSource, ['None']);
  onlyValues(`${what} DataProcessing.InputFilter`, request.DataProcessing?.InputFilter, ['$']);
  onlyValues(`${what} DataProcessing.OutputFilter`, request.DataProcessing?.OutputFilter, ['$']);
  onlyValues(`${what} BatchStrategy`, request.BatchStrategy, ['MultiRecord', 'SingleRecord']);
  const megabytes = request.MaxPayloadInMB ?? 6;
  if (!(megabytes > 0 && megabytes <= 100)) throw validation(`expected MaxPayloadInMB from 1 to 100, got ${megabytes}`);
}
