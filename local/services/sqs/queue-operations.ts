import { isDeepStrictEqual } from 'node:util';
import { type Call, type Cloud, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import { applyAttributes, attributesOf, DEFAULTS, isAttribute } from './attributes.ts';
import type { Queue, QueueRecord } from './queue.ts';
import { nameFromUrl, needsQueue, queueOf } from './queue-reference.ts';
import { nameOf, type Queues } from './queues.ts';

const PURGE_INTERVAL = 60_000;

/** SQS operations on queues. */
export const queueOperations = (cloud: Cloud, queues: Queues): Record<string, Operation> => ({
  ...lifeOperations(cloud, queues),
  ...attributeOperations(cloud, queues),
  ...contentOperations(cloud, queues),
});

/** Queues come and go. */
const lifeOperations = (cloud: Cloud, queues: Queues): Record<string, Operation> => ({
  CreateQueue: {
    members: ['QueueName', 'Attributes', 'tags'],
    needs: (call) => [{ action: 'sqs:CreateQueue', resource: queues.arnOf(call.input.QueueName) }],
    run: async ({ input }) => {
      const record = newQueue(cloud, input.QueueName, input.Attributes ?? {}, input.tags ?? {});
      const existing = queues.find(record.name)?.record;
      if (existing) checkSame(existing, input.Attributes ?? {});
      else {
        checkDeadLetterQueue(queues, record);
        queues.save(record);
      }
      return { QueueUrl: queues.urlOf(record.name) };
    },
  },
  DeleteQueue: {
    members: ['QueueUrl'],
    needs: needsQueue(queues, 'sqs:DeleteQueue'),
    run: async (call) => {
      queues.delete(nameFromUrl(call.input.QueueUrl));
      return {};
    },
  },
  GetQueueUrl: {
    members: ['QueueName', 'QueueOwnerAWSAccountId'],
    needs: (call) => [{ action: 'sqs:GetQueueUrl', resource: queues.arnOf(call.input.QueueName) }],
    run: async ({ input }) => {
      checkOwner(cloud, input.QueueOwnerAWSAccountId, input.QueueName);
      return { QueueUrl: queues.urlOf(queues.get(input.QueueName).record.name) };
    },
  },
  ListQueues: {
    members: ['QueueNamePrefix', 'MaxResults'],
    needs: () => [{ action: 'sqs:ListQueues', resource: '*' }],
    run: async ({ input }) => {
      const names = queues.names.filter((name) => name.startsWith(input.QueueNamePrefix ?? ''));
      const most = input.MaxResults ?? 1000;
      if (names.length > most) throw new NotImplementedError('sqs:ListQueues more than MaxResults');
      return { QueueUrls: names.map((name) => queues.urlOf(name)) };
    },
  },
});

const attributeOperations = (cloud: Cloud, queues: Queues): Record<string, Operation> => ({
  GetQueueAttributes: {
    members: ['QueueUrl', 'AttributeNames'],
    needs: needsQueue(queues, 'sqs:GetQueueAttributes'),
    run: async (call) => ({
      Attributes: describe(cloud, queues, queueOf(queues, call), call.input.AttributeNames ?? []),
    }),
  },
  SetQueueAttributes: {
    members: ['QueueUrl', 'Attributes'],
    needs: needsQueue(queues, 'sqs:SetQueueAttributes'),
    run: async (call) => {
      const { record } = queueOf(queues, call);
      if ('FifoQueue' in call.input.Attributes) {
        throw new ServiceError('InvalidAttributeName', 'You can specify the FifoQueue attribute only at creation.');
      }
      const changed = {
        ...record,
        settings: applyAttributes(record.settings, call.input.Attributes),
        modifiedAt: cloud.clock.now(),
      };
      checkDeadLetterQueue(queues, changed);
      queues.save(changed);
      return {};
    },
  },
});

/** What is done with all messages of a queue. */
const contentOperations = (cloud: Cloud, queues: Queues): Record<string, Operation> => ({
  PurgeQueue: {
    members: ['QueueUrl'],
    needs: needsQueue(queues, 'sqs:PurgeQueue'),
    run: async (call) => {
      const queue = queueOf(queues, call);
      const { name, purgedAt } = queue.record;
      if (purgedAt !== undefined && purgedAt + PURGE_INTERVAL > cloud.clock.now()) {
        const message = `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`;
        throw new ServiceError('PurgeQueueInProgress', message, 403);
      }
      queues.purge(queue);
      queues.save({ ...queue.record, purgedAt: cloud.clock.now() });
      return {};
    },
  },
  ListDeadLetterSourceQueues: {
    members: ['QueueUrl'],
    needs: needsQueue(queues, 'sqs:ListDeadLetterSourceQueues'),
    run: async (call) => {
      const arn = queues.arnOf(queueOf(queues, call).record.name);
      return { queueUrls: sourcesOf(queues, arn).map((queue) => queues.urlOf(queue.record.name)) };
    },
  },
  StartMessageMoveTask: {
    members: ['SourceArn', 'DestinationArn'],
    needs: (call) => [
      { action: 'sqs:StartMessageMoveTask', resource: call.input.SourceArn },
      { action: 'sqs:ReceiveMessage', resource: call.input.SourceArn },
      { action: 'sqs:DeleteMessage', resource: call.input.SourceArn },
    ],
    run: async (call) => moveMessages(cloud, queues, call),
  },
});

/** @throws {ServiceError} InvalidParameterValue for a name SQS would refuse */
export const newQueue = (
  cloud: Cloud,
  name: unknown,
  attributes: Readonly<Record<string, unknown>>,
  tags: Readonly<Record<string, string>>,
): QueueRecord => {
  const settings = applyAttributes(DEFAULTS, attributes);
  if (typeof name !== 'string' || !/^[\w-]{1,75}(\.fifo)?$/.test(name) || name.endsWith('.fifo') !== settings.fifo) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Can only include alphanumeric characters, hyphens, or underscores, 1 to 80 in length, and .fifo where FifoQueue is true: ${name}.`,
    );
  }
  const now = cloud.clock.now();
  return { name, settings, tags, createdAt: now, modifiedAt: now };
};

/** Attributes that a second CreateQueue does not name may be anything. @throws {ServiceError} QueueNameExists */
const checkSame = ({ name, settings }: QueueRecord, asked: Readonly<Record<string, unknown>>): void => {
  if (isDeepStrictEqual(applyAttributes(settings, asked), settings)) return;
  throw new ServiceError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for an attribute: ${name}.`,
  );
};

