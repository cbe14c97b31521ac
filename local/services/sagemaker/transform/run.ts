import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CreateTransformJobRequest } from '@aws-sdk/client-sagemaker';
import { LogStream } from '../../../container/log-stream.ts';
import type { Principal } from '../../../service.ts';
import { ModelServer, ModelServerError, NoAnswerError } from '../container/model-server.ts';
import { hasCapacity, NO_JOB_CAPACITY } from '../limits.ts';
import type { Model } from '../models.ts';
import { assumeForSageMaker, failureReason, folder, type Platform } from '../platform.ts';
import { joinS3Uri, parseS3Uri, RoleS3, relativeKey } from '../role-s3.ts';
import { batches, PayloadTooLargeError } from './batches.ts';
import type { TransformJob, TransformJobs } from './job.ts';

const GROUP = '/aws/sagemaker/TransformJobs';

class TransformFailure extends Error {
  override readonly name = 'TransformFailure';
}

/** Runs one batch transform from its stored request to its end. */
export class TransformRun {
  readonly #platform: Platform;
  readonly #jobs: TransformJobs;
  readonly #name: string;
  readonly #request: CreateTransformJobRequest;
  readonly #model: Model;
  readonly #directory: string;
  #server: ModelServer | undefined;
  #stopping: boolean;

  constructor(platform: Platform, jobs: TransformJobs, job: TransformJob, model: Model) {
    this.#platform = platform;
    this.#jobs = jobs;
    this.#name = job.name;
    this.#request = job.request;
    this.#model = model;
    this.#stopping = job.status === 'Stopping';
    this.#directory = folder(platform.cloud, 'transform', job.name);
  }

