import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import type { Timer } from '../../../clock.ts';
import { LogStream } from '../../../container/log-stream.ts';
import type { Principal } from '../../../service.ts';
import { packDirectories } from '../archive.ts';
import { ImageError, resolveImage } from '../container/image.ts';
import { hasCapacity, NO_JOB_CAPACITY } from '../limits.ts';
import { assumeForSageMaker, failureReason, folder, type Platform } from '../platform.ts';
import { parseS3Uri, RoleS3 } from '../role-s3.ts';
import { restoreCheckpoints, saveCheckpoints } from './checkpoints.ts';
import { type Exit, HostPrograms } from './host-programs.ts';
import { type Host, hostsOf } from './hosts.ts';
import { artifactUri, hasEnded, type TrainingJob, type TrainingJobs } from './job.ts';
import { finalMetrics } from './metrics.ts';
import { interruptionAfter } from './spot.ts';
import { downloadChannels, prepareWorkspace, trainingEnvironment, type Workspace, workspaceAt } from './workspace.ts';

/** Said of a spot job that got no instances, or got them too late. */
export const WAITED_TOO_LONG = 'Training job wait time exceeded MaxWaitTimeInSeconds provided';

/** What ended a job early. */
type Cut = 'Stopped' | 'MaxRuntimeExceeded' | 'MaxWaitTimeExceeded';

/** Thrown with the FailureReason of a job. */
class JobFailure extends Error {
  override readonly name = 'JobFailure';
}

/** One instance and its folders. */
interface Machine {
  readonly host: Host;
  readonly workspace: Workspace;
}

/** Runs one training job from its stored request to its end, or until its spot instances are taken back. */
export class TrainingRun {
  readonly #platform: Platform;
  readonly #jobs: TrainingJobs;
  readonly #name: string;
  readonly #request: CreateTrainingJobRequest;
  readonly #root: string;
  readonly #machines: readonly Machine[];
  readonly #metrics: ReturnType<typeof finalMetrics>;
  #programs: HostPrograms | undefined;
  #cut: Cut | undefined;
  #interrupted = false;

