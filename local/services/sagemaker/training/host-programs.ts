import type { Clock } from '../../../clock.ts';
import type { Processes, Program, Running } from '../../../container/processes.ts';

/** How long a program may take to end after SIGTERM, before SIGKILL. */
const GRACE_MS = 120_000;

/** One host's program on its way. */
interface HostProgram {
  readonly program: Program;
  readonly onLine: (line: string) => void;
}

/** How a job's programs ended: the exit code of the first that failed, and its host. */
export interface Exit {
  readonly code: number;
  readonly host: number;
}

/** The programs of a job's hosts, which end together: the first that fails takes the others with it. */
export class HostPrograms {
  readonly #clock: Clock;
  readonly #running: readonly Running[];

  constructor(clock: Clock, processes: Processes, hosts: readonly HostProgram[]) {
    this.#clock = clock;
    this.#running = hosts.map(({ program, onLine }) => processes.start(program, onLine));
  }

  /** Asks every program to end. */
  end(): void {
    for (const one of this.#running) one.kill('SIGTERM');
    this.#clock.after(GRACE_MS, () => {
      for (const one of this.#running) one.kill('SIGKILL');
    });
  }

  /** Resolves once all have ended; with code 0 where none failed. */
  async exited(): Promise<Exit> {
    let failed: Exit | undefined;
    await Promise.all(
      this.#running.map(async ({ exited }, host) => {
        const { code } = await exited;
        if (code === 0 || failed) return;
        failed = { code, host };
        for (const one of this.#running) one.kill('SIGKILL');
      }),
    );
    return failed ?? { code: 0, host: 0 };
  }
}
