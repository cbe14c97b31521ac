import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LogStream } from '../../container/log-stream.ts';
import type { Processes, Running } from '../../container/processes.ts';
import type { Cloud, Principal } from '../../service.ts';
import { uploadFolder } from '../ecr/pushed-images.ts';
import { type Build, type Builds, logStreamOf, type PhaseType } from './build.ts';
import { type Buildspec, BuildspecError, COMMAND_PHASES, readBuildspec } from './buildspec.ts';
import { phaseScript, quoted, type ShellFiles } from './phase-script.ts';
import { downloadSource } from './source.ts';
import { installTools } from './tools.ts';

const DEFAULT_BUILDSPEC = 'buildspec.yml';

/** What a phase came to where it did not succeed. */
class PhaseFailure extends Error {
  override readonly name = 'PhaseFailure';
  readonly statusCode: string;

  constructor(statusCode: string, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Runs one build from its stored request to its end. */
export class BuildRun {
  readonly #cloud: Cloud;
  readonly #builds: Builds;
  readonly #processes: Processes;
  readonly #id: string;
  readonly #folder: string;
  #shell: Running | undefined;
  #cut: 'STOPPED' | 'TIMED_OUT' | undefined;
  #failed = false;

  constructor(cloud: Cloud, builds: Builds, processes: Processes, build: Build) {
    this.#cloud = cloud;
    this.#builds = builds;
    this.#processes = processes;
    this.#id = build.id;
    this.#folder = join(cloud.stateDir, 'codebuild', 'builds', build.id.slice(build.id.lastIndexOf(':') + 1));
    if (build.stopping) this.#cut = 'STOPPED';
  }

  /** Ends the build early; its commands are killed. */
  cut(why: 'STOPPED' | 'TIMED_OUT'): void {
    this.#cut ??= why;
    this.#shell?.kill('SIGKILL');
  }

  /** Never rejects: whatever happens ends in the build's own status. Nothing is said once the local cloud stops. */
  async run(isStopping: () => boolean): Promise<void> {
    const { clock } = this.#cloud;
    const build = this.#builds.get(this.#id);
    const timer = clock.at(build.startedAt + build.timeoutInMinutes * 60_000, () => this.cut('TIMED_OUT'));
    try {
      await this.#steps(build);
    } catch (error) {
      // A phase that failed has said so itself.
      if (!(error instanceof PhaseFailure) && !isStopping()) this.#cloud.track(Promise.reject(error)).catch(() => {});
    }
    timer.cancel();
    if (isStopping()) return;
    await rm(this.#folder, { recursive: true, force: true });
    await rm(`${this.#folder}.zip`, { force: true });
    if (!this.#cut) {
      await this.#phase('FINALIZING', async () => {}).catch(() => {});
    }
    this.#builds.become(this.#id, this.#cut ?? (this.#failed ? 'FAILED' : 'SUCCEEDED'));
  }

  async #steps(build: Build): Promise<void> {
    for (const type of ['SUBMITTED', 'QUEUED'] as const) await this.#phase(type, async () => {});
    const { role, logs } = await this.#phase('PROVISIONING', () => this.#provision(build));
    const source = join(this.#folder, 'src');
    const spec = await this.#phase('DOWNLOAD_SOURCE', async () => {
      await mkdir(source, { recursive: true });
      await downloadSource(this.#cloud, role, build, source).catch((error) => {
        throw new PhaseFailure('CLIENT_ERROR', `${error.name}: ${error.message}`);
      });
      return readSpec(build, source);
    });
    await writeFile(join(this.#folder, 'variables'), await this.#environment(build, spec, role, source));
    await this.#commandPhases(spec, logs, source);
    await this.#phase('UPLOAD_ARTIFACTS', async () => {});
    await logs?.flush();
    const kept = await readFile(join(this.#folder, 'variables'), 'utf8');
    this.#builds.change(this.#id, (one) => {
      one.exported = spec.exported.map((name) => ({ name, value: valueIn(kept, name) }));
    });
  }

  async #provision(build: Build): Promise<{ role: Principal; logs: LogStream | undefined }> {
    const { project } = build;
    const role = await this.#cloud
      .assume(
        roleArnOf(this.#cloud, project.serviceRole),
        'AWSCodeBuild',
        'codebuild.amazonaws.com',
        projectArnOf(build),
      )
      .catch((error) => {
        throw new PhaseFailure(
          'CLIENT_ERROR',
          `CodeBuild is not authorized to perform: sts:AssumeRole on ${project.serviceRole}: ${error.message}`,
        );
      });
    if (!project.logs.enabled) return { role, logs: undefined };
    const { groupName } = project.logs;
    const logs = new LogStream(this.#cloud, role, groupName, logStreamOf(build));
    await logs.open().catch((error) => {
      throw new PhaseFailure(
        'ACCESS_DENIED',
        `Service role ${project.serviceRole} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build ${build.arn}. Error message: ${error.message}`,
      );
    });
    return { role, logs };
  }

  /** INSTALL, PRE_BUILD and BUILD stop at the first that fails, but POST_BUILD follows a BUILD whatever came of it. */
  async #commandPhases(spec: Buildspec, logs: LogStream | undefined, source: string): Promise<void> {
    let succeeding = true;
    for (const name of COMMAND_PHASES) {
      const { commands, finally: last, onFailure } = spec.phases[name];
      const type = name.toUpperCase() as PhaseType;
      try {
        await this.#phase(type, async () => {
          const outcome = await this.#commands(commands, logs, source, succeeding);
          if (last.length > 0) await this.#commands(last, logs, source, succeeding);
          if (outcome) throw outcome;
        });
      } catch (error) {
        if (!(error instanceof PhaseFailure) || this.#cut) throw error;
        succeeding = false;
        const goesOn = onFailure === undefined ? name === 'build' : onFailure === 'CONTINUE';
        if (!goesOn) return;
      }
    }
  }

  /** @returns why they did not succeed */
  async #commands(
    commands: readonly string[],
    logs: LogStream | undefined,
    source: string,
    succeeding: boolean,
  ): Promise<PhaseFailure | undefined> {
    if (commands.length === 0) return undefined;
    const files: ShellFiles = {
      variables: join(this.#folder, 'variables'),
      directory: join(this.#folder, 'directory'),
      current: join(this.#folder, 'current'),
    };
    const script = join(this.#folder, 'phase.sh');
    await writeFile(script, phaseScript(commands, files, succeeding));
    this.#shell = this.#processes.start(
      {
        command: '/bin/bash',
        args: [script],
        cwd: source,
        env: { HOME: this.#folder },
      },
      (line) => logs?.write(line),
    );
    if (this.#cut) this.#shell.kill('SIGKILL');
    const { code } = await this.#shell.exited;
    this.#shell = undefined;
    if (code === 0) return undefined;
    const failed = await readFile(files.current, 'utf8');
    return new PhaseFailure(
      'COMMAND_EXECUTION_ERROR',
      `Error while executing command: ${failed}. Reason: exit status ${code}`,
    );
  }

  async #phase<T>(type: PhaseType, work: () => Promise<T>): Promise<T> {
    this.#builds.enter(this.#id, type);
    try {
      const result = await work();
      if (this.#cut) throw new PhaseFailure(this.#cut, 'The build was ended early.');
      this.#builds.leave(this.#id, 'SUCCEEDED');
      return result;
    } catch (error) {
      this.#failed = true;
      const { statusCode, message } =
        error instanceof PhaseFailure ? error : { statusCode: 'CLIENT_ERROR', message: (error as Error).message };
      if (this.#cut) this.#builds.leave(this.#id, this.#cut);
      else this.#builds.leave(this.#id, 'FAILED', { statusCode, message });
      throw error;
    }
  }

  /** What the first shell finds, as the shell itself would keep it. */
  async #environment(build: Build, spec: Buildspec, role: Principal, source: string): Promise<string> {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#cloud.credentialsFor(role);
    const tools = join(this.#cloud.stateDir, 'codebuild', 'bin');
    await installTools(tools);
    const images = join(this.#folder, 'images');
    await mkdir(images, { recursive: true });
    const variables: Record<string, string> = {
      ...spec.variables,
      ...Object.fromEntries(build.variables.map(({ name, value }) => [name, value])),
      CODEBUILD_BUILD_ID: build.id,
      CODEBUILD_BUILD_ARN: build.arn,
      CODEBUILD_BUILD_NUMBER: String(build.number),
      CODEBUILD_INITIATOR: build.initiator,
      CODEBUILD_SRC_DIR: source,
      CODEBUILD_START_TIME: String(build.startedAt),
      ...(build.sourceVersion && {
        CODEBUILD_RESOLVED_SOURCE_VERSION: build.sourceVersion,
        CODEBUILD_SOURCE_VERSION: build.sourceVersion,
      }),
      AWS_REGION: this.#cloud.region,
      AWS_DEFAULT_REGION: this.#cloud.region,
      AWS_ENDPOINT_URL: this.#cloud.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      LAUNCHWAY_IMAGES: images,
      LAUNCHWAY_UPLOADS: uploadFolder(this.#cloud),
    };
    const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
    return [...exports, `export PATH=${quoted(`${tools}:`)}"$PATH"`, ''].join('\n');
  }
}

async function readSpec({ source: { buildspec } }: Build, source: string): Promise<Buildspec> {
  try {
    if (buildspec?.includes('\n')) return readBuildspec(buildspec);
    const file = buildspec ?? DEFAULT_BUILDSPEC;
    return readBuildspec(await readFile(join(source, file), 'utf8'));
  } catch (error) {
    const { message } = error as Error;
    throw new PhaseFailure(
      'YAML_FILE_ERROR',
      error instanceof BuildspecError ? message : `stat ${buildspec ?? DEFAULT_BUILDSPEC}: no such file or directory`,
    );
  }
}

/** The value that a shell's `declare -px` keeps for a variable. */
const valueIn = (kept: string, name: string): string =>
  (new RegExp(`^declare -x ${name}="((?:[^"\\\\]|\\\\.)*)"$`, 'm').exec(kept)?.[1] ?? '').replaceAll(/\\(.)/g, '$1');

/** On whose behalf: trust policies name the project, whatever its build. */
const projectArnOf = ({ arn }: Build): string => arn.replace(/:build\/([^:]+):.*$/, ':project/$1');

const roleArnOf = ({ account }: Cloud, role: string): string =>
  role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`;
