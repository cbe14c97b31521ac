import { createHash } from 'node:crypto';

/** A custom attribute as on the wire; binary values are base64. */
interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message in a queue; times in milliseconds since the epoch. */
export interface Message {
  readonly id: string;
  /** Orders messages; unique in the local cloud. */
  readonly sequence: number;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** `AWSTraceHeader`, the one system attribute a sender may set. */
  readonly traceHeader?: string;
  readonly senderId: string;
  readonly sentAt: number;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** The queue a redrive policy moved it from. */
  readonly deadLetterSource?: string;
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt?: number;
  /** The handle of the last receive. */
  readonly receipt?: string;
}

export const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

/** MD5 of custom attributes, by SQS's documented encoding: name, type, transport type (1 text, 2 binary) and value, sorted by name. */
export const md5OfAttributes = (attributes: MessageAttributes): string | undefined => {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name]!;
    const binary = attribute.DataType.startsWith('Binary');
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    hash.update(Buffer.from([binary ? 2 : 1]));
    add(binary ? Buffer.from(attribute.BinaryValue ?? '', 'base64') : Buffer.from(attribute.StringValue ?? ''));
  }
  return hash.digest('hex');
};

/** Bytes that count against a queue's MaximumMessageSize: the body and every attribute's name, type and value. */
export const sizeOf = (body: string, attributes: MessageAttributes): number =>
  Object.entries(attributes).reduce(
    (bytes, [name, { DataType, StringValue, BinaryValue }]) =>
      bytes +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue === undefined ? Buffer.byteLength(StringValue ?? '') : Buffer.from(BinaryValue, 'base64').length),
    Buffer.byteLength(body),
  );
