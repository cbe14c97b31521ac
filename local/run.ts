import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHANNEL_PATH } from './channel.ts';
import { LocalCloud } from './cloud.ts';
import { startGateway } from './gateway/gateway.ts';
import { processIdentity } from './process-identity.ts';
import { deploy, type Outputs } from './provisioner/index.ts';
import type { Service, ServiceError } from './service.ts';
import { registerImage } from './services/ecr/index.ts';
import { createServices } from './services/index.ts';
import type { LambdaService } from './services/lambda/index.ts';
import { stateTransitions } from './services/states/index.ts';
import { type LocalIssuer, type SignInOptions, startLocalIssuer } from './sign-in/local-issuer.ts';

/** Folder of the programs that stand for AWS's framework images: `train.py` and `serve.py`, run by a Python of one's own. */
export { SCRIPT_MODE as SCRIPT_MODE_PROGRAMS } from './services/ecr/aws-images.ts';

const ROOT = join(import.meta.dirname, '..');

/** How a local cloud is started. */
export interface RunOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Absolute folder that survives a restart. */
  readonly stateDir: string;
  /** Forget everything first. */
  readonly fresh?: boolean;
  /** Image repositories of the local registry: name → absolute directory with a Dockerfile, `train` and `serve`. */
  readonly images?: Readonly<Record<string, string>>;
  /** Synthesized assembly to deploy; synthesized here when absent. */
  readonly assembly?: string;
  /** Starts an OpenID Connect issuer beside the cloud, and synthesizes the app with it as `LAUNCHWAY_LOCAL_ISSUER`. */
  readonly signIn?: SignInOptions;
  /** Lines for a person. */
  readonly report?: (line: string) => void;
}

export interface RunningCloud {
  readonly cloud: LocalCloud;
  readonly url: string;
  readonly outputs: Outputs;
  /** Where people sign in; absent without `signIn`. */
  readonly issuer?: string;
  /** What a run has cost, counted since the state was fresh. */
  counters(): { readonly lambdaInvocations: number; readonly stateTransitions: number };
  /** Ends processes and closes files; the state stays. */
  stop(): Promise<void>;
}

/** What another process needs to find a running local cloud. */
export interface RunningFile {
  readonly url: string;
  readonly pid: number;
  /** When that process started: after a kill or a reboot its number may be another program's. */
  readonly started: string;
}

/** The state folder cannot be used. */
export class StateDirectoryError extends Error {
  override readonly name = 'StateDirectoryError';
}

/**
 * Synthesizes the app, serves AWS-compatible APIs on 127.0.0.1 and deploys the synthesized templates onto them.
 *
 * @throws {StateDirectoryError} no write permission, or another local cloud uses the folder
 * @throws {Error} a taken port, a failed synthesis, or a template that asks for what is not implemented
 */
export async function runLocalCloud(options: RunOptions): Promise<RunningCloud> {
  const { stateDir, report = () => {} } = options;
  prepareStateDirectory(stateDir, options.fresh ?? false);
  const cloud = new LocalCloud({ stateDir, report });
  let gateway: Awaited<ReturnType<typeof startGateway>> | undefined;
  let issuer: LocalIssuer | undefined;
  try {
    const services = createServices(cloud);
    cloud.register(...services);
    // Before anything slow, so that a taken port is said at once.
    const listening = await startGateway(cloud, { port: options.port });
    gateway = listening;
    issuer = options.signIn && (await startLocalIssuer(cloud, options.signIn));
    const assembly = options.assembly ?? (await synthesize(join(stateDir, 'assembly'), report, issuer?.url));
    for (const [repository, directory] of Object.entries(options.images ?? {}))
      registerImage(cloud, repository, directory);
    const outputs = await deploy(cloud, assembly, { report });
    for (const name of options.signIn?.channelSecrets ?? []) await keepChannel(cloud, name);
    await cloud.resume();
    cloud.http.mount('/_launchway/counters', () => ({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: `${JSON.stringify(count(cloud, services))}\n`,
    }));
    writeRunningFile(stateDir, { url: listening.url, pid: process.pid, started: processIdentity(process.pid) });
    return {
      cloud,
      url: listening.url,
      outputs,
      ...(issuer && { issuer: issuer.url }),
      counters: () => count(cloud, services),
      stop: () => stop(cloud, listening, stateDir, issuer),
    };
  } catch (error) {
    await issuer?.stop();
    await gateway?.close();
    await cloud.stop();
    throw error;
  }
}

