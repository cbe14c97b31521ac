import { createHash, randomUUID } from 'node:crypto';
import type { Timer } from '../../clock.ts';
import { type Cloud, ServiceError } from '../../service.ts';
import { type Arrivals, arrivalsOf } from './arrivals.ts';
import type { Message, MessageAttributes } from './message.ts';
import { Queue, type QueueRecord } from './queue.ts';
import { QueueMetrics } from './queue-metrics.ts';

const QUEUES = 'sqs.queues';
const MESSAGES = 'sqs.messages';
const DEDUPLICATION = 'sqs.deduplication';
const COUNTERS = 'sqs.counters';

/** SQS's deduplication interval, in milliseconds. */
const DEDUPLICATION_INTERVAL = 300_000;

/** A message about to be sent. */
export interface Draft {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly delaySeconds?: number;
  readonly traceHeader?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

interface Deduplicated {
  readonly message: Message;
  readonly until: number;
}

/** Every queue of the cloud: each change is in the store before it is in memory, and wakes whoever waits. */
export class Queues {
  readonly arrivals: Arrivals;
  readonly #cloud: Cloud;
  readonly #queues = new Map<string, Queue>();
  readonly #timers = new Map<string, Timer>();
  readonly #metrics: QueueMetrics;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#metrics = new QueueMetrics(cloud);
    this.arrivals = arrivalsOf(cloud);
    this.arrivals.onListen = (arn) => this.#arm(nameOf(arn));
    for (const { value } of cloud.store.list<QueueRecord>(QUEUES)) {
      const messages = cloud.store.list<Message>(MESSAGES, `${value.name}/`).map((entry) => entry.value);
      this.#queues.set(value.name, new Queue(value, messages));
    }
  }

  /** After a restart. */
  resume(): void {
    for (const queue of this.#queues.values()) if (queue.messages.length > 0) this.#metrics.changed(queue);
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.#cloud.region}:${this.#cloud.account}:${name}`;
  }

  urlOf(name: string): string {
    return `${this.#cloud.url}/${this.#cloud.account}/${name}`;
  }

  get names(): readonly string[] {
    return [...this.#queues.keys()].sort();
  }

  find(name: string): Queue | undefined {
    const queue = this.#queues.get(name);
    if (queue) this.#expire(queue);
    return queue;
  }

  /** @throws {ServiceError} QueueDoesNotExist */
  get(name: string): Queue {
    const queue = this.find(name);
    if (!queue) throw new ServiceError('QueueDoesNotExist', `The specified queue does not exist: ${name}.`);
    return queue;
  }

  save(record: QueueRecord): Queue {
    this.#cloud.store.put(QUEUES, record.name, record);
    const queue = this.#queues.get(record.name) ?? new Queue(record);
    queue.record = record;
    this.#queues.set(record.name, queue);
    return queue;
  }

  delete(name: string): void {
    const queue = this.get(name);
    this.#cloud.store.transaction(() => {
      this.purge(queue);
      this.#cloud.store.delete(QUEUES, name);
    });
    this.#timers.get(name)?.cancel();
    this.#metrics.forget(name);
    this.#queues.delete(name);
  }

