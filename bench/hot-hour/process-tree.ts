import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 100;

/** Watches the processes below one: the most that any of them held at a time. Linux only; elsewhere it sees none. */
export class ProcessTree {
  readonly #root: number;
  readonly #timer: NodeJS.Timeout;
  #largest = 0;

  constructor(root: number) {
    this.#root = root;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** @returns the largest resident set of a single child, in bytes */
  stop(): { readonly largestChildBytes: number } {
    clearInterval(this.#timer);
    return { largestChildBytes: this.#largest };
  }

  #look(): void {
    if (process.platform !== 'linux') return;
    const parents = new Map<number, number>();
    const peaks = new Map<number, number>();
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const status = statusOf(name);
      if (status === undefined) continue;
      parents.set(Number(name), Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? 0));
      peaks.set(Number(name), 1_024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0));
    }
    for (const [pid, peak] of peaks) if (this.#isBelow(pid, parents)) this.#largest = Math.max(this.#largest, peak);
  }

  #isBelow(pid: number, parents: ReadonlyMap<number, number>): boolean {
    for (let at = parents.get(pid); at; at = parents.get(at)) if (at === this.#root) return true;
    return false;
  }
}

function statusOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined; // it has ended
  }
}
