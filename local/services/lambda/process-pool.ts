import { availableParallelism, totalmem } from 'node:os';
import { StoppingError } from '../../service.ts';
import type { FunctionProcess } from './function-process.ts';

/** How many processes may live at a time. */
export interface PoolLimits {
  /** @default 8 */
  readonly perFunction?: number;
  /** @default one for each GB of memory, 16 to 32 */
  readonly total?: number;
  /** Real milliseconds after which an idle process is ended. @default 60000 */
  readonly idle?: number;
}

/** A start costs more than most invocations, so no more of them at a time than there are processors. */
const MOST_STARTS = Math.max(2, availableParallelism());

/** Real milliseconds that an invocation waits before a process that others could use is ended for it. */
const PATIENCE = 2_000;

interface Waiting {
  readonly name: string;
  /** By `performance.now()`. */
  readonly since: number;
  resolve(process: FunctionProcess): void;
  reject(error: unknown): void;
}

/**
 * Keeps function processes warm, starts more where all are busy, and makes invocations wait where the machine has enough.
 *
 * A process that becomes free serves its own function first; only then is it ended to make room for another's.
 */
export class ProcessPool {
  readonly #start: (name: string) => Promise<FunctionProcess>;
  readonly #limits: Required<PoolLimits>;
  readonly #processes = new Map<string, Set<FunctionProcess>>();
  readonly #starting = new Map<string, number>();
  #waiting: Waiting[] = [];

  /** @param start forks a process for a function as it is now */
  constructor(start: (name: string) => Promise<FunctionProcess>, limits: PoolLimits = {}) {
    this.#start = start;
    this.#limits = { perFunction: 8, total: mostProcesses(), idle: 60_000, ...limits };
  }

  get all(): FunctionProcess[] {
    return [...this.#processes.values()].flatMap((processes) => [...processes]);
  }

  /** A process that is the caller's until `release`: a warm one, a new one, or the next that becomes free. */
  acquire(name: string): Promise<FunctionProcess> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, since: performance.now(), resolve, reject });
      this.#serve();
    });
  }

  release(process: FunctionProcess): void {
    process.busy = false;
    process.lastUsed = performance.now();
    if (!process.alive) this.#forget(process);
    else this.#reapLater(process, process.lastUsed);
    this.#serve();
  }

  /** A process has loaded its handler: the next may start. */
  initialised(): void {
    this.#serve();
  }

  /** Ends a process that its owner does not trust any more. */
  async discard(process: FunctionProcess): Promise<void> {
    this.#forget(process);
    await process.kill();
    this.#serve();
  }

  /** Lets no further invocation run in the function's present processes: its code or settings changed. */
  retire(name: string): void {
    for (const process of this.#processes.get(name) ?? []) {
      this.#forget(process);
      if (!process.busy) void process.kill();
    }
  }

  /** True for a process that was retired while it was busy. */
  isRetired(process: FunctionProcess): boolean {
    return !this.#processes.get(process.record.name)?.has(process);
  }

  async stop(): Promise<void> {
    for (const { reject } of this.#waiting.splice(0)) reject(new StoppingError());
    await Promise.all(this.all.map((process) => process.kill()));
  }

  #serve(): void {
    const overdue = performance.now() - PATIENCE;
    this.#serveWho((waiting) => waiting.since < overdue && !this.#has(waiting.name) && this.#startFor(waiting));
    this.#serveWho((waiting) => this.#lend(waiting));
    this.#serveWho((waiting) => this.#startFor(waiting));
  }

  #serveWho(isServed: (waiting: Waiting) => boolean): void {
    this.#waiting = this.#waiting.filter((waiting) => !isServed(waiting));
  }

  #has(name: string): boolean {
    return (this.#processes.get(name)?.size ?? 0) + (this.#starting.get(name) ?? 0) > 0;
  }

  #lend({ name, resolve }: Waiting): boolean {
    const idle = [...(this.#processes.get(name) ?? [])].find((process) => !process.busy && process.alive);
    if (!idle) return false;
    idle.busy = true;
    resolve(idle);
    return true;
  }

  #startFor({ name, resolve, reject }: Waiting): boolean {
    const starting = this.#starting.get(name) ?? 0;
    const own = (this.#processes.get(name)?.size ?? 0) + starting;
    if (own >= this.#limits.perFunction || this.#underWay >= MOST_STARTS) return false;
    if (!this.#hasRoom()) return false;
    this.#starting.set(name, starting + 1);
    this.#start(name)
      .finally(() => this.#starting.set(name, this.#starting.get(name)! - 1))
      .then((process) => {
        this.#processes.set(name, (this.#processes.get(name) ?? new Set()).add(process));
        resolve(process);
      }, reject);
    return true;
  }

  /** Starts under way, handlers that load included. */
  get #underWay(): number {
    return this.#startingInAll + this.all.filter((process) => process.alive && !process.initialised).length;
  }

  get #startingInAll(): number {
    return [...this.#starting.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Makes room by ending the process that has been idle longest. */
  #hasRoom(): boolean {
    const all = this.all;
    if (all.length + this.#startingInAll < this.#limits.total) return true;
    const oldest = all.filter((process) => !process.busy).sort((a, b) => a.lastUsed - b.lastUsed)[0];
    if (!oldest) return false;
    this.#forget(oldest);
    void oldest.kill();
    return true;
  }

  /** In real time: how long a process stays warm has no meaning on the cloud's clock. */
  #reapLater(process: FunctionProcess, usedAt: number): void {
    const timer = setTimeout(() => {
      if (process.busy || process.lastUsed !== usedAt) return;
      this.#forget(process);
      void process.kill();
    }, this.#limits.idle);
    timer.unref();
  }

  #forget(process: FunctionProcess): void {
    this.#processes.get(process.record.name)?.delete(process);
  }
}

const mostProcesses = (): number => Math.min(32, Math.max(16, Math.floor(totalmem() / 2 ** 30)));
