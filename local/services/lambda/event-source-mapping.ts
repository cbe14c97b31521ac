import { queueUrl } from '../../delivery.ts';
import { type Cloud, type Principal, ServiceError } from '../../service.ts';
import { arrivalsOf } from '../sqs/arrivals.ts';
import type { Functions } from './function-record.ts';
import type { Invoker } from './invoker.ts';
import { type ReceivedMessage, sqsEvent } from './sqs-event.ts';

/** A mapping from a queue to a function, as stored. */
export interface MappingRecord {
  readonly id: string;
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly reportBatchItemFailures: boolean;
  /** Batches at a time. */
  readonly maximumConcurrency: number;
  readonly enabled: boolean;
}

/** What one ReceiveMessage can bring. */
const RECEIVE_LIMIT = 10;

/** Bytes of one batch's messages; the event around them has to stay below Lambda's 6 MB. */
const BATCH_BYTES = 5_500_000;

/** Polls one queue for one function: woken by arrivals, never by time, so a quiet queue costs nothing however far the clock moves. */
export class QueuePoller {
  readonly #cloud: Cloud;
  readonly #functions: Functions;
  readonly #invoker: Invoker;
  readonly #mapping: MappingRecord;
  #unlisten: (() => void) | undefined;
  #active = 0;
  #collecting = false;
  #again = false;

  constructor(cloud: Cloud, functions: Functions, invoker: Invoker, mapping: MappingRecord) {
    this.#cloud = cloud;
    this.#functions = functions;
    this.#invoker = invoker;
    this.#mapping = mapping;
  }

  start(): void {
    this.#unlisten = arrivalsOf(this.#cloud).listen(this.#mapping.queueArn, () => this.#wake());
    this.#wake();
  }

  stop(): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  #wake(): void {
    if (this.#collecting) {
      this.#again = true;
      return;
    }
    this.#collecting = true;
    const window = this.#mapping.batchingWindowSeconds * 1000;
    const collect = () => void this.#cloud.track(this.#collect());
    if (window > 0) this.#cloud.clock.after(window, collect);
    else collect();
  }

  /** Receives while there is something and a free place, and starts a batch for each. */
  async #collect(): Promise<void> {
    try {
      do {
        this.#again = false;
        while (this.#unlisten && this.#active < this.#mapping.maximumConcurrency) {
          const principal = await this.#principal();
          const messages = await this.#receive(principal);
          if (messages.length === 0) break;
          for (const batch of splitBySize(messages)) void this.#cloud.track(this.#process(principal, batch));
        }
      } while (this.#again && this.#unlisten && this.#active < this.#mapping.maximumConcurrency);
    } finally {
      this.#collecting = false;
    }
  }

  async #receive(principal: Principal): Promise<ReceivedMessage[]> {
    const messages: ReceivedMessage[] = [];
    while (messages.length < this.#mapping.batchSize) {
      const MaxNumberOfMessages = Math.min(RECEIVE_LIMIT, this.#mapping.batchSize - messages.length);
      const output = (await this.#call(principal, 'ReceiveMessage', {
        MaxNumberOfMessages,
        WaitTimeSeconds: 0,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      })) as { Messages?: ReceivedMessage[] };
      messages.push(...(output.Messages ?? []));
      if ((output.Messages ?? []).length === 0) break;
    }
    return messages;
  }

  async #process(principal: Principal, messages: readonly ReceivedMessage[]): Promise<void> {
    this.#active++;
    try {
      const done = await this.#run(messages);
      for (let start = 0; start < done.length; start += RECEIVE_LIMIT) {
        const Entries = done
          .slice(start, start + RECEIVE_LIMIT)
          .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await this.#call(principal, 'DeleteMessageBatch', { Entries });
      }
    } finally {
      this.#active--;
      if (this.#unlisten) this.#wake();
    }
  }

  /** @returns the messages that are done; the others come back when their visibility timeout ends */
  async #run(messages: readonly ReceivedMessage[]): Promise<readonly ReceivedMessage[]> {
    const event = sqsEvent(messages, this.#mapping.queueArn, this.#cloud.region);
    try {
      const { outcome } = await this.#invoker.invoke(this.#mapping.functionName, JSON.stringify(event));
      if ('failure' in outcome) return [];
      return this.#mapping.reportBatchItemFailures ? succeeded(messages, JSON.parse(outcome.payload)) : messages;
    } catch (error) {
      if (error instanceof ServiceError && error.status === 429) return [];
      throw error;
    }
  }

  #principal(): Promise<Principal> {
    const { role, name, arn } = this.#functions.get(this.#mapping.functionName);
    return this.#cloud.assume(role, name, 'lambda.amazonaws.com', arn);
  }

  #call(principal: Principal, operation: string, input: object): Promise<unknown> {
    const QueueUrl = queueUrl(this.#cloud, this.#mapping.queueArn);
    return this.#cloud.call({ service: 'sqs', operation, principal, input: { QueueUrl, ...input } });
  }
}

/** By Lambda's rules a malformed answer, or one that names an unknown message, fails the whole batch. */
const succeeded = (messages: readonly ReceivedMessage[], answer: unknown): readonly ReceivedMessage[] => {
  const failures = (answer as { batchItemFailures?: unknown } | null)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return [];
  const failed = new Set(failures.map((failure) => failure?.itemIdentifier));
  const known = new Set<unknown>(messages.map((message) => message.MessageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return messages.filter((message) => !failed.has(message.MessageId));
};

const splitBySize = (messages: readonly ReceivedMessage[]): ReceivedMessage[][] => {
  const batches: ReceivedMessage[][] = [[]];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(JSON.stringify(message));
    if (bytes > 0 && bytes + size > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(message);
    bytes += size;
  }
  return batches;
};
