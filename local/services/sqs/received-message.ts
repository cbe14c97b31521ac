import { type Message, type MessageAttributes, md5, md5OfAttributes } from './message.ts';

/** What ReceiveMessage was asked to tell beside the body. */
export interface Wanted {
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
}

/** A message as ReceiveMessage answers it. */
export const describeMessage = (message: Message, wanted: Wanted) => {
  const system = pick(systemAttributes(message), [
    ...(wanted.AttributeNames ?? []),
    ...(wanted.MessageSystemAttributeNames ?? []),
  ]);
  const custom = pick(message.attributes, wanted.MessageAttributeNames ?? []) as MessageAttributes;
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: emptyIsAbsent(system),
    MessageAttributes: emptyIsAbsent(custom),
    MD5OfMessageAttributes: md5OfAttributes(custom),
  };
};

const systemAttributes = (message: Message): Record<string, string> => {
  const all = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: message.deduplicationId === undefined ? undefined : sequenceNumber(message),
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
};

/** Names may be `All`, `.*`, a name, or a prefix with `.*`. */
const pick = <T>(attributes: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(
    Object.entries(attributes).filter(([attribute]) =>
      names.some(
        (name) =>
          name === 'All' ||
          name === attribute ||
          (name.endsWith('.*') && attribute.startsWith(name === '.*' ? '' : name.slice(0, -1))),
      ),
    ),
  );

const emptyIsAbsent = <T extends object>(attributes: T): T | undefined =>
  Object.keys(attributes).length === 0 ? undefined : attributes;

/** Grows within a queue; FIFO queues tell it. */
export const sequenceNumber = (message: Message): string => String(message.sequence).padStart(20, '0');
