import { randomUUID } from 'node:crypto';
import { checkPattern } from '../../event-pattern.ts';
import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';

export interface Topic {
  readonly name: string;
  readonly arn: string;
  readonly displayName: string;
  /** JSON text. */
  readonly policy?: string;
  /** Settings without an observable effect here. */
  readonly recorded: Readonly<Record<string, string>>;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: 'email' | 'email-json' | 'sqs' | 'lambda';
  readonly endpoint: string;
  readonly rawMessageDelivery: boolean;
  /** JSON text. */
  readonly filterPolicy?: string;
  readonly filterPolicyScope: 'MessageAttributes' | 'MessageBody';
  readonly deadLetterTargetArn?: string;
}

const TOPICS = 'sns.topics';
const SUBSCRIPTIONS = 'sns.subscriptions';
const PROTOCOLS: readonly string[] = ['email', 'email-json', 'sqs', 'lambda'];

/** The topics and subscriptions of one cloud. */
export class Topics {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  arnOf(name: string): string {
    return `arn:aws:sns:${this.#cloud.region}:${this.#cloud.account}:${name}`;
  }

  put(topic: Topic): void {
    if (topic.name.endsWith('.fifo')) throw new NotImplementedError('sns:CreateTopic FifoTopic');
    if (!/^[\w-]{1,256}$/.test(topic.name)) throw invalid(`Topic Name: ${topic.name}`);
    this.#cloud.store.put(TOPICS, topic.arn, topic);
  }

  find(arn: string): Topic | undefined {
    return this.#cloud.store.get<Topic>(TOPICS, arn);
  }

  /** @throws {ServiceError} NotFound */
  get(arn: string): Topic {
    const topic = this.find(arn);
    if (!topic) throw new ServiceError('NotFound', 'Topic does not exist', 404);
    return topic;
  }

  list(): Topic[] {
    return this.#cloud.store.list<Topic>(TOPICS).map((entry) => entry.value);
  }

  delete(arn: string): void {
    for (const subscription of this.subscriptions(arn)) this.unsubscribe(subscription.arn);
    this.#cloud.store.delete(TOPICS, arn);
  }

  /** The same protocol and endpoint again is the same subscription. */
  subscribe(wanted: Omit<Subscription, 'arn'>): Subscription {
    this.get(wanted.topicArn);
    if (!PROTOCOLS.includes(wanted.protocol))
      throw new NotImplementedError(`sns:Subscribe Protocol ${wanted.protocol}`);
    checkEndpoint(wanted);
    const same = this.subscriptions(wanted.topicArn).find(
      ({ protocol, endpoint }) => protocol === wanted.protocol && endpoint === wanted.endpoint,
    );
    const subscription = { ...wanted, arn: same?.arn ?? `${wanted.topicArn}:${randomUUID()}` };
    this.#cloud.store.put(SUBSCRIPTIONS, subscription.arn, subscription);
    return subscription;
  }

  subscription(arn: string): Subscription {
    const subscription = this.#cloud.store.get<Subscription>(SUBSCRIPTIONS, arn);
    if (!subscription) throw new ServiceError('NotFound', 'Subscription does not exist', 404);
    return subscription;
  }

  subscriptions(topicArn?: string): Subscription[] {
    const prefix = topicArn === undefined ? '' : `${topicArn}:`;
    return this.#cloud.store.list<Subscription>(SUBSCRIPTIONS, prefix).map((entry) => entry.value);
  }

  unsubscribe(arn: string): void {
    this.#cloud.store.delete(SUBSCRIPTIONS, arn);
  }
}

/** What an endpoint has to look like, by protocol. */
const ENDPOINTS = new Map([
  ['sqs', { pattern: /^arn:[^:]+:sqs:[^:]+:\d{12}:.+$/, what: 'SQS endpoint ARN' }],
  ['lambda', { pattern: /^arn:[^:]+:lambda:[^:]+:\d{12}:function:.+$/, what: 'Lambda endpoint ARN' }],
  ['email', { pattern: /^[^@\s]+@[^@\s]+$/, what: 'Email address' }],
  ['email-json', { pattern: /^[^@\s]+@[^@\s]+$/, what: 'Email address' }],
]);

/** @throws {ServiceError} InvalidParameter */
function checkEndpoint({ protocol, endpoint, filterPolicy }: Omit<Subscription, 'arn'>): void {
  const wanted = ENDPOINTS.get(protocol);
  if (wanted && !wanted.pattern.test(endpoint ?? '')) throw invalid(wanted.what);
  if (filterPolicy === undefined) return;
  try {
    checkPattern(JSON.parse(filterPolicy));
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw invalid(`FilterPolicy: ${(error as Error).message}`);
  }
}

export const invalid = (what: string): ServiceError =>
  new ServiceError('InvalidParameter', `Invalid parameter: ${what}`);
