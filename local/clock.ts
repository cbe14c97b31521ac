/** A pending callback. */
export interface Timer {
  cancel(): void;
}

interface Entry {
  readonly dueAt: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
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
  #order = 0;
  #alarm: NodeJS.Timeout | undefined;
  #advancing = false;
  #moved = new Set<(offset: number) => void>();
  readonly #idle: () => Promise<void>;

  /**
   * @param offset milliseconds ahead of real time, as stored by the last run
   * @param idle resolves when no work is under way
   */
  constructor(offset = 0, idle: () => Promise<void> = async () => {}) {
    this.#offset = offset;
    this.#idle = idle;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#offset;
  }

  date(): Date {
    return new Date(this.now());
  }

  /** Milliseconds ahead of real time. */
  get offset(): number {
    return this.#offset;
  }

  /** Tells of every change of the offset; function processes follow it. Returns the unsubscribe. */
  onMove(listener: (offset: number) => void): () => void {
    this.#moved.add(listener);
    return () => this.#moved.delete(listener);
  }

  /** Runs once when the clock reaches `dueAt` (milliseconds since the epoch); at once if that has passed. */
  at(dueAt: number, run: () => void | Promise<void>): Timer {
    const entry: Entry = { dueAt, order: this.#order++, run };
    this.#timers.push(entry);
    this.#timers.sort((a, b) => a.dueAt - b.dueAt || a.order - b.order);
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
    this.#timers = [];
    clearTimeout(this.#alarm);
  }

  #move(to: number): void {
    this.#offset += to - this.now();
    for (const listener of this.#moved) listener(this.#offset);
  }

  #arm(): void {
    clearTimeout(this.#alarm);
    const next = this.#timers[0];
    if (!next) return;
    this.#alarm = setTimeout(() => this.#fire(), Math.min(LONGEST_SLEEP, Math.max(0, next.dueAt - this.now())));
  }

  #fire(): void {
    while (this.#timers[0] && this.#timers[0].dueAt <= this.now()) {
      void this.#timers.shift()!.run();
    }
    this.#arm();
  }
}
