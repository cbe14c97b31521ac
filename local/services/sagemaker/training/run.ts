import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import type { Timer } from '../../../clock.ts';
import { LogStream } from '../../../container/log-stream.ts';
import type { Running } from '../../../container/processes.ts';
import type { Principal } from '../../../service.ts';
import { packDirectory } from '../archive.ts';
import { ImageError, resolveImage } from '../container/image.ts';
import { hasCapacity, NO_JOB_CAPACITY } from '../limits.ts';
import { assumeForSageMaker, failureReason, folder, type Platform } from '../platform.ts';
import { parseS3Uri, RoleS3 } from '../role-s3.ts';
import { restoreCheckpoints, saveCheckpoints } from './checkpoints.ts';
import { artifactUri, hasEnded, type TrainingJob, type TrainingJobs } from './job.ts';
import { finalMetrics } from './metrics.ts';
import { downloadChannels, prepareWorkspace, trainingEnvironment, type Workspace, workspaceAt } from './workspace.ts';

/** How long a program may take to end after SIGTERM, before SIGKILL. */
const GRACE_MS = 120_000;

/** Said of a spot job that got no instances, or got them too late. */
export const WAITED_TOO_LONG = 'Training job wait time exceeded MaxWaitTimeInSeconds provided';

/** What ended a job early. */
type Cut = 'Stopped' | 'MaxRuntimeExceeded' | 'MaxWaitTimeExceeded';

/** Thrown with the FailureReason of a job. */
class JobFailure extends Error {
  override readonly name = 'JobFailure';
}

/** Runs one training job from its stored request to its end. */
export class TrainingRun {
  readonly #platform: Platform;
  readonly #jobs: TrainingJobs;
  readonly #name: string;
  readonly #request: CreateTrainingJobRequest;
  readonly #workspace: Workspace;
  readonly #metrics: ReturnType<typeof finalMetrics>;
  #program: Running | undefined;
  #cut: Cut | undefined;

  constructor(platform: Platform, jobs: TrainingJobs, job: TrainingJob) {
    this.#platform = platform;
    this.#jobs = jobs;
    this.#name = job.name;
    this.#request = job.request;
    this.#workspace = workspaceAt(folder(platform.cloud, 'training', job.name));
    this.#metrics = finalMetrics(job.request.AlgorithmSpecification?.MetricDefinitions ?? [], platform.cloud.clock);
  }