/** @throws {ServiceError} InvalidParameterValue */
export const checkDeadLetterQueue = (queues: Queues, { settings: { redrive } }: QueueRecord): void => {
  if (!redrive || queues.find(nameOf(redrive.deadLetterTargetArn))) return;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value ${JSON.stringify(redrive)} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
  );
};

const checkOwner = (cloud: Cloud, account: string | undefined, name: string): void => {
  if (account !== undefined && account !== cloud.account) {
    throw new ServiceError('QueueDoesNotExist', `The specified queue does not exist: ${name} of account ${account}.`);
  }
};

const describe = (cloud: Cloud, queues: Queues, queue: Queue, names: readonly string[]): Record<string, string> => {
  const { visible, inFlight, delayed } = queue.depth(cloud.clock.now());
  const all: Record<string, string> = {
    ...attributesOf(queue.record.settings),
    QueueArn: queues.arnOf(queue.record.name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.record.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.record.modifiedAt / 1000)),
  };
  if (names.includes('All')) return all;
  const unknown = names.find((name) => !(name in all) && !isAttribute(name));
  if (unknown) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
};

const sourcesOf = (queues: Queues, deadLetterArn: string): Queue[] =>
  queues.names
    .map((name) => queues.get(name))
    .filter((queue) => queue.record.settings.redrive?.deadLetterTargetArn === deadLetterArn);

const moveMessages = async (cloud: Cloud, queues: Queues, call: Call) => {
  const { SourceArn, DestinationArn } = call.input;
  const source = queues.get(nameOf(SourceArn));
  if (sourcesOf(queues, SourceArn).length === 0) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Source queue must be configured as a Dead Letter Queue: ${SourceArn}.`,
    );
  }
  for (const message of source.receivable(cloud.clock.now())) {
    const target = DestinationArn ?? message.deadLetterSource;
    if (!target)
      throw new ServiceError(
        'InvalidParameterValue',
        'A message that was sent to the queue itself has no source to go back to.',
      );
    queues.move(source, message, queues.get(nameOf(target)));
  }
  return { TaskHandle: Buffer.from(JSON.stringify({ SourceArn, startedAt: cloud.clock.now() })).toString('base64') };
};
