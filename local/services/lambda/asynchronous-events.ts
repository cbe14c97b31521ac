import { randomUUID } from 'node:crypto';
import { deliver } from '../../delivery.ts';
import { type Cloud, ServiceError } from '../../service.ts';
import type { Failure } from './function-process.ts';
import type { FunctionRecord, Functions } from './function-record.ts';
import type { Invocation, Invoker } from './invoker.ts';

/** An accepted event that has not come to its end. Times in milliseconds since the epoch. */
interface PendingEvent {
  readonly id: string;
  readonly functionName: string;
  readonly payload: string;
  readonly acceptedAt: number;
  readonly dueAt: number;
  /** Invocations so far. */
  readonly attempts: number;
  /** Throttled tries so far. */
  readonly throttled: number;
}

type Condition = 'RetriesExhausted' | 'EventAgeExceeded' | 'Success';

const EVENTS = 'lambda.events';

/** Lambda waits one minute before the first retry and two before the second. */
const RETRY_DELAYS = [60_000, 120_000];

/** Longest pause between two tries of a throttled event. */
const LONGEST_THROTTLE_PAUSE = 300_000;

/**
 * Lambda's queue of asynchronous invocations: at least once, retried on the clock, ended in a dead-letter queue or a destination.
 * An event is in the store from its acceptance to its end, so it outlives a crash (and may then run twice).
 */
export class AsynchronousEvents {
  readonly #cloud: Cloud;
  readonly #functions: Functions;
  readonly #invoker: Invoker;
  /** What this process has scheduled. */
  readonly #scheduled = new Set<string>();

  constructor(cloud: Cloud, functions: Functions, invoker: Invoker) {
    this.#cloud = cloud;
    this.#functions = functions;
    this.#invoker = invoker;
  }

  accept(functionName: string, payload: string): string {
    const now = this.#cloud.clock.now();
    const event = { id: randomUUID(), functionName, payload, acceptedAt: now, dueAt: now, attempts: 0, throttled: 0 };
    this.#schedule(event);
    return event.id;
  }

  /** Goes on with what another process left; what this one has accepted meanwhile is under way already. */
  resume(): void {
    for (const { value } of this.#cloud.store.list<PendingEvent>(EVENTS)) {
      if (!this.#scheduled.has(value.id)) this.#schedule(value);
    }
  }

  #schedule(event: PendingEvent): void {
    this.#cloud.store.put(EVENTS, event.id, event);
    this.#scheduled.add(event.id);
    if (event.dueAt <= this.#cloud.clock.now()) void this.#cloud.track(this.#attempt(event));
    else this.#cloud.clock.at(event.dueAt, () => void this.#cloud.track(this.#attempt(event)));
  }

  async #attempt(event: PendingEvent): Promise<void> {
    const record = this.#functions.find(event.functionName);
    if (!record) return this.#forget(event);
    if (this.#tooOld(record, event, this.#cloud.clock.now())) return this.#end(record, event, 'EventAgeExceeded');
    let invocation: Invocation;
    try {
      invocation = await this.#invoker.invoke(event.functionName, event.payload);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status !== 429) throw error;
      const pause = Math.min(LONGEST_THROTTLE_PAUSE, 1000 * 2 ** event.throttled);
      return this.#schedule({ ...event, throttled: event.throttled + 1, dueAt: this.#cloud.clock.now() + pause });
    }
    await this.#conclude(record, { ...event, attempts: event.attempts + 1 }, invocation);
  }

  async #conclude(record: FunctionRecord, event: PendingEvent, { outcome }: Invocation): Promise<void> {
    if (!('failure' in outcome)) return this.#end(record, event, 'Success', JSON.parse(outcome.payload));
    if (event.attempts > record.invokeConfig.maximumRetryAttempts) {
      return this.#end(record, event, 'RetriesExhausted', outcome.failure);
    }
    const dueAt = this.#cloud.clock.now() + (RETRY_DELAYS[event.attempts - 1] ?? RETRY_DELAYS.at(-1)!);
    if (this.#tooOld(record, event, dueAt)) return this.#end(record, event, 'EventAgeExceeded', outcome.failure);
    this.#schedule({ ...event, dueAt });
  }

  #tooOld(record: FunctionRecord, event: PendingEvent, at: number): boolean {
    return at - event.acceptedAt > record.invokeConfig.maximumEventAgeSeconds * 1000;
  }

  async #end(record: FunctionRecord, event: PendingEvent, condition: Condition, response?: unknown): Promise<void> {
    const failed = condition !== 'Success';
    const destination = failed ? record.invokeConfig.onFailure : record.invokeConfig.onSuccess;
    try {
      if (destination)
        await this.#deliver(record, destination, { body: this.#recordOf(record, event, condition, response) });
      if (failed && record.deadLetterTarget) {
        await this.#deliver(record, record.deadLetterTarget, {
          body: event.payload,
          attributes: deadLetterAttributes(event, response as Failure | undefined),
        });
      }
    } finally {
      this.#forget(event);
    }
  }

  #forget({ id }: PendingEvent): void {
    this.#cloud.store.delete(EVENTS, id);
    this.#scheduled.delete(id);
  }

  async #deliver(record: FunctionRecord, arn: string, delivery: Parameters<typeof deliver>[3]): Promise<void> {
    const principal = await this.#cloud.assume(record.role, record.name, 'lambda.amazonaws.com', record.arn);
    await deliver(this.#cloud, principal, arn, delivery);
  }

  /** The invocation record that destinations receive. */
  #recordOf(record: FunctionRecord, event: PendingEvent, condition: Condition, response: unknown): string {
    return JSON.stringify({
      version: '1.0',
      timestamp: this.#cloud.clock.date().toISOString(),
      requestContext: {
        requestId: event.id,
        functionArn: `${record.arn}:$LATEST`,
        condition,
        approximateInvokeCount: event.attempts,
      },
      requestPayload: JSON.parse(event.payload),
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...(condition !== 'Success' && { functionError: 'Unhandled' }),
      },
      responsePayload: response ?? null,
    });
  }
}

const deadLetterAttributes = (event: PendingEvent, failure: Failure | undefined): Record<string, string> => ({
  RequestID: event.id,
  ErrorCode: '200',
  ErrorMessage: (failure?.errorMessage ?? 'the event became too old').slice(0, 1024) || 'unknown',
});
