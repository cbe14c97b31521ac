/**
 * Tells who waits for a queue that a message can be received: pollers and long polls wake by arrival, never by busy polling.
 * It carries no message; whoever is told calls ReceiveMessage with its own permissions.
 */
export class Arrivals {
  readonly #listeners = new Map<string, Set<() => void>>();
  #onListen: (queueArn: string) => void = () => {};

  /** Called whenever someone starts to listen, so that the queue arms its timer. */
  set onListen(listener: (queueArn: string) => void) {
    this.#onListen = listener;
  }

  /** Calls back on every moment at which a message became receivable. Returns the unsubscribe. */
  listen(queueArn: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(queueArn) ?? new Set();
    this.#listeners.set(queueArn, listeners.add(listener));
    this.#onListen(queueArn);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(queueArn) === listeners) this.#listeners.delete(queueArn);
    };
  }

  has(queueArn: string): boolean {
    return this.#listeners.has(queueArn);
  }

  announce(queueArn: string): void {
    for (const listener of [...(this.#listeners.get(queueArn) ?? [])]) listener();
  }
}

const byCloud = new WeakMap<object, Arrivals>();

/** The arrivals of one cloud's queues: SQS announces, Lambda's event source mappings listen. */
export const arrivalsOf = (cloud: object): Arrivals => {
  const arrivals = byCloud.get(cloud) ?? new Arrivals();
  byCloud.set(cloud, arrivals);
  return arrivals;
};
