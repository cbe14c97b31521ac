import { randomUUID } from 'node:crypto';
import { type Delivery, deliver } from '../../delivery.ts';
import { matchesPattern } from '../../event-pattern.ts';
import { failureAttributes, type PendingDelivery, RetriedDeliveries } from '../../retried-deliveries.ts';
import type { Cloud, Principal } from '../../service.ts';
import { Mailbox } from '../ses/mailbox.ts';
import type { MessageAttributes } from '../sqs/message.ts';
import { invalid, type Subscription, type Topic, type Topics } from './topics.ts';

/** A published message. */
export interface Message {
  readonly id: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly text: string;
  readonly attributes: MessageAttributes;
  /** ISO 8601, by the local clock. */
  readonly timestamp: string;
}

interface Notification extends PendingDelivery {
  readonly subscription: Subscription;
  readonly message: Message;
}

const LARGEST_MESSAGE = 262_144;

/** Brings messages to subscribers, as SNS itself: queues, functions and topics must let it in by their own policies. */
export class Publisher {
  readonly #cloud: Cloud;
  readonly #topics: Topics;
  readonly #mailbox: Mailbox;
  readonly #pending: RetriedDeliveries<Notification>;

  constructor(cloud: Cloud, topics: Topics) {
    this.#cloud = cloud;
    this.#topics = topics;
    this.#mailbox = new Mailbox(cloud);
    this.#pending = new RetriedDeliveries<Notification>(cloud, 'sns.notifications', {
      attempt: (notification) => this.#notify(notification),
      giveUp: (notification, error, exhausted) => this.#bury(notification, error, exhausted),
    });
  }

  resume(): void {
    this.#pending.resume();
  }

  /** @throws {ServiceError} InvalidParameter for a message that SNS refuses */
  publish(topic: Topic, draft: Pick<Message, 'subject' | 'text' | 'attributes'>): Message {
    const { text, subject } = draft;
    if (!text || Buffer.byteLength(text) > LARGEST_MESSAGE)
      throw invalid(`Message of ${Buffer.byteLength(text ?? '')} bytes`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that SNS refuses
    if (subject !== undefined && (!/^[^\s][^\u0000-\u001f]{0,99}$/u.test(subject) || subject.length > 100))
      throw invalid('Subject');
    const now = this.#cloud.clock.now();
    const message = { ...draft, id: randomUUID(), topicArn: topic.arn, timestamp: new Date(now).toISOString() };
    const starts = this.#cloud.store.transaction(() =>
      this.#topics
        .subscriptions(topic.arn)
        .filter((subscription) => passes(subscription, message))
        .map((subscription) =>
          this.#pending.accept({ id: randomUUID(), subscription, message, since: now, dueAt: now, attempts: 0 }),
        ),
    );
    for (const start of starts) start();
    return message;
  }

  async #notify({ subscription, message }: Notification): Promise<void> {
    const topic = this.#topics.find(message.topicArn);
    switch (subscription.protocol) {
      case 'email':
      case 'email-json':
        this.#mailbox.put(mailOf(subscription, message, topic));
        return;
      case 'lambda':
        await deliver(this.#cloud, this.#principal(message), subscription.endpoint, {
          body: functionEvent(subscription, message),
        });
        return;
      case 'sqs':
        await deliver(
          this.#cloud,
          this.#principal(message),
          subscription.endpoint,
          queueDelivery(subscription, message),
        );
    }
  }

  async #bury(notification: Notification, error: Error, exhausted: string | undefined): Promise<boolean> {
    const { subscription, message } = notification;
    if (!subscription.deadLetterTargetArn) return false;
    await deliver(this.#cloud, this.#principal(message), subscription.deadLetterTargetArn, {
      body: envelope(message),
      attributes: failureAttributes(notification, error, exhausted),
    });
    return true;
  }

  #principal({ topicArn }: Message): Principal {
    return { kind: 'service', arn: 'sns.amazonaws.com', sourceArn: topicArn };
  }
}

const passes = ({ filterPolicy, filterPolicyScope }: Subscription, message: Message): boolean => {
  if (filterPolicy === undefined) return true;
  const pattern = JSON.parse(filterPolicy);
  if (filterPolicyScope === 'MessageAttributes') return matchesPattern(pattern, attributeValues(message));
  try {
    return matchesPattern(pattern, JSON.parse(message.text));
  } catch (error) {
    // A message that is no JSON passes no filter over its body.
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

const attributeValues = ({ attributes }: Message): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue }]) => [
      name,
      DataType === 'Number'
        ? Number(StringValue)
        : DataType === 'String.Array'
          ? JSON.parse(StringValue ?? '[]')
          : StringValue,
    ]),
  );

const notification = (message: Message) => ({
  Type: 'Notification',
  MessageId: message.id,
  TopicArn: message.topicArn,
  ...(message.subject !== undefined && { Subject: message.subject }),
  Message: message.text,
  Timestamp: message.timestamp,
  ...(Object.keys(message.attributes).length > 0 && {
    MessageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        { Type: DataType, Value: StringValue ?? BinaryValue },
      ]),
    ),
  }),
});

const envelope = (message: Message): string => JSON.stringify(notification(message));

const queueDelivery = (subscription: Subscription, message: Message): Delivery =>
  subscription.rawMessageDelivery ? { body: message.text, attributes: texts(message) } : { body: envelope(message) };

const texts = ({ attributes }: Message): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { StringValue, BinaryValue }]) => [name, StringValue ?? BinaryValue ?? '']),
  );

const functionEvent = (subscription: Subscription, message: Message): string =>
  JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: {
          ...notification(message),
          Subject: message.subject ?? null,
          MessageAttributes: notification(message).MessageAttributes ?? {},
        },
      },
    ],
  });

const mailOf = ({ endpoint, protocol }: Subscription, message: Message, topic: Topic | undefined) => ({
  from: `${topic?.displayName || 'AWS Notifications'} <no-reply@sns.amazonaws.com>`,
  to: [endpoint],
  replyTo: [],
  subject: message.subject ?? 'AWS Notification Message',
  text: protocol === 'email-json' ? envelope(message) : message.text,
  headers: {},
  tags: { topic: message.topicArn },
});