  /** Never rejects: whatever happens ends in the job's own status. */
  async run(): Promise<void> {
    try {
      if (!this.#stopping) await this.#transform();
      if (!this.#platform.stopped) this.#end(this.#stopping ? 'Stopped' : 'Completed');
    } catch (error) {
      if (this.#platform.stopped) return;
      if (this.#stopping) this.#end('Stopped');
      else this.#end('Failed', reasonOf(error));
    } finally {
      await this.#server?.stop();
      await rm(this.#directory, { recursive: true, force: true });
    }
  }

  stop(): void {
    this.#stopping = true;
    void this.#server?.stop();
  }

  async #transform(): Promise<void> {
    const { cloud } = this.#platform;
    const { InstanceType: type, InstanceCount: count } = this.#request.TransformResources!;
    if (!hasCapacity(cloud, type!, count!)) throw new TransformFailure(NO_JOB_CAPACITY);
    const role = await assumeForSageMaker(
      cloud,
      this.#model.request.ExecutionRoleArn!,
      this.#jobs.find(this.#name)!.arn,
    );
    const s3 = new RoleS3(cloud, role);
    const input = parseS3Uri(this.#request.TransformInput!.DataSource!.S3DataSource!.S3Uri);
    const keys = await s3.list(input);
    if (keys.length === 0)
      throw new TransformFailure(`ClientError: No objects under s3://${input.bucket}/${input.key}`);
    const started = cloud.clock.now();
    this.#change((job) => {
      job.startedAt = started;
    });
    const host = `${this.#name}/i-${Math.floor(started / 1000)}`;
    const logs = new LogStream(cloud, role, GROUP, host);
    const dataLogs = new LogStream(cloud, role, GROUP, `${host}/data-log`);
    try {
      this.#server = await this.#serve(role, logs);
      for (const key of keys)
        await this.#transformObject(s3, { bucket: input.bucket, key }, relativeKey(input, key), dataLogs);
    } finally {
      await this.#server?.stop();
      await Promise.all([logs.flush(), dataLogs.flush()]);
    }
  }

  #serve(role: Principal, logs: LogStream): Promise<ModelServer> {
    const environment = {
      ...this.#request.Environment,
      SAGEMAKER_BATCH: 'true',
      SAGEMAKER_BATCH_STRATEGY: this.#request.BatchStrategy ?? 'MultiRecord',
      SAGEMAKER_MAX_PAYLOAD_IN_MB: String(this.#request.MaxPayloadInMB ?? 6),
      SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: String(this.#request.MaxConcurrentTransforms ?? 1),
    };
    return ModelServer.start(
      this.#platform,
      this.#model.container,
      role,
      join(this.#directory, 'container'),
      (line) => logs.write(line),
      environment,
    );
  }

  /** The output appears only when the whole object went through. */
  async #transformObject(
    s3: RoleS3,
    from: { bucket: string; key: string },
    path: string,
    dataLogs: LogStream,
  ): Promise<void> {
    const { S3OutputPath, KmsKeyId } = this.#request.TransformOutput!;
    const output = join(this.#directory, 'output');
    await mkdir(this.#directory, { recursive: true });
    try {
      await pipeline(Readable.from(this.#answers(await s3.open(from))), createWriteStream(output));
    } catch (error) {
      dataLogs.write(`${from.bucket}/${from.key}: ${(error as Error).message}`);
      throw error;
    }
    await s3.upload(parseS3Uri(joinS3Uri(S3OutputPath!, `${path}.out`)), output, KmsKeyId);
  }

  async *#answers(object: Readable): AsyncGenerator<Buffer> {
    const { SplitType, ContentType } = this.#request.TransformInput!;
    const cut = {
      split: SplitType === 'Line' ? ('Line' as const) : undefined,
      strategy: this.#request.BatchStrategy ?? 'MultiRecord',
      maxBytes: (this.#request.MaxPayloadInMB ?? 6) * 2 ** 20,
    };
    for await (const batch of batches(object, cut)) {
      const body = await this.#invoke(batch, ContentType);
      yield body;
      const ends = body.at(-1) === 10;
      if (this.#request.TransformOutput!.AssembleWith === 'Line' && !ends) yield Buffer.from('\n');
    }
  }

  async #invoke(body: Buffer, contentType: string | undefined): Promise<Buffer> {
    const { InvocationsTimeoutInSeconds: seconds = 600, InvocationsMaxRetries: retries = 3 } =
      this.#request.ModelClientConfig ?? {};
    const accept = this.#request.TransformOutput!.Accept;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#server!.invoke({ body, contentType, accept, timeoutMs: seconds * 1000 });
      if (answer.status < 300) return answer.body;
      // Only throttling and unavailability are worth another attempt.
      const again = answer.status === 429 || answer.status === 503;
      if (!again || attempt >= retries) throw new BadStatus(answer.status, answer.body.toString().slice(0, 500));
    }
  }

  #end(status: 'Completed' | 'Failed' | 'Stopped', reason?: string): void {
    this.#change((job) => {
      job.status = status;
      job.endedAt = this.#platform.cloud.clock.now();
      if (reason !== undefined) job.failureReason = failureReason(reason);
    });
  }

  #change(change: (job: TransformJob) => void): void {
    const job = this.#jobs.find(this.#name)!;
    change(job);
    this.#jobs.save(job);
  }
}

class BadStatus extends Error {
  override readonly name = 'BadStatus';
  readonly status: number;

  constructor(status: number, message: string) {
    super(`Bad HTTP status received from algorithm: ${status}: ${message}`);
    this.status = status;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TransformFailure) return error.message;
  if (error instanceof PayloadTooLargeError) return 'ClientError: See job logs for more information';
  if (error instanceof BadStatus) {
    return `${error.status < 500 ? 'ClientError' : 'AlgorithmError'}: See job logs for more information`;
  }
  if (error instanceof ModelServerError) return `AlgorithmError: The model's container ${error.message}`;
  if (error instanceof NoAnswerError)
    return 'AlgorithmError: The container did not answer. See job logs for more information';
  return `ClientError: ${(error as Error).name}: ${(error as Error).message}`;
}