  constructor(platform: Platform, jobs: TrainingJobs, job: TrainingJob) {
    this.#platform = platform;
    this.#jobs = jobs;
    this.#name = job.name;
    this.#request = job.request;
    this.#root = folder(platform.cloud, 'training', job.name);
    this.#machines = hostsOf(job.request).map((host) => ({
      host,
      workspace: workspaceAt(join(this.#root, host.name)),
    }));
    const definitions = job.request.AlgorithmSpecification?.MetricDefinitions ?? [];
    this.#metrics = finalMetrics(definitions, platform.cloud.clock, job.metrics, (metric, value) =>
      jobs.tellMetric(job.name, metric, value),
    );
  }

  /**
   * Never rejects: whatever happens ends in the job's own status.
   *
   * @returns whether the job goes on, once there are spot instances again
   */
  async run(): Promise<{ readonly goesOn: boolean }> {
    try {
      await this.#steps();
    } catch (error) {
      if (this.#platform.stopped) return { goesOn: false };
      this.#end('Failed', 'Failed', reasonOf(error));
    }
    await rm(this.#root, { recursive: true, force: true });
    return { goesOn: !this.#platform.stopped && !hasEnded(this.#jobs.find(this.#name)!.status) };
  }

  /** Asks the programs to end, as StopTrainingJob or the runtime limit does. */
  cut(why: Cut): void {
    this.#cut ??= why;
    this.#programs?.end();
  }

  async #steps(): Promise<void> {
    const { arn, status } = this.#jobs.find(this.#name)!;
    const role = await assumeForSageMaker(this.#platform.cloud, this.#request.RoleArn!, arn);
    const s3 = new RoleS3(this.#platform.cloud, role);
    if (status === 'Stopping') this.#cut = 'Stopped';
    const exit = this.#cut ? undefined : await this.#train(role, s3);
    if (this.#platform.stopped) return;
    if (exit) await this.#keep(s3, exit);
    if (this.#interrupted && !this.#cut) return;
    this.#end(this.#cut ? 'Stopped' : 'Completed', this.#cut ?? 'Completed');
  }

  /** What the instances leave behind: checkpoints always, artifacts unless they were taken back or a program failed. */
  async #keep(s3: RoleS3, { code, host }: Exit): Promise<void> {
    this.#jobs.change(this.#name, (training) => {
      training.metrics = this.#metrics.values();
      training.trainingEndedAt = this.#platform.cloud.clock.now();
    });
    // Where several hosts have a file of the same name, the first one's is kept.
    for (const { workspace } of this.#machines.toReversed()) await saveCheckpoints(workspace, this.#request, s3);
    if (this.#cut) return this.#upload(s3);
    if (this.#interrupted) return;
    if (code !== 0) throw new JobFailure(await this.#algorithmError(code, this.#machines[host]!.workspace));
    await this.#upload(s3);
  }

  async #train(role: Principal, s3: RoleS3): Promise<Exit | undefined> {
    const { cloud, processes, images } = this.#platform;
    this.#provision();
    for (const { host, workspace } of this.#machines) await prepareWorkspace(workspace, this.#request, host);
    const name = this.#request.AlgorithmSpecification!.TrainingImage!;
    const image = await resolveImage(cloud, images, name, 'train', role);
    for (const { host, workspace } of this.#machines) {
      await downloadChannels(workspace, this.#request, s3, host).catch((error) => {
        throw new JobFailure(`ClientError: Data download failed:${error.name}: ${error.message}`);
      });
      await restoreCheckpoints(workspace, this.#request, s3);
    }
    if (this.#cut || this.#platform.stopped) return undefined;
    const now = cloud.clock.now();
    this.#jobs.change(this.#name, (job) => {
      job.trainingStartedAt ??= now;
    });
    this.#jobs.enter(this.#name, 'InProgress', 'Training', 'Training image download completed. Training in progress.');
    const logs = this.#machines.map(({ host }) => this.#logs(role, host, now));
    const programs = this.#machines.map(({ host, workspace }, at) => ({
      program: image.program('train', trainingEnvironment(workspace, this.#request, host)),
      onLine: (line: string) => {
        logs[at]!.write(line);
        this.#metrics.read(line);
      },
    }));
    this.#programs = new HostPrograms(cloud.clock, processes, programs);
    const timers = this.#limits(now);
    const exit = await this.#programs.exited();
    for (const timer of timers) timer.cancel();
    this.#jobs.change(this.#name, (job) => {
      job.trainedMilliseconds = (job.trainedMilliseconds ?? 0) + cloud.clock.now() - now;
    });
    for (const log of logs) await log.flush();
    return exit;
  }

  #provision(): void {
    const { InstanceType: type, InstanceCount: count } = this.#request.ResourceConfig!;
    if (!hasCapacity(this.#platform.cloud, type!, count!)) throw new JobFailure(NO_JOB_CAPACITY);
    this.#jobs.enter(this.#name, 'InProgress', 'Downloading', 'Downloading input data');
  }

  /** The runtime limit, or for a spot job the end of its wait, which counts its training too; and its interruption. */
  #limits(startedAt: number): Timer[] {
    const { cloud } = this.#platform;
    const job = this.#jobs.find(this.#name)!;
    const { MaxRuntimeInSeconds: runtime = 86_400, MaxWaitTimeInSeconds: wait } = this.#request.StoppingCondition!;
    const runtimeEnds = startedAt + runtime * 1000 - (job.trainedMilliseconds ?? 0);
    const waitEnds = wait === undefined ? Number.POSITIVE_INFINITY : job.createdAt + wait * 1000;
    const why = waitEnds < runtimeEnds ? 'MaxWaitTimeExceeded' : 'MaxRuntimeExceeded';
    const limit = cloud.clock.at(Math.min(runtimeEnds, waitEnds), () => this.cut(why));
    const interruption = interruptionAfter(cloud, job);
    if (interruption === undefined) return [limit];
    return [limit, cloud.clock.after(interruption, () => this.#interrupt())];
  }

  /** AWS takes the instances back: the programs have two minutes for their checkpoints. */
  #interrupt(): void {
    if (this.#cut) return;
    this.#interrupted = true;
    this.#jobs.change(this.#name, (job) => {
      job.interruptions = (job.interruptions ?? 0) + 1;
    });
    this.#jobs.enter(this.#name, 'InProgress', 'Interrupted', 'Spot capacity was taken back. Waiting for instances.');
    this.#programs?.end();
  }

  #logs(role: Principal, host: Host, now: number): LogStream {
    const stream = `${this.#name}/${host.name}-${Math.floor(now / 1000)}`;
    return new LogStream(this.#platform.cloud, role, '/aws/sagemaker/TrainingJobs', stream);
  }

  async #upload(s3: RoleS3): Promise<void> {
    const status = this.#cut ? 'Stopping' : 'InProgress';
    this.#jobs.enter(this.#name, status, 'Uploading', 'Uploading generated training model');
    const workspaces = this.#machines.map(({ workspace }) => workspace);
    await this.#put(
      s3,
      'model.tar.gz',
      workspaces.map(({ model }) => model),
    );
    const outputs = workspaces.map(({ outputData }) => outputData);
    const found = await Promise.all(outputs.map((directory) => readdir(directory)));
    if (found.some((files) => files.length > 0)) await this.#put(s3, 'output.tar.gz', outputs);
    this.#jobs.change(this.#name, (job) => {
      job.hasArtifacts = true;
    });
  }

  async #put(s3: RoleS3, file: string, directories: readonly string[]): Promise<void> {
    const archive = join(this.#root, file);
    await packDirectories(directories, archive);
    const to = parseS3Uri(artifactUri(this.#request, file));
    await s3.upload(to, archive, this.#request.OutputDataConfig!.KmsKeyId).catch((error) => {
      throw new JobFailure(`ClientError: Artifact upload failed:${error.name}: ${error.message}`);
    });
  }

  async #algorithmError(code: number, { failure }: Workspace): Promise<string> {
    const written = await readFile(failure, 'utf8').catch((error) => {
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
