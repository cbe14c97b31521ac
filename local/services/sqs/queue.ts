import { randomUUID } from 'node:crypto';
import type { QueueSettings } from './attributes.ts';
import type { Message } from './message.ts';

/** What a queue is, as stored. */
export interface QueueRecord {
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly purgedAt?: number;
  readonly settings: QueueSettings;
  readonly tags: Readonly<Record<string, string>>;
}

/** What one receive did: who got which handle, and who was received too often. */
export interface Received {
  readonly received: readonly Message[];
  /** To be moved to the dead-letter queue. */
  readonly exhausted: readonly Message[];
}

/** One queue's messages in memory, in order. Knows SQS's rules of visibility, order and redrive; stores nothing. */
export class Queue {
  record: QueueRecord;
  readonly #messages = new Map<number, Message>();

  constructor(record: QueueRecord, messages: readonly Message[] = []) {
    this.record = record;
    for (const message of messages) this.#messages.set(message.sequence, message);
  }

  get messages(): readonly Message[] {
    return [...this.#messages.values()];
  }

  get(sequence: number): Message | undefined {
    return this.#messages.get(sequence);
  }

  put(message: Message): void {
    this.#messages.set(message.sequence, message);
  }

  remove(sequence: number): void {
    this.#messages.delete(sequence);
  }

  /** Messages older than the retention period. */
  expired(now: number): readonly Message[] {
    const oldest = now - this.record.settings.retentionSeconds * 1000;
    return this.messages.filter((message) => message.sentAt < oldest);
  }

  /** Visible messages in order; of a FIFO group, none while one of it is in flight. */
  receivable(now: number): Message[] {
    const blocked = new Set<string>();
    return this.messages.filter((message) => {
      const visible = message.visibleAt <= now;
      if (message.groupId === undefined || !this.record.settings.fifo) return visible;
      if (!visible) blocked.add(message.groupId);
      return visible && !blocked.has(message.groupId);
    });
  }

  /** Takes up to `most` messages out of sight for `visibilitySeconds`; what had its last chance already comes back as exhausted. */
  receive(most: number, visibilitySeconds: number, now: number): Received {
    const limit = this.record.settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    const candidates = this.receivable(now);
    const exhausted = candidates.filter((message) => message.receiveCount >= limit);
    const received = candidates
      .filter((message) => message.receiveCount < limit)
      .slice(0, most)
      .map((message) => ({
        ...message,
        visibleAt: now + visibilitySeconds * 1000,
        receiveCount: message.receiveCount + 1,
        firstReceivedAt: message.firstReceivedAt ?? now,
        receipt: Buffer.from(JSON.stringify([this.record.name, message.sequence, randomUUID()])).toString('base64'),
      }));
    return { received, exhausted };
  }

  /** When the next hidden message becomes visible. */
  nextVisibleAt(now: number): number | undefined {
    const hidden = this.messages.map((message) => message.visibleAt).filter((at) => at > now);
    return hidden.length === 0 ? undefined : Math.min(...hidden);
  }

  /** Counts as GetQueueAttributes and CloudWatch report them. */
  depth(now: number): { visible: number; inFlight: number; delayed: number } {
    let visible = 0;
    let inFlight = 0;
    let delayed = 0;
    for (const message of this.#messages.values()) {
      if (message.visibleAt <= now) visible++;
      else if (message.receiveCount > 0) inFlight++;
      else delayed++;
    }
    return { visible, inFlight, delayed };
  }
}

/** The message a receipt handle stands for, or undefined if SQS could not have issued it. */
export const readReceipt = (handle: string): { queue: string; sequence: number } | undefined => {
  try {
    const [queue, sequence] = JSON.parse(Buffer.from(handle, 'base64').toString());
    return typeof queue === 'string' && Number.isInteger(sequence) ? { queue, sequence } : undefined;
  } catch {
    return undefined;
  }
};
