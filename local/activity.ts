/** Counts work under way, so that the clock never jumps over it. */
export class Activity {
  #running = 0;
  #waiting: (() => void)[] = [];

  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  get running(): number {
    return this.#running;
  }

  /** Counts work whose failure its caller handles. */
  count<T>(work: Promise<T>): Promise<T> {
    this.#running++;
    const settled = () => this.#settle();
    work.then(settled, settled);
    return work;
  }

  /** Counts work that nobody awaits: a rejection is reported. */
  track<T>(work: Promise<T>): Promise<T> {
    work.catch((error) => this.#onFailure(error));
    return this.count(work);
  }

  /** Resolves when nothing is under way, and still nothing a few turns of the event loop later. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      if (this.#running > 0) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        quiet = 0;
      } else {
        await new Promise((resolve) => setImmediate(resolve));
        quiet++;
      }
    }
  }

  #settle(): void {
    this.#running--;
    if (this.#running > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
