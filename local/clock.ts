/** A pending callback. */
export interface Timer {
  cancel(): void;
}

interface Entry {
  readonly dueAt: number;
  readonly run: () => void | Promise<void>;
}

/** What a clock is set to, in milliseconds. */
export interface ClockSetting {
  /** Ahead of real time. */
  readonly offset: number;
  /** Where it stands still, since the epoch. */
  readonly pausedAt?: number;
}

/** Node's setTimeout cannot wait longer than this many milliseconds. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * The one clock of the local cloud: real time plus an offset that `advance` moves.
 *
 * Waits, retries, schedules and timeouts are timers here, so three days pass in milliseconds: every timer that is due in
 * between fires at its own moment, in order, and the work it starts is finished before the clock moves on.
 */
export class Clock {
  #offset: number;
  #timers: Entry[] = [];
  #alarm: NodeJS.Timeout | undefined;
  #advancing = false;
  #pausedAt: number | undefined;
  #stopped = false;
  #moved = new Set<(setting: ClockSetting) => void>();
  readonly #idle: () => Promise<void>;

  /**
   * @param setting as stored by the last run
   * @param idle resolves when no work is under way
   */
  constructor({ offset, pausedAt }: ClockSetting = { offset: 0 }, idle: () => Promise<void> = async () => {}) {
    this.#offset = offset;
    this.#pausedAt = pausedAt;
    this.#idle = idle;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#pausedAt ?? Date.now() + this.#offset;
  }

  date(): Date {
    return new Date(this.now());
  }

  /** Milliseconds ahead of real time. */
  get offset(): number {
    return this.#pausedAt === undefined ? this.#offset : this.#pausedAt - Date.now();
  }

  /** What another process needs to tell the same time. */
  get setting(): ClockSetting {
    return { offset: this.#offset, ...(this.#pausedAt !== undefined && { pausedAt: this.#pausedAt }) };
  }

  get paused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** The clock stands still and no timer fires, whatever becomes due, until `resume`; `advance` still moves it. */
  pause(): void {
    if (this.#pausedAt !== undefined) return;
    this.#pausedAt = this.now();
    this.#tell();
    this.#arm();
  }

  /** The clock goes on from where it stands. */
  resume(): void {
    if (this.#pausedAt === undefined) return;
    this.#offset = this.#pausedAt - Date.now();
    this.#pausedAt = undefined;
    this.#tell();
    this.#arm();
  }

  /** Tells of every change of the setting; function processes follow it. Returns the unsubscribe. */
  onMove(listener: (setting: ClockSetting) => void): () => void {
    this.#moved.add(listener);
    return () => this.#moved.delete(listener);
  }

  /** Runs once when the clock reaches `dueAt` (milliseconds since the epoch); at once if that has passed. */
  at(dueAt: number, run: () => void | Promise<void>): Timer {
    const entry: Entry = { dueAt, run };
    // What is still under way at the end arms nothing: it comes back with the next start.
    if (this.#stopped) return { cancel: () => {} };
    this.#timers.splice(this.#placeOf(dueAt), 0, entry);
    this.#arm();
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== entry);
        this.#arm();
      },
    };
  }

  after(milliseconds: number, run: () => void | Promise<void>): Timer {
    return this.at(this.now() + milliseconds, run);
  }

  /** When the next timer is due, in milliseconds since the epoch. */
  get nextDue(): number | undefined {
    return this.#timers[0]?.dueAt;
  }

  /**
   * Moves the clock forward, firing what becomes due in order.
   *
   * @param milliseconds ≥ 0
   * @returns how many timers fired
   */
  async advance(milliseconds: number): Promise<{ fired: number }> {
    if (!(milliseconds >= 0)) throw new RangeError(`expected milliseconds >= 0, got ${milliseconds}`);
    if (this.#advancing) throw new Error('expected one advance at a time, got a second');
    this.#advancing = true;
    try {
      const target = this.now() + milliseconds;
      let fired = 0;
      for (;;) {
        await this.#idle();
        const next = this.#timers[0];
        if (!next || next.dueAt > Math.max(target, this.now())) break;
        this.#timers.shift();
        if (next.dueAt > this.now()) this.#move(next.dueAt);
        await next.run();
        fired++;
      }
      if (target > this.now()) this.#move(target);
      return { fired };
    } finally {
      this.#advancing = false;
      this.#arm();
    }
  }

  /** Forgets every timer; for a stop. */
  stop(): void {
    this.#stopped = true;
    this.#timers = [];
    clearTimeout(this.#alarm);
  }

  #move(to: number): void {
    if (this.#pausedAt === undefined) this.#offset += to - this.now();
    else this.#pausedAt = to;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#moved) listener(this.setting);
  }

  /** Index of the first timer that is due later. */
  #placeOf(dueAt: number): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timers[middle]!.dueAt <= dueAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #arm(): void {
    clearTimeout(this.#alarm);
    const next = this.#timers[0];
    if (!next || this.#pausedAt !== undefined) return;
    this.#alarm = setTimeout(() => this.#fire(), Math.min(LONGEST_SLEEP, Math.max(0, next.dueAt - this.now())));
  }

  #fire(): void {
    while (this.#timers[0] && this.#pausedAt === undefined && this.#timers[0].dueAt <= this.now()) {
      void this.#timers.shift()!.run();
    }
    this.#arm();
  }
}
