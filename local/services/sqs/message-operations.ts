import { type Call, type Cloud, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import { runBatch } from './batch.ts';
import { checkAttributes, type MessageAttributes, md5, md5OfAttributes, sizeOf } from './message.ts';
import { type Queue, readReceipt } from './queue.ts';
import { needsQueue, queueOf } from './queue-reference.ts';
import type { Queues } from './queues.ts';
import { describeMessage, sequenceNumber } from './received-message.ts';

const SEND_MEMBERS = [
  'MessageBody',
  'DelaySeconds',
  'MessageAttributes',
  'MessageSystemAttributes',
  'MessageDeduplicationId',
  'MessageGroupId',
];

/** SQS operations on messages. */
export const messageOperations = (cloud: Cloud, queues: Queues): Record<string, Operation> => ({
  ...sendOperations(queues),
  ReceiveMessage: receiveMessage(cloud, queues),
  ...receiptOperations(cloud, queues),
});

const sendOperations = (queues: Queues): Record<string, Operation> => ({
  SendMessage: {
    members: ['QueueUrl', ...SEND_MEMBERS],
    needs: needsQueue(queues, 'sqs:SendMessage'),
    run: async (call) => send(queues, queueOf(queues, call), call.input, call),
  },
  SendMessageBatch: {
    members: ['QueueUrl', 'Entries'],
    needs: needsQueue(queues, 'sqs:SendMessage'),
    run: async (call) => {
      const queue = queueOf(queues, call);
      const bytes = (call.input.Entries ?? []).reduce(
        // biome-ignore lint/suspicious/noExplicitAny: a batch entry is checked where it is sent
        (sum: number, entry: any) => sum + sizeOf(entry.MessageBody ?? '', entry.MessageAttributes ?? {}),
        0,
      );
      if (bytes > 1_048_576) {
        throw new ServiceError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than 1048576 bytes, got ${bytes}.`,
        );
      }
      return runBatch(call.input.Entries, (entry) => send(queues, queue, entry, call));
    },
  },
});

/** What a receiver does with the handles it was given. */
const receiptOperations = (cloud: Cloud, queues: Queues): Record<string, Operation> => ({
  DeleteMessage: {
    members: ['QueueUrl', 'ReceiptHandle'],
    needs: needsQueue(queues, 'sqs:DeleteMessage'),
    run: async (call) => remove(queues, queueOf(queues, call), call.input),
  },
  DeleteMessageBatch: {
    members: ['QueueUrl', 'Entries'],
    needs: needsQueue(queues, 'sqs:DeleteMessage'),
    run: async (call) => {
      const queue = queueOf(queues, call);
      return runBatch(call.input.Entries, (entry) => remove(queues, queue, entry));
    },
  },
  ChangeMessageVisibility: {
    members: ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'],
    needs: needsQueue(queues, 'sqs:ChangeMessageVisibility'),
    run: async (call) => changeVisibility(cloud, queues, queueOf(queues, call), call.input),
  },
  ChangeMessageVisibilityBatch: {
    members: ['QueueUrl', 'Entries'],
    needs: needsQueue(queues, 'sqs:ChangeMessageVisibility'),
    run: async (call) => {
      const queue = queueOf(queues, call);
      return runBatch(call.input.Entries, (entry) => changeVisibility(cloud, queues, queue, entry));
    },
  },
});

const receiveMessage = (cloud: Cloud, queues: Queues): Operation => ({
  members: [
    'QueueUrl',
    'MaxNumberOfMessages',
    'VisibilityTimeout',
    'WaitTimeSeconds',
    'AttributeNames',
    'MessageSystemAttributeNames',
    'MessageAttributeNames',
  ],
  needs: needsQueue(queues, 'sqs:ReceiveMessage'),
  waits: true,
  run: async (call) => {
    const queue = queueOf(queues, call);
    const { settings, name } = queue.record;
    const most = integer(call.input.MaxNumberOfMessages ?? 1, 'MaxNumberOfMessages', 1, 10);
    const hidden = integer(call.input.VisibilityTimeout ?? settings.visibilitySeconds, 'VisibilityTimeout', 0, 43_200);
    const wait = integer(call.input.WaitTimeSeconds ?? settings.waitSeconds, 'WaitTimeSeconds', 0, 20);
    const deadline = cloud.clock.now() + wait * 1000;
    let messages = queues.receive(queue, most, hidden);
    while (messages.length === 0 && cloud.clock.now() < deadline) {
      await arrivalOrDeadline(cloud, queues, queues.arnOf(name), deadline);
      messages = queues.receive(queues.get(name), most, hidden);
    }
    return messages.length === 0 ? {} : { Messages: messages.map((message) => describeMessage(message, call.input)) };
  },
});

const arrivalOrDeadline = (cloud: Cloud, queues: Queues, arn: string, deadline: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stop();
      timer.cancel();
      resolve();
    };
    const timer = cloud.clock.at(deadline, done);
    const stop = queues.arrivals.listen(arn, done);
  });

// biome-ignore lint/suspicious/noExplicitAny: the input of SendMessage or of one batch entry
const send = (queues: Queues, queue: Queue, input: any, call: Call) => {
  const attributes: MessageAttributes = input.MessageAttributes ?? {};
  checkBody(queue, input.MessageBody, attributes);
  const { settings } = queue.record;
  if (settings.fifo && !input.MessageGroupId) throw missing('MessageGroupId');
  if (settings.fifo && !input.MessageDeduplicationId && !settings.contentBasedDeduplication) {
    throw invalid(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  if (settings.fifo && input.DelaySeconds)
    throw invalid(`Value ${input.DelaySeconds} for parameter DelaySeconds is invalid.`);
  const message = queues.send(queue, {
    body: input.MessageBody,
    attributes,
    senderId: call.principal.arn,
    delaySeconds: input.DelaySeconds === undefined ? undefined : integer(input.DelaySeconds, 'DelaySeconds', 0, 900),
    traceHeader: traceHeader(input.MessageSystemAttributes),
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
  });
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(message.body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    SequenceNumber: settings.fifo ? sequenceNumber(message) : undefined,
  };
};

/** What SQS accepts in a body: XML's characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that SQS refuses
const FORBIDDEN = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const checkBody = (queue: Queue, body: unknown, attributes: MessageAttributes): void => {
  if (typeof body !== 'string' || body.length === 0) throw missing('MessageBody');
  checkAttributes(attributes);
  if (FORBIDDEN.test(body)) throw new ServiceError('InvalidMessageContents', 'Invalid characters found.');
  const most = queue.record.settings.maximumMessageSize;
  const bytes = sizeOf(body, attributes);
  if (bytes > most) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes, got ${bytes}.`,
    );
  }
};

const traceHeader = (attributes: MessageAttributes | undefined): string | undefined => {
  const other = Object.keys(attributes ?? {}).find((name) => name !== 'AWSTraceHeader');
  if (other) throw new NotImplementedError(`sqs:SendMessage MessageSystemAttributes ${other}`);
  return attributes?.AWSTraceHeader?.StringValue;
};

// biome-ignore lint/suspicious/noExplicitAny: the input of DeleteMessage or of one batch entry
const remove = (queues: Queues, queue: Queue, input: any) => {
  const { sequence } = receiptOf(queue, input.ReceiptHandle);
  // A handle that a later receive replaced deletes nothing, and SQS says nothing of it.
  if (queue.get(sequence)?.receipt === input.ReceiptHandle) {
    queues.remove(queue, sequence);
    queues.changed(queue);
  }
  return {};
};

// biome-ignore lint/suspicious/noExplicitAny: the input of ChangeMessageVisibility or of one batch entry
const changeVisibility = (cloud: Cloud, queues: Queues, queue: Queue, input: any) => {
  const { sequence } = receiptOf(queue, input.ReceiptHandle);
  const seconds = integer(input.VisibilityTimeout, 'VisibilityTimeout', 0, 43_200);
  const message = queue.get(sequence);
  const now = cloud.clock.now();
  if (!message || message.receipt !== input.ReceiptHandle || message.visibleAt <= now) {
    throw new ServiceError(
      'MessageNotInflight',
      `Value ${input.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  queues.hide(queue, message, now + seconds * 1000);
  return {};
};

const receiptOf = (queue: Queue, handle: unknown) => {
  const receipt = typeof handle === 'string' ? readReceipt(handle) : undefined;
  if (receipt?.queue !== queue.record.name) {
    throw new ServiceError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
    );
  }
  return receipt;
};

const integer = (value: unknown, name: string, least: number, most: number): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw invalid(
      `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
    );
  }
  return number;
};

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterValue', message);

const missing = (member: string): ServiceError =>
  new ServiceError('MissingParameter', `The request must contain the parameter ${member}.`);
