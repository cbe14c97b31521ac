import { randomUUID } from 'node:crypto';
import { physicalName } from '../../physical-name.ts';
import type { Cloud, ProvisionedResource, ResourceHandler, ResourceRequest } from '../../service.ts';
import { checkDeadLetterQueue, newQueue } from './queue-operations.ts';
import { nameFromUrl } from './queue-reference.ts';
import type { Queues } from './queues.ts';

const ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
  'FifoQueue',
  'ContentBasedDeduplication',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
];

/** `AWS::SQS::Queue`: Ref is the URL. */
export const queueResource = (cloud: Cloud, queues: Queues): ResourceHandler => {
  const save = (request: ResourceRequest, name: string): ProvisionedResource => {
    const attributes = Object.fromEntries(
      ATTRIBUTES.filter((attribute) => request.properties[attribute] !== undefined).map((attribute) => [
        attribute,
        asText(request.properties[attribute]),
      ]),
    );
    const existing = queues.find(name)?.record;
    const fresh = newQueue(cloud, name, attributes, tagsOf(request.properties.Tags));
    checkDeadLetterQueue(queues, fresh);
    const policy = existing?.settings.policy;
    const createdAt = existing?.createdAt ?? fresh.createdAt;
    queues.save({ ...fresh, createdAt, settings: { ...fresh.settings, policy } });
    return {
      ref: queues.urlOf(name),
      attributes: { Arn: queues.arnOf(name), QueueName: name, QueueUrl: queues.urlOf(name) },
    };
  };
  return {
    properties: ['QueueName', 'Tags', ...ATTRIBUTES],
    create: async (request) => save(request, nameFor(request)),
    update: async (request) => save(request, nameFor(request)),
    delete: async (_request, current) => {
      if (queues.find(current.attributes.QueueName!)) queues.delete(current.attributes.QueueName!);
    },
  };
};

/** `AWS::SQS::QueuePolicy`. */
export const queuePolicyResource = (queues: Queues): ResourceHandler => {
  const attach = (urls: readonly string[], policy: unknown): void => {
    for (const url of urls) {
      const { record } = queues.get(nameFromUrl(url));
      queues.save({ ...record, settings: { ...record.settings, policy: policy && JSON.stringify(policy) } as never });
    }
  };
  return {
    properties: ['Queues', 'PolicyDocument'],
    create: async ({ properties }) => {
      attach(properties.Queues, properties.PolicyDocument);
      const ref = `queue-policy-${randomUUID()}`;
      return { ref, attributes: { Id: ref, Queues: properties.Queues.join(' ') } };
    },
    update: async ({ properties }, current) => {
      const before = current.attributes.Queues?.split(' ') ?? [];
      attach(
        before.filter((url) => !properties.Queues.includes(url)),
        undefined,
      );
      attach(properties.Queues, properties.PolicyDocument);
      return { ref: current.ref, attributes: { Id: current.ref, Queues: properties.Queues.join(' ') } };
    },
    delete: async (_request, current) => attach(existing(queues, current.attributes.Queues), undefined),
  };
};

/** The queues that still exist: CloudFormation may have deleted them first. */
const existing = (queues: Queues, urls: string | undefined): string[] =>
  (urls?.split(' ') ?? []).filter((url) => queues.find(nameFromUrl(url)));

const asText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const tagsOf = (tags: readonly { Key: string; Value: string }[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));

const nameFor = (request: ResourceRequest): string =>
  physicalName(request, {
    given: request.properties.QueueName,
    longest: 80,
    suffix: String(request.properties.FifoQueue) === 'true' ? '.fifo' : '',
  });
