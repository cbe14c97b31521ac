import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { LocalCloud } from '../cloud.ts';
import { guarded, signalGroup } from '../guarded-program.ts';

/** Who can sign in, and for whom. */
export interface SignInOptions {
  /** Of the issuer on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  readonly clientId: string;
  /** Secrets that hold the address of the local channel. */
  readonly channelSecrets: readonly string[];
  readonly people: readonly { readonly subject: string; readonly name: string; readonly groups: readonly string[] }[];
}

/** What the issuer's process is given. */
export interface IssuerSettings extends SignInOptions {
  /** Origin of the pages that people come back to. */
  readonly pages: string;
}

export interface LocalIssuer {
  /** Its issuer identifier, `http://127.0.0.1:PORT`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What the process says once it listens, or cannot. */
interface Answer {
  readonly url?: string;
  readonly failure?: string;
}

const CLOCK = join(import.meta.dirname, '..', 'services', 'lambda', 'child', 'clock.mjs');

/**
 * Starts an OpenID Connect issuer (oidc-provider) in a process of its own, on the local clock: tokens of it are valid when the
 * functions that check them say so, however far the clock was moved.
 *
 * @throws {Error} a taken port
 */
export async function startLocalIssuer(
  cloud: Pick<LocalCloud, 'clock' | 'url'>,
  options: SignInOptions,
): Promise<LocalIssuer> {
  const { command, args } = guarded(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', CLOCK]);
  const child = fork(join(import.meta.dirname, 'issuer-process.ts'), {
    env: {
      LAUNCHWAY_ISSUER: JSON.stringify({ ...options, pages: cloud.url } satisfies IssuerSettings),
      LAUNCHWAY_CLOCK: JSON.stringify(cloud.clock.setting),
    },
    execPath: command,
    execArgv: [...args],
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const unfollow = cloud.clock.onMove((clock) => {
    if (child.connected) child.send({ clock });
  });
  const answer = await Promise.race<Answer>([
    new Promise((resolve) => child.once('message', (message) => resolve(message as Answer))),
    gone.then(() => ({ failure: said.trim() })),
  ]);
  const stop = async () => {
    unfollow();
    if (child.exitCode === null && child.signalCode === null) signalGroup(child.pid ?? 0, 'SIGKILL');
    await gone;
  };
  if (answer.url === undefined) {
    await stop();
    throw new Error(`expected the local issuer to listen on port ${options.port}, got ${answer.failure}`);
  }
  return { url: answer.url, stop };
}
