import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { guarded, signalGroup } from '../guarded-program.ts';
import { processIdentity } from '../process-identity.ts';
import { type Cloud, StoppingError } from '../service.ts';

const REPOSITORY_BIN = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));

export interface Program {
  /** Absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Exit {
  /** The exit code; a signal counts 128 + its number, as a shell says it. */
  readonly code: number;
}

export interface Running {
  readonly pid: number;
  readonly alive: boolean;
  readonly exited: Promise<Exit>;
  /** Signals the program and everything it started. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** The containers of this machine: local processes, each a group of its own, none of which outlives the local cloud. */
export class Processes {
  readonly #cloud: Cloud;
  readonly #space: string;
  readonly #running = new Map<number, Running>();
  readonly #onExit = () => this.#killAll();
  #stopped = false;

  /** @param space the store's space for what is running */
  constructor(cloud: Cloud, space: string) {
    this.#cloud = cloud;
    this.#space = space;
    process.on('exit', this.#onExit);
  }

  /**
   * Starts a program with nothing of this process's environment: no credentials reach a container.
   *
   * @param onLine each line of stdout and stderr
   */
  start(program: Program, onLine: (line: string) => void): Running {
    if (this.#stopped) throw new StoppingError();
    const { command, args } = guarded(program.command, program.args);
    const child = spawn(command, args, {
      cwd: program.cwd,
      env: { PATH: path(), LANG: 'C.UTF-8', ...program.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const running = watch(child, onLine);
    if (child.pid === undefined) return running;
    this.#running.set(running.pid, running);
    this.#cloud.store.put(this.#space, String(running.pid), processIdentity(running.pid));
    void running.exited.then(() => this.#forget(running.pid));
    return running;
  }

  /** Ends what a killed predecessor of this process left running, should its guard have been killed too. */
  endOrphans(): void {
    for (const { key, value } of this.#cloud.store.list<string>(this.#space)) {
      const pid = Number(key);
      if (this.#running.has(pid)) continue;
      // The same number may be another program's by now.
      if (value && processIdentity(pid) === value) signalGroup(pid, 'SIGKILL');
      this.#cloud.store.delete(this.#space, key);
    }
  }

  /** Ends every program and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    process.off('exit', this.#onExit);
    const ending = [...this.#running.values()].map((running) => running.exited);
    this.#killAll();
    await Promise.all(ending);
  }

  #killAll(): void {
    for (const running of this.#running.values()) running.kill('SIGKILL');
  }

  #forget(pid: number): void {
    this.#running.delete(pid);
    this.#cloud.store.delete(this.#space, String(pid));
  }
}

function watch(child: ChildProcess, onLine: (line: string) => void): Running {
  let alive = child.pid !== undefined;
  const outputs = [child.stdout!, child.stderr!].map((stream) => {
    const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
    return new Promise<void>((resolve) => lines.once('close', () => resolve()));
  });
  const ended = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      alive = false;
      onLine(`cannot start: ${error.message}`);
      resolve({ code: 127 });
    });
    child.once('exit', (code, signal) => {
      alive = false;
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143) });
    });
  });
  const pid = child.pid ?? -1;
  return {
    pid,
    get alive() {
      return alive;
    },
    exited: ended.then(async (exit) => {
      // A grandchild that keeps the pipe open must not keep the job from ending.
      if (pid > 0) signalGroup(pid, 'SIGKILL');
      await Promise.all(outputs);
      return exit;
    }),
    // Once it has ended its number may be another program's.
    kill: (signal) => {
      if (alive) signalGroup(pid, signal);
    },
  };
}

/** The repository's Node first, then the one that runs this, then the system's programs. */
const path = (): string =>
  [REPOSITORY_BIN, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
