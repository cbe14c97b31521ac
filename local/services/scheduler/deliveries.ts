import { randomUUID } from 'node:crypto';
import { deliver } from '../../delivery.ts';
import { type Cloud, ServiceError } from '../../service.ts';
import { callTarget } from './call-target.ts';
import { groupArn, type Schedule, type Target } from './schedule.ts';
import { DEFAULT_EVENT_AGE } from './schedules.ts';

/** An occurrence on its way to its target. Times in milliseconds since the epoch. */
export interface Occurrence {
  /** `<aws.scheduler.execution-id>`; the same over all attempts. */
  readonly id: string;
  readonly scheduleArn: string;
  readonly group: string;
  readonly target: Target;
  readonly scheduledAt: number;
  readonly dueAt: number;
  /** Attempts made so far. */
  readonly attempts: number;
}

const OCCURRENCES = 'scheduler.occurrences';
const DEFAULT_ATTEMPTS = 185;
const LONGEST_PAUSE = 900_000;

/** Brings occurrences to their targets at least once, with the schedule's role, retries and dead-letter queue. */
export class Deliveries {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Stores an occurrence; the returned function begins to deliver it. */
  accept({ arn, group, target }: Schedule, scheduledAt: number): () => void {
    const dueAt = this.#cloud.clock.now();
    const occurrence = { id: randomUUID(), scheduleArn: arn, group, target, scheduledAt, dueAt, attempts: 0 };
    this.#cloud.store.put(OCCURRENCES, occurrence.id, occurrence);
    return () => this.#begin(occurrence);
  }

  resume(): void {
    for (const { value } of this.#cloud.store.list<Occurrence>(OCCURRENCES)) this.#begin(value);
  }

  #begin(occurrence: Occurrence): void {
    const attempt = () => void this.#cloud.track(this.#attempt(occurrence));
    if (occurrence.dueAt <= this.#cloud.clock.now()) attempt();
    else this.#cloud.clock.at(occurrence.dueAt, attempt);
  }

  async #attempt(occurrence: Occurrence): Promise<void> {
    const attempted = { ...occurrence, attempts: occurrence.attempts + 1 };
    try {
      await callTarget(this.#cloud, await this.#principal(occurrence), attempted);
      this.#cloud.store.delete(OCCURRENCES, occurrence.id);
    } catch (error) {
      await this.#failed(attempted, error);
    }
  }

  async #failed(occurrence: Occurrence, error: unknown): Promise<void> {
    const { RetryPolicy } = occurrence.target;
    const dueAt = this.#cloud.clock.now() + Math.min(LONGEST_PAUSE, 1000 * 2 ** (occurrence.attempts - 1));
    const expiresAt = occurrence.scheduledAt + (RetryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_EVENT_AGE) * 1000;
    const exhausted =
      occurrence.attempts > (RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_ATTEMPTS)
        ? 'MaximumRetryAttempts'
        : dueAt > expiresAt
          ? 'MaximumEventAgeInSeconds'
          : undefined;
    if (isWorthRetrying(error) && !exhausted) {
      const next = { ...occurrence, dueAt };
      this.#cloud.store.put(OCCURRENCES, occurrence.id, next);
      return this.#begin(next);
    }
    this.#cloud.store.delete(OCCURRENCES, occurrence.id);
    await this.#bury(occurrence, error, exhausted);
    // Without a dead-letter queue nothing else would tell of it.
    if (!occurrence.target.DeadLetterConfig?.Arn) throw error;
  }

  async #bury(occurrence: Occurrence, error: unknown, exhausted: string | undefined): Promise<void> {
    const { target, scheduleArn, attempts, scheduledAt, id } = occurrence;
    if (!target.DeadLetterConfig?.Arn) return;
    const failure = error as Error;
    await deliver(this.#cloud, await this.#principal(occurrence), target.DeadLetterConfig.Arn, {
      body: target.Input ?? '{}',
      attributes: {
        ERROR_CODE: failure.name || 'Error',
        ERROR_MESSAGE: failure.message.slice(0, 1024) || failure.name,
        ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
        EXECUTION_ID: id,
        RETRY_ATTEMPTS: String(attempts - 1),
        SCHEDULED_TIME: new Date(scheduledAt).toISOString(),
        SCHEDULE_ARN: scheduleArn,
        TARGET_ARN: target.Arn,
      },
    });
  }

  #principal({ target, id, group }: Occurrence) {
    return this.#cloud.assume(target.RoleArn, id, 'scheduler.amazonaws.com', groupArn(this.#cloud, group));
  }
}

/** What the target or the role refuses will be refused again. */
const isWorthRetrying = (error: unknown): boolean =>
  error instanceof ServiceError &&
  (error.status === 429 || (error.status >= 500 && error.status !== 501) || /Throttl/.test(error.code));
