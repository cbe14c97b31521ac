import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import config from '../../launchway.config.ts';
import { findRunning, type RunOptions, runLocalCloud } from '../../local/run.ts';
import { stateDirectory } from '../connection.ts';
import {
  bold,
  type CommonOptions,
  createOutput,
  dim,
  JSON_OPTION,
  parseDuration,
  table,
  UsageError,
} from '../output.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

export function registerLocal(program: Command): void {
  const local = program
    .command('local')
    .description('all of Launchway on this machine, without an AWS account')
    .option('--port <port>', 'port on 127.0.0.1', '4566')
    .option('--fresh', 'forget what earlier runs left')
    .option(
      '--sign-in',
      'demand a sign-in on the pages, at an issuer on the next port, and tell a channel what is asked',
    )
    .option('--example <name>', 'run an example on it and wait for your approval')
    .option('--assembly <folder>', 'deploy this synthesized app (a cdk.out) instead of synthesizing it')
    .option('--json', JSON_OPTION)
    .action((options: StartOptions, command: Command) => start(command.optsWithGlobals(), options));
  local
    .command('advance <duration>')
    .description('move the clock forward: 3d, 12h, 90m; everything due in between happens')
    .action((duration: string, _: unknown, command: Command) => advance(command.optsWithGlobals(), duration));
  local
    .command('pause')
    .description('stop the clock, to look around: nothing falls due until resume; advance still moves it')
    .action((_: unknown, command: Command) => setClock(command.optsWithGlobals(), 'pause'));
  local
    .command('resume')
    .description('let the clock go on')
    .action((_: unknown, command: Command) => setClock(command.optsWithGlobals(), 'resume'));
  local
    .command('permissions')
    .description('per role: granted actions, which were used and which never were')
    .action((_: unknown, command: Command) => permissions(command.optsWithGlobals()));
}

interface StartOptions {
  readonly port: string;
  readonly fresh?: boolean;
  readonly signIn?: boolean;
  readonly example?: string;
  readonly assembly?: string;
}

async function start({ json, prefix }: CommonOptions, options: StartOptions): Promise<void> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`expected a port, got "${options.port}"`);
  const output = createOutput(json ?? false);
  const running = await runLocalCloud({
    port,
    stateDir: stateDirectory(),
    fresh: options.fresh ?? false,
    images: exampleImages(),
    ...(options.assembly !== undefined && { assembly: resolve(options.assembly) }),
    ...(options.signIn && { signIn: localSignIn(port === 0 ? 0 : port + 1) }),
    report: (line) => output.line(dim(line)),
  });
  const { url, outputs, issuer } = running;
  output.result({ url, outputs, ...(issuer !== undefined && { issuer }) }, () =>
    [
      `${bold('Launchway runs at')} ${url}   inbox ${url}/_launchway/inbox   (Ctrl-C stops)`,
      ...(issuer === undefined ? [] : [`${bold('People sign in at')} ${issuer}   channel ${url}/_launchway/channel`]),
    ].join('\n'),
  );
  stopOnSignal(running.stop);
  if (options.example) {
    const { runExample } = await import('../run-example.ts');
    await runExample(running.url, options.example, prefix, (line) => output.line(line));
  }
}

/** The secret that launchway.config.ts names where a sign-in is asked for. */
const LOCAL_CHANNEL = 'launchway-local/channel';

/** The people of the configuration, with the groups that their roles would need. */
export function localSignIn(port: number): NonNullable<RunOptions['signIn']> {
  const { people, roles } = config;
  const members = Object.entries(people).flatMap(([id, { name, subjects = [] }]) => {
    const groups = Object.keys(roles).filter((role) => roles[role]!.includes(id));
    return subjects.map((subject) => ({ subject, name, groups }));
  });
  return { port, clientId: 'launchway', people: members, channelSecrets: [LOCAL_CHANNEL] };
}

/** Ctrl-C stops cleanly; a second one does not wait. */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      if (stopping) process.exit(130);
      stopping = true;
      await stop();
      process.exit(0);
    });
  }
}

/** Image repositories that the examples bring: `examples/images.json`, folders relative to the file. */
export function exampleImages(): Record<string, string> {
  const file = join(EXAMPLES, 'images.json');
  if (!existsSync(file)) return {};
  const images = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(images).map(([repository, folder]) => [repository, resolve(dirname(file), folder)]),
  );
}

async function advance({ json }: CommonOptions, duration: string): Promise<void> {
  const done = await control<{ now: string; fired: number }>('advance', { milliseconds: parseDuration(duration) });
  createOutput(json ?? false).result(done, () => `it is now ${done.now}; ${done.fired} timers fired`);
}

async function setClock({ json }: CommonOptions, to: 'pause' | 'resume'): Promise<void> {
  const clock = await control<{ now: string; paused: boolean }>(to, {});
  createOutput(json ?? false).result(
    clock,
    () => `it is ${clock.now}, and the clock ${clock.paused ? 'stands still' : 'goes on'}`,
  );
}

interface RoleUse {
  readonly role: string;
  readonly permissions: readonly {
    readonly action: string;
    readonly used: boolean;
    readonly resources: readonly string[];
  }[];
}

async function permissions({ json }: CommonOptions): Promise<void> {
  const roles = await control<RoleUse[]>('permissions');
  createOutput(json ?? false).result(roles, () =>
    roles.map(({ role, permissions }) => [bold(role), table(permissions.map(describeUse))].join('\n')).join('\n\n'),
  );
}

function describeUse({ action, used, resources }: RoleUse['permissions'][number]): string[] {
  const on = resources.slice(0, 2).join(' ') + (resources.length > 2 ? ` … ${resources.length} in all` : '');
  return [used ? '  used ' : '  never', action, on];
}

/** Asks the running local cloud itself. */
async function control<T>(what: string, body?: unknown): Promise<T> {
  const url = process.env.AWS_ENDPOINT_URL ?? findRunning(stateDirectory())?.url;
  if (!url) throw new UsageError('expected a running local cloud, got none; start one with launchway local');
  const response = await fetch(`${url}/_launchway/${what}`, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const answer = (await response.json()) as T & { message?: string };
  if (!response.ok) throw new UsageError(answer.message ?? `the local cloud answered ${response.status}`);
  return answer;
}