  /** Never rejects: whatever happens ends in the job's own status. */
  async run(): Promise<void> {
    try {
      await this.#steps();
    } catch (error) {
      if (this.#platform.stopped) return;
      this.#end('Failed', 'Failed', reasonOf(error));
    }
    await rm(this.#workspace.root, { recursive: true, force: true });
  }

  /** Asks the program to end, as StopTrainingJob or the runtime limit does. */
  cut(why: Cut): void {
    this.#cut ??= why;
    this.#program?.kill('SIGTERM');
    const program = this.#program;
    if (program) this.#platform.cloud.clock.after(GRACE_MS, () => program.kill('SIGKILL'));
  }

  async #steps(): Promise<void> {
    const { cloud } = this.#platform;
    const { arn } = this.#jobs.find(this.#name)!;
    const role = await assumeForSageMaker(cloud, this.#request.RoleArn!, arn);
    const s3 = new RoleS3(cloud, role);
    if (this.#jobs.find(this.#name)!.status === 'Stopping') this.#cut = 'Stopped';
    else this.#provision();
    await prepareWorkspace(this.#workspace, this.#request);
    const exitCode = this.#cut ? undefined : await this.#train(role, s3);
    if (this.#platform.stopped) return;
    this.#jobs.change(this.#name, (training) => {
      training.metrics = this.#metrics.values();
      if (training.trainingStartedAt) training.trainingEndedAt = cloud.clock.now();
    });
    if (exitCode !== undefined) await saveCheckpoints(this.#workspace, this.#request, s3);
    if (exitCode !== undefined && exitCode !== 0 && !this.#cut)
      throw new JobFailure(await this.#algorithmError(exitCode));
    await this.#upload(s3);
    this.#end(this.#cut ? 'Stopped' : 'Completed', this.#cut ?? 'Completed');
  }

  #provision(): void {
    const { InstanceType: type, InstanceCount: count } = this.#request.ResourceConfig!;
    if (!hasCapacity(this.#platform.cloud, type!, count!)) throw new JobFailure(NO_JOB_CAPACITY);
    this.#jobs.enter(this.#name, 'InProgress', 'Downloading', 'Downloading input data');
  }

  async #train(role: Principal, s3: RoleS3): Promise<number | undefined> {
    const { cloud, processes, images } = this.#platform;
    const image = await resolveImage(
      cloud,
      images,
      this.#request.AlgorithmSpecification!.TrainingImage!,
      'train',
      role,
    );
    await downloadChannels(this.#workspace, this.#request, s3).catch((error) => {
      throw new JobFailure(`ClientError: Data download failed:${error.name}: ${error.message}`);
    });
    await restoreCheckpoints(this.#workspace, this.#request, s3);
    if (this.#cut || this.#platform.stopped) return undefined;
    const now = cloud.clock.now();
    this.#jobs.change(this.#name, (job) => {
      job.trainingStartedAt = now;
    });
    this.#jobs.enter(this.#name, 'InProgress', 'Training', 'Training image download completed. Training in progress.');
    const logs = this.#logs(role, now);
    const program = image.program('train', trainingEnvironment(this.#workspace, this.#request));
    this.#program = processes.start(program, (line) => {
      logs.write(line);
      this.#metrics.read(line);
    });
    const timer = this.#limit(now);
    const { code } = await this.#program.exited;
    timer.cancel();
    await logs.flush();
    return code;
  }

  /** The runtime limit, or for a spot job the end of its wait, which counts its training too. */
  #limit(startedAt: number): Timer {
    const { clock } = this.#platform.cloud;
    const { MaxRuntimeInSeconds: runtime = 86_400, MaxWaitTimeInSeconds: wait } = this.#request.StoppingCondition!;
    const runtimeEnds = startedAt + runtime * 1000;
    const waitEnds =
      wait === undefined ? Number.POSITIVE_INFINITY : this.#jobs.find(this.#name)!.createdAt + wait * 1000;
    const why = waitEnds < runtimeEnds ? 'MaxWaitTimeExceeded' : 'MaxRuntimeExceeded';
    return clock.at(Math.min(runtimeEnds, waitEnds), () => this.cut(why));
  }

  #logs(role: Principal, now: number): LogStream {
    const stream = `${this.#name}/algo-1-${Math.floor(now / 1000)}`;
    return new LogStream(this.#platform.cloud, role, '/aws/sagemaker/TrainingJobs', stream);
  }

  async #upload(s3: RoleS3): Promise<void> {
    if (!this.#jobs.find(this.#name)!.trainingStartedAt) return;
    const { root, model, outputData } = this.#workspace;
    const status = this.#cut ? 'Stopping' : 'InProgress';
    this.#jobs.enter(this.#name, status, 'Uploading', 'Uploading generated training model');
    const key = this.#request.OutputDataConfig!.KmsKeyId;
    await this.#put(s3, model, join(root, 'model.tar.gz'), key);
    if ((await readdir(outputData)).length > 0) await this.#put(s3, outputData, join(root, 'output.tar.gz'), key);
    this.#jobs.change(this.#name, (job) => {
      job.hasArtifacts = true;
    });
  }

  async #put(s3: RoleS3, directory: string, archive: string, key: string | undefined): Promise<void> {
    await packDirectory(directory, archive);
    const uri = artifactUri(this.#request, archive.slice(archive.lastIndexOf('/') + 1));
    await s3.upload(parseS3Uri(uri), archive, key).catch((error) => {
      throw new JobFailure(`ClientError: Artifact upload failed:${error.name}: ${error.message}`);
    });
  }

  async #algorithmError(code: number): Promise<string> {
    const written = await readFile(this.#workspace.failure, 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // The exit code is the last thing said, so a long message is what gets cut.
    const ending = `, exit code: ${code}`;
    return `AlgorithmError: ${written.trim()}`.slice(0, 1024 - ending.length) + ending;
  }

  #end(status: 'Completed' | 'Stopped' | 'Failed', secondary: 'Completed' | Cut | 'Failed', reason?: string): void {
    if (hasEnded(this.#jobs.find(this.#name)!.status)) return;
    if (reason !== undefined) {
      this.#jobs.change(this.#name, (job) => {
        job.failureReason = failureReason(reason);
      });
    }
    this.#jobs.enter(this.#name, status, secondary, MESSAGES[secondary]);
  }
}

const MESSAGES = {
  Completed: 'Training job completed',
  Failed: 'Training job failed',
  Stopped: 'Training job stopped',
  MaxWaitTimeExceeded: WAITED_TOO_LONG,
  MaxRuntimeExceeded: 'Training job runtime exceeded MaxRuntimeInSeconds provided',
} as const;

function reasonOf(error: unknown): string {
  if (error instanceof JobFailure) return error.message;
  if (error instanceof ImageError) return `ClientError: ${error.message}`;
  return `ClientError: ${(error as Error).name}: ${(error as Error).message}`;
}
