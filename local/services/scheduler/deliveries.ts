import { randomUUID } from 'node:crypto';
import { deliver } from '../../delivery.ts';
import { failureAttributes, type PendingDelivery, RetriedDeliveries } from '../../retried-deliveries.ts';
import type { Cloud, Principal } from '../../service.ts';
import { callTarget } from './call-target.ts';
import { groupArn, type Schedule, type Target } from './schedule.ts';

/** An occurrence on its way to its target; its id is `<aws.scheduler.execution-id>`, the same over all attempts. */
export interface Occurrence extends PendingDelivery {
  readonly scheduleArn: string;
  readonly group: string;
  readonly target: Target;
}

/** Brings occurrences to their targets with the schedule's role, retries and dead-letter queue. */
export class Deliveries {
  readonly #cloud: Cloud;
  readonly #pending: RetriedDeliveries<Occurrence>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#pending = new RetriedDeliveries<Occurrence>(cloud, 'scheduler.occurrences', {
      attempt: async (occurrence) => callTarget(cloud, await this.#principal(occurrence), occurrence),
      giveUp: (occurrence, error, exhausted) => this.#bury(occurrence, error, exhausted),
    });
  }

  /** Stores an occurrence; the returned function begins to deliver it. */
  accept({ arn, group, target }: Schedule, scheduledAt: number): () => void {
    return this.#pending.accept({
      id: randomUUID(),
      scheduleArn: arn,
      group,
      target,
      since: scheduledAt,
      dueAt: this.#cloud.clock.now(),
      attempts: 0,
      retryPolicy: target.RetryPolicy,
    });
  }

  resume(): void {
    this.#pending.resume();
  }

  async #bury(occurrence: Occurrence, error: Error, exhausted: string | undefined): Promise<boolean> {
    const { target, scheduleArn, since, id } = occurrence;
    if (!target.DeadLetterConfig?.Arn) return false;
    await deliver(this.#cloud, await this.#principal(occurrence), target.DeadLetterConfig.Arn, {
      body: target.Input ?? '{}',
      attributes: {
        ...failureAttributes(occurrence, error, exhausted),
        EXECUTION_ID: id,
        SCHEDULED_TIME: new Date(since).toISOString(),
        SCHEDULE_ARN: scheduleArn,
        TARGET_ARN: target.Arn,
      },
    });
    return true;
  }

  #principal({ target, id, group }: Occurrence): Promise<Principal> {
    return this.#cloud.assume(target.RoleArn, id, 'scheduler.amazonaws.com', groupArn(this.#cloud, group));
  }
}
