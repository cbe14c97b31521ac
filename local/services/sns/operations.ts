import { type Call, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import type { Message, Publisher } from './publish.ts';
import { invalid, type Subscription, type Topic, type Topics } from './topics.ts';

const PUBLISH_MEMBERS = ['Subject', 'Message', 'MessageAttributes'];

/** SNS's API, as far as it is implemented. */
export const operations = (topics: Topics, publisher: Publisher): Record<string, Operation> => ({
  ...topicOperations(topics),
  ...subscriptionOperations(topics),
  Publish: {
    members: ['TopicArn', 'TargetArn', ...PUBLISH_MEMBERS],
    needs: ({ input }) => [{ action: 'sns:Publish', resource: input.TopicArn ?? input.TargetArn ?? '*' }],
    run: async ({ input }) => {
      const topic = topics.get(input.TopicArn ?? input.TargetArn);
      return { MessageId: publisher.publish(topic, draftOf(input)).id };
    },
  },
  PublishBatch: {
    members: ['TopicArn', 'PublishBatchRequestEntries'],
    needs: needsTopic('sns:Publish'),
    run: async ({ input }) =>
      publishBatch(topics.get(input.TopicArn), publisher, input.PublishBatchRequestEntries ?? []),
  },
});

function needsTopic(action: string): Operation['needs'] {
  return ({ input }: Call) => [{ action, resource: input.TopicArn }];
}

const topicOperations = (topics: Topics): Record<string, Operation> => ({
  CreateTopic: {
    members: ['Name', 'Attributes', 'Tags'],
    needs: ({ input }) => [{ action: 'sns:CreateTopic', resource: topics.arnOf(input.Name) }],
    run: async ({ input }) => {
      const arn = topics.arnOf(input.Name);
      const { DisplayName = '', Policy, ...recorded } = input.Attributes ?? {};
      if (!topics.find(arn)) topics.put({ name: input.Name, arn, displayName: DisplayName, policy: Policy, recorded });
      return { TopicArn: arn };
    },
  },
  DeleteTopic: {
    members: ['TopicArn'],
    needs: needsTopic('sns:DeleteTopic'),
    run: async ({ input }) => {
      topics.delete(input.TopicArn);
      return {};
    },
  },
  ListTopics: {
    members: ['NextToken'],
    needs: () => [{ action: 'sns:ListTopics', resource: '*' }],
    run: async ({ input }) => {
      if (input.NextToken !== undefined) throw new NotImplementedError('sns:ListTopics NextToken');
      return { Topics: topics.list().map(({ arn }) => ({ TopicArn: arn })) };
    },
  },
  GetTopicAttributes: {
    members: ['TopicArn'],
    needs: needsTopic('sns:GetTopicAttributes'),
    run: async ({ input }) => ({ Attributes: attributesOf(topics.get(input.TopicArn), topics) }),
  },
});

const attributesOf = (topic: Topic, topics: Topics): Record<string, string> => ({
  ...topic.recorded,
  TopicArn: topic.arn,
  DisplayName: topic.displayName,
  Owner: topic.arn.split(':')[4]!,
  SubscriptionsConfirmed: String(topics.subscriptions(topic.arn).length),
  SubscriptionsPending: '0',
  ...(topic.policy && { Policy: topic.policy }),
});

const subscriptionOperations = (topics: Topics): Record<string, Operation> => ({
  Subscribe: {
    members: ['TopicArn', 'Protocol', 'Endpoint', 'Attributes', 'ReturnSubscriptionArn'],
    needs: needsTopic('sns:Subscribe'),
    run: async ({ input }) => ({
      SubscriptionArn: topics.subscribe(subscriptionFrom(input, input.Attributes ?? {})).arn,
    }),
  },
  Unsubscribe: {
    members: ['SubscriptionArn'],
    needs: ({ input }) => [{ action: 'sns:Unsubscribe', resource: input.SubscriptionArn }],
    run: async ({ input }) => {
      topics.unsubscribe(input.SubscriptionArn);
      return {};
    },
  },
  ListSubscriptions: {
    members: ['NextToken'],
    needs: () => [{ action: 'sns:ListSubscriptions', resource: '*' }],
    run: async () => ({ Subscriptions: topics.subscriptions().map(describe) }),
  },
  ListSubscriptionsByTopic: {
    members: ['TopicArn', 'NextToken'],
    needs: needsTopic('sns:ListSubscriptionsByTopic'),
    run: async ({ input }) => ({ Subscriptions: topics.subscriptions(topics.get(input.TopicArn).arn).map(describe) }),
  },
});

/**
 * A subscription from an API input or a template's properties. It needs no confirmation here: no mail leaves this machine,
 * and queues and functions are confirmed by AWS itself.
 *
 * @throws {ServiceError} NotImplemented, InvalidParameter
 */
export const subscriptionFrom = (
  // biome-ignore lint/suspicious/noExplicitAny: an input from outside, checked here and in Topics
  { TopicArn, Protocol, Endpoint }: any,
  attributes: Readonly<Record<string, unknown>>,
): Omit<Subscription, 'arn'> => {
  const known = ['RawMessageDelivery', 'FilterPolicy', 'FilterPolicyScope', 'RedrivePolicy'];
  const unknown = Object.keys(attributes).find((name) => attributes[name] !== undefined && !known.includes(name));
  if (unknown) throw new NotImplementedError(`sns:Subscribe Attributes ${unknown}`);
  const redrive = parsed(attributes.RedrivePolicy) as { deadLetterTargetArn?: string } | undefined;
  const filter = parsed(attributes.FilterPolicy);
  return {
    topicArn: TopicArn,
    protocol: Protocol,
    endpoint: Endpoint,
    rawMessageDelivery: String(attributes.RawMessageDelivery) === 'true',
    filterPolicy: filter === undefined ? undefined : JSON.stringify(filter),
    filterPolicyScope: attributes.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes',
    deadLetterTargetArn: redrive?.deadLetterTargetArn,
  };
};

/** JSON text over the API, an object in templates. */
const parsed = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw invalid(`expected JSON, got ${value}`);
  }
};

const describe = ({ arn, topicArn, protocol, endpoint }: Subscription) => ({
  SubscriptionArn: arn,
  TopicArn: topicArn,
  Protocol: protocol,
  Endpoint: endpoint,
  Owner: topicArn.split(':')[4],
});

// biome-ignore lint/suspicious/noExplicitAny: Publish's input or one entry of a batch, checked by the publisher
const draftOf = (input: any): Pick<Message, 'subject' | 'text' | 'attributes'> => ({
  subject: input.Subject,
  text: input.Message,
  attributes: input.MessageAttributes ?? {},
});

// biome-ignore lint/suspicious/noExplicitAny: entries of PublishBatch, checked here
const publishBatch = (topic: Topic, publisher: Publisher, entries: readonly any[]) => {
  if (entries.length === 0) throw new ServiceError('EmptyBatchRequest', 'The batch request contains no entries.');
  if (entries.length > 10)
    throw new ServiceError('TooManyEntriesInBatchRequest', `expected 10 entries at most, got ${entries.length}`);
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const { Id, ...entry } of entries) {
    const unknown = Object.keys(entry).find((member) => !PUBLISH_MEMBERS.includes(member));
    if (unknown) throw new NotImplementedError(`sns:PublishBatch ${unknown}`);
    try {
      Successful.push({ Id, MessageId: publisher.publish(topic, draftOf(entry)).id });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
};
