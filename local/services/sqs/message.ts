import { createHash } from 'node:crypto';
import { ServiceError } from '../../service.ts';

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
      Buffer.byteLength(DataType ?? '') +
      (BinaryValue === undefined ? Buffer.byteLength(StringValue ?? '') : Buffer.from(BinaryValue, 'base64').length),
    Buffer.byteLength(body),
  );

/** @throws {ServiceError} InvalidParameterValue */
export function checkAttributes(attributes: MessageAttributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > 10) {
    throw invalid(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  }
  for (const [name, attribute] of entries) {
    if (!/^(?!AWS\.|Amazon\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i.test(name)) {
      throw invalid(`The message (user) attribute name '${name}' is invalid.`);
    }
    checkAttribute(name, attribute);
  }
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): void {
  if (!DataType) throw invalid(`The message attribute '${name}' must contain a non-empty message attribute type.`);
  const [, type] = /^(String|Number|Binary)(?:\..+)?$/.exec(DataType) ?? [];
  if (type === undefined) throw invalid(`The type of message (user) attribute '${name}' is invalid: ${DataType}.`);
  const value = type === 'Binary' ? BinaryValue : StringValue;
  if (!value) throw invalid(`Message (user) attribute '${name}' must contain a non-empty value of type '${type}'.`);
  if (type === 'Number' && !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value)) {
    throw invalid(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterValue', message);
