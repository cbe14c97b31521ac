import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DoomedOptions } from './doomed-options.ts';

const RUNNER = fileURLToPath(new URL('./doomed-cloud.ts', import.meta.url));

/** When one life of the cloud ends: after so many of its writes, or after so many milliseconds. */
export type Death = { readonly afterWrites: number } | { readonly afterMs: number };

/** A local cloud in a process of its own that is killed and started again on the same state and port, as often as is planned. */
export class MortalCloud {
  readonly url: string;
  readonly kills: string[] = [];
  /** What the process said, all lives together. */
  readonly said: string[] = [];
  /** What the client is doing, for the table. */
  doing = 'start';
  readonly #options: DoomedOptions;
  readonly #deaths: Death[];
  #child: ChildProcess | undefined;
  #up: Promise<void> = Promise.resolve();
  #over = false;
  #failure: Error | undefined;

  readonly #onExit = () => this.#child?.kill('SIGKILL');

  private constructor(options: DoomedOptions, deaths: readonly Death[]) {
    process.on('exit', this.#onExit);
    this.#options = options;
    this.#deaths = [...deaths];
    this.url = `http://127.0.0.1:${options.port}`;
  }

  static async start(stateDir: string, assembly: string, deaths: readonly Death[]): Promise<MortalCloud> {
    const cloud = new MortalCloud({ port: await freePort(), stateDir, assembly }, deaths);
    cloud.#live();
    await cloud.up();
    return cloud;
  }

  /** Resolves once the present life answers; a life that ends before is followed by the next. */
  async up(): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const waited = this.#up;
      await waited;
      if (waited === this.#up) return;
    }
  }

  /** Kills it for good, and the present life with it. */
  async end(): Promise<void> {
    this.#over = true;
    process.off('exit', this.#onExit);
    this.#child?.kill('SIGKILL');
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null)
      await once(this.#child, 'exit');
  }

  #live(): void {
    const death = this.#deaths.shift();
    const options: DoomedOptions = {
      ...this.#options,
      ...(death && 'afterWrites' in death && { dieAtWrite: death.afterWrites }),
    };
    const child = spawn(process.execPath, ['--no-warnings', RUNNER, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const timer = death && 'afterMs' in death ? setTimeout(() => child.kill('SIGKILL'), death.afterMs) : undefined;
    this.#up = new Promise<void>((resolve) => {
      const lines = createInterface({ input: child.stdout! }).on('line', (line) => {
        if (line.startsWith('up ')) resolve();
        else this.said.push(line);
      });
      createInterface({ input: child.stderr! }).on('line', (line) => this.said.push(line));
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        lines.close();
        this.#died(death, code, signal);
        resolve();
      });
    });
  }

  #died(death: Death | undefined, code: number | null, signal: string | null): void {
    if (this.#over) return;
    if (signal !== 'SIGKILL' || !death) {
      this.#failure = new Error(`expected the cloud to live until it is killed, got code ${code} signal ${signal}`);
      return;
    }
    this.kills.push(`${this.doing}@${'afterMs' in death ? `${death.afterMs}ms` : `w${death.afterWrites}`}`);
    this.#live();
  }

  /**
   * Does something that a killed cloud may interrupt, until it is done.
   *
   * @param done whether an interrupted attempt was done all the same
   * @throws {Error} what went wrong without a kill
   */
  async patiently<T>(work: () => Promise<T>, done?: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      await this.up();
      const kills = this.kills.length;
      try {
        return await work();
      } catch (error) {
        await settled();
        if (this.kills.length === kills) throw error;
      }
      const found = done && (await this.patiently(done));
      if (found !== undefined) return found;
    }
  }
}

/** A client hears of a broken connection before the parent hears of the exit. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