/** @returns the local cloud that runs on this state folder, if one does */
export function findRunning(stateDir: string): RunningFile | undefined {
  try {
    const running = JSON.parse(readFileSync(runningFile(stateDir), 'utf8')) as RunningFile;
    process.kill(running.pid, 0);
    return processIdentity(running.pid) === running.started ? running : undefined;
  } catch {
    return undefined; // no file, or the process that wrote it is gone
  }
}

/** A secret with the address of the local channel, made anew: the port may be another. */
async function keepChannel(cloud: LocalCloud, name: string): Promise<void> {
  const principal = { kind: 'user', arn: `arn:aws:iam::${cloud.account}:user/launchway` } as const;
  const call = (operation: string, input: object) =>
    cloud.call({ service: 'secretsmanager', operation, principal, input });
  const SecretString = `${cloud.url}${CHANNEL_PATH}`;
  await call('CreateSecret', { Name: name, SecretString }).catch((error: ServiceError) => {
    if (error.code !== 'ResourceExistsException') throw error;
    return call('PutSecretValue', { SecretId: name, SecretString });
  });
}

function count(cloud: LocalCloud, services: readonly Service[]) {
  const { invocations } = services.find(({ name }) => name === 'lambda') as LambdaService;
  return {
    lambdaInvocations: [...invocations.values()].reduce((sum, { invocations }) => sum + invocations, 0),
    stateTransitions: stateTransitions(cloud),
  };
}

async function stop(
  cloud: LocalCloud,
  gateway: { close(): Promise<void> },
  stateDir: string,
  issuer: LocalIssuer | undefined,
): Promise<void> {
  await gateway.close();
  await issuer?.stop();
  await cloud.stop();
  rmSync(runningFile(stateDir), { force: true });
}

function prepareStateDirectory(stateDir: string, fresh: boolean): void {
  const running = findRunning(stateDir);
  if (running) {
    throw new StateDirectoryError(
      `expected no local cloud on ${stateDir}, got one at ${running.url} (process ${running.pid}); stop it first`,
    );
  }
  try {
    if (fresh) rmSync(stateDir, { recursive: true, force: true });
    mkdirSync(stateDir, { recursive: true });
    accessSync(stateDir, constants.W_OK);
  } catch (error) {
    throw new StateDirectoryError(
      `expected a writable folder for the local cloud's state, got ${stateDir}: ${(error as Error).message}`,
    );
  }
}

const runningFile = (stateDir: string): string => join(stateDir, 'running.json');

function writeRunningFile(stateDir: string, running: RunningFile): void {
  writeFileSync(`${runningFile(stateDir)}.new`, JSON.stringify(running));
  renameSync(`${runningFile(stateDir)}.new`, runningFile(stateDir));
}

/** `cdk synth` into a folder, exactly as `cdk deploy` would. */
function synthesize(directory: string, report: (line: string) => void, issuer: string | undefined): Promise<string> {
  report('synthesizing the app');
  return new Promise((resolve, reject) => {
    const cdk = join(ROOT, 'node_modules', '.bin', 'cdk');
    const child = spawn(cdk, ['synth', '--quiet', '--output', directory], {
      cwd: ROOT,
      env: { ...process.env, ...(issuer !== undefined && { LAUNCHWAY_LOCAL_ISSUER: issuer }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve(directory) : reject(new Error(`cdk synth failed:\n${said}`))));
  });
}
