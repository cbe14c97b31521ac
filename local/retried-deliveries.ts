import { type Cloud, ServiceError } from './service.ts';

/** How long to try, as the APIs of EventBridge and Scheduler write it. */
export interface RetryPolicy {
  /** @default 185 */
  readonly MaximumRetryAttempts?: number;
  /** @default 86400 */
  readonly MaximumEventAgeInSeconds?: number;
}

/** Something on its way to a target. Times in milliseconds since the epoch. */
export interface PendingDelivery {
  readonly id: string;
  /** Where its age counts from. */
  readonly since: number;
  readonly dueAt: number;
  /** Attempts made so far. */
  readonly attempts: number;
  readonly retryPolicy?: RetryPolicy;
}

export interface DeliverySteps<Item> {
  attempt(item: Item): Promise<void>;
  /**
   * Called once where no attempt succeeded.
   *
   * @param exhausted which limit ended it; undefined where trying again could not help
   * @returns whether the item was put somewhere, such as a dead-letter queue; otherwise the cloud reports the failure
   */
  giveUp(item: Item, error: Error, exhausted: string | undefined): Promise<boolean>;
}

const DEFAULT_ATTEMPTS = 185;
export const DEFAULT_EVENT_AGE = 86_400;
const LONGEST_PAUSE = 900_000;

/** Delivers at least once: what is accepted is in the store until it is delivered or given up, whatever happens to the process. */
export class RetriedDeliveries<Item extends PendingDelivery> {
  readonly #cloud: Cloud;
  readonly #space: string;
  readonly #steps: DeliverySteps<Item>;
  /** What this process has begun. */
  readonly #begun = new Set<string>();

  /** @param space the store's space for what is pending */
  constructor(cloud: Cloud, space: string, steps: DeliverySteps<Item>) {
    this.#cloud = cloud;
    this.#space = space;
    this.#steps = steps;
  }

  /** Stores an item; the returned function begins to deliver it. May be part of a transaction. */
  accept(item: Item): () => void {
    this.#cloud.store.put(this.#space, item.id, item);
    return () => this.#begin(item);
  }

  /** Goes on with what another process left; what this one has begun meanwhile is under way already. */
  resume(): void {
    for (const { value } of this.#cloud.store.list<Item>(this.#space)) {
      if (!this.#begun.has(value.id)) this.#begin(value);
    }
  }

  #begin(item: Item): void {
    this.#begun.add(item.id);
    const attempt = () => void this.#cloud.track(this.#attempt(item));
    if (item.dueAt <= this.#cloud.clock.now()) attempt();
    else this.#cloud.clock.at(item.dueAt, attempt);
  }

  #end(item: Item): void {
    this.#cloud.store.delete(this.#space, item.id);
    this.#begun.delete(item.id);
  }

  async #attempt(item: Item): Promise<void> {
    const attempted = { ...item, attempts: item.attempts + 1 };
    try {
      await this.#steps.attempt(attempted);
      this.#end(item);
    } catch (error) {
      await this.#failed(attempted, error as Error);
    }
  }

  async #failed(item: Item, error: Error): Promise<void> {
    const dueAt = this.#cloud.clock.now() + Math.min(LONGEST_PAUSE, 1000 * 2 ** (item.attempts - 1));
    const exhausted = exhaustedLimit(item, dueAt);
    if (isWorthRetrying(error) && !exhausted) {
      const next = { ...item, dueAt };
      this.#cloud.store.put(this.#space, item.id, next);
      return this.#begin(next);
    }
    try {
      const kept = await this.#steps.giveUp(item, error, isWorthRetrying(error) ? exhausted : undefined);
      if (!kept) throw error;
    } finally {
      this.#end(item);
    }
  }
}

const exhaustedLimit = ({ attempts, since, retryPolicy }: PendingDelivery, dueAt: number): string | undefined => {
  if (attempts > (retryPolicy?.MaximumRetryAttempts ?? DEFAULT_ATTEMPTS)) return 'MaximumRetryAttempts';
  const age = (retryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_EVENT_AGE) * 1000;
  return dueAt > since + age ? 'MaximumEventAgeInSeconds' : undefined;
};

/** What the target or the role refuses will be refused again. */
const isWorthRetrying = (error: unknown): boolean =>
  error instanceof ServiceError &&
  (error.status === 429 || (error.status >= 500 && error.status !== 501) || /Throttl/.test(error.code));

/** The attributes that say, on a dead letter, why it is one. */
export const failureAttributes = (
  item: PendingDelivery,
  error: Error,
  exhausted: string | undefined,
): Record<string, string> => ({
  ERROR_CODE: error.name || 'Error',
  ERROR_MESSAGE: error.message.slice(0, 1024) || error.name,
  ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  RETRY_ATTEMPTS: String(item.attempts - 1),
});