  purge(queue: Queue): void {
    this.#cloud.store.transaction(() => {
      for (const message of queue.messages) this.remove(queue, message.sequence);
    });
  }

  /** Stores a message, or answers with the one sent before under the same deduplication id. */
  send(queue: Queue, draft: Draft): Message {
    const { settings, name } = queue.record;
    const now = this.#cloud.clock.now();
    const deduplicationId = settings.fifo
      ? (draft.deduplicationId ?? createHash('sha256').update(draft.body).digest('hex'))
      : undefined;
    const key = `${name}/${deduplicationId}`;
    const earlier = deduplicationId && this.#cloud.store.get<Deduplicated>(DEDUPLICATION, key);
    if (earlier && earlier.until > now) return earlier.message;
    const message = this.#cloud.store.transaction(() => {
      const { delaySeconds, ...rest } = draft;
      const stored: Message = {
        ...rest,
        deduplicationId,
        id: randomUUID(),
        sequence: this.#nextSequence(),
        sentAt: now,
        visibleAt: now + (delaySeconds ?? settings.delaySeconds) * 1000,
        receiveCount: 0,
      };
      this.#put(queue, stored);
      if (deduplicationId)
        this.#cloud.store.put(DEDUPLICATION, key, { message: stored, until: now + DEDUPLICATION_INTERVAL });
      return stored;
    });
    this.changed(queue);
    return message;
  }

  /** Takes messages out of sight; those received too often go to the dead-letter queue instead. */
  receive(queue: Queue, most: number, visibilitySeconds: number): readonly Message[] {
    const { received, exhausted } = queue.receive(most, visibilitySeconds, this.#cloud.clock.now());
    this.#cloud.store.transaction(() => {
      for (const message of received) this.#put(queue, message);
      for (const message of exhausted) this.#bury(queue, message);
    });
    this.#arm(queue.record.name);
    return received;
  }

  remove(queue: Queue, sequence: number): void {
    this.#cloud.store.delete(MESSAGES, keyOf(queue.record.name, sequence));
    queue.remove(sequence);
    this.#metrics.changed(queue);
  }

  hide(queue: Queue, message: Message, visibleAt: number): void {
    this.#put(queue, { ...message, visibleAt });
    this.changed(queue);
  }

  /** Moves a message to another queue as if it had never been received there. */
  move(from: Queue, message: Message, to: Queue, deadLetterSource?: string): void {
    const now = this.#cloud.clock.now();
    const { receipt: _, firstReceivedAt: __, ...rest } = message;
    this.#cloud.store.transaction(() => {
      this.remove(from, message.sequence);
      this.#put(to, { ...rest, visibleAt: now, receiveCount: 0, deadLetterSource, sequence: this.#nextSequence() });
    });
    this.changed(to);
  }

  /** Wakes waiters if something can be received, and sets the alarm for what becomes visible later. */
  changed(queue: Queue): void {
    const arn = this.arnOf(queue.record.name);
    if (!this.arrivals.has(arn)) return;
    if (queue.receivable(this.#cloud.clock.now()).length > 0) this.arrivals.announce(arn);
    this.#arm(queue.record.name);
  }

  #arm(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    const queue = this.#queues.get(name);
    if (!queue || !this.arrivals.has(this.arnOf(name))) return;
    const at = queue.nextVisibleAt(this.#cloud.clock.now());
    if (at !== undefined)
      this.#timers.set(
        name,
        this.#cloud.clock.at(at, () => this.changed(queue)),
      );
  }

  #bury(queue: Queue, message: Message): void {
    const target = queue.record.settings.redrive!.deadLetterTargetArn;
    const grave = this.find(nameOf(target));
    // As in AWS, a message whose dead-letter queue is gone stays where it is.
    if (grave) this.move(queue, message, grave, this.arnOf(queue.record.name));
  }

  #expire(queue: Queue): void {
    for (const message of queue.expired(this.#cloud.clock.now())) this.remove(queue, message.sequence);
  }

  #put(queue: Queue, message: Message): void {
    this.#cloud.store.put(MESSAGES, keyOf(queue.record.name, message.sequence), message);
    queue.put(message);
    this.#metrics.changed(queue);
  }

  #nextSequence(): number {
    const next = (this.#cloud.store.get<number>(COUNTERS, 'sequence') ?? 0) + 1;
    this.#cloud.store.put(COUNTERS, 'sequence', next);
    return next;
  }
}

const keyOf = (queue: string, sequence: number): string => `${queue}/${String(sequence).padStart(16, '0')}`;

export const nameOf = (arn: string): string => arn.split(':').at(-1)!;
