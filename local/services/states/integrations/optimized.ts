import { NotImplementedError } from '../../../service.ts';
import { Failure } from '../failure.ts';
import type { Integration } from '../interpreter/ports.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { patternOf } from '../resource-name.ts';
import {
  type Caller,
  epochMilliseconds,
  exceptionClass,
  type NameError,
  pascalCase,
  sdkMetadata,
  toJson,
} from './caller.ts';

interface OptimizedService {
  readonly scope: string;
  /** Operations it has, as the resource spells them. */
  readonly operations: readonly string[];
  readonly nameError: NameError;
}

const modeled =
  (prefix: string, fallback: string, codes: readonly string[]): NameError =>
  (code) =>
    codes.includes(exceptionClass(code)) ? `${prefix}.${exceptionClass(code)}` : `${prefix}.${fallback}`;

const SERVICES = new Map<string, OptimizedService>([
  [
    'dynamodb',
    {
      scope: 'dynamodb',
      operations: ['getItem', 'putItem', 'updateItem', 'deleteItem'],
      nameError: modeled('DynamoDB', 'AmazonDynamoDBException', [
        'ConditionalCheckFailedException',
        'InternalServerErrorException',
        'ItemCollectionSizeLimitExceededException',
        'ProvisionedThroughputExceededException',
        'RequestLimitExceededException',
        'ResourceNotFoundException',
        'TransactionConflictException',
      ]),
    },
  ],
  [
    'sqs',
    {
      scope: 'sqs',
      operations: ['sendMessage'],
      nameError: modeled('SQS', 'AmazonSQSException', ['QueueDoesNotExistException']),
    },
  ],
  [
    'sns',
    {
      scope: 'sns',
      operations: ['publish'],
      nameError: modeled('SNS', 'AmazonSNSException', ['NotFoundException', 'InvalidParameterException']),
    },
  ],
  [
    'events',
    { scope: 'events', operations: ['putEvents'], nameError: modeled('EventBridge', 'AmazonEventBridgeException', []) },
  ],
]);

/** `arn:aws:states:::dynamodb:putItem`, `sqs:sendMessage`, `sns:publish`, `events:putEvents`. */
export function optimizedTask(caller: Caller, resource: string): Integration {
  const [name = '', operation = ''] = resource
    .replace('arn:aws:states:::', '')
    .replace(/\.waitForTaskToken$/, '')
    .split(':');
  const service = SERVICES.get(name);
  if (!service?.operations.includes(operation)) throw new NotImplementedError(`states:Task Resource ${resource}`);
  return {
    events: 'Task',
    resourceType: name,
    resource: resource.split(':').at(-1) ?? '',
    pattern: patternOf(resource),
    async submit({ execution, arguments: args }) {
      if (!isObject(args))
        throw new Failure('States.Runtime', `expected Arguments that are an object, got ${typeof args}`);
      const input = asTexts(name, args);
      const output = await caller.call(execution, service.scope, pascalCase(operation), input, service.nameError);
      const json = (await toJson(output ?? {}, epochMilliseconds)) as JsonObject;
      if (name === 'events') checkEntries(json);
      return { ...json, ...(sdkMetadata(caller.cloud, JSON.stringify(json).length) as unknown as JsonObject) };
    },
  };
}

/** Where the API takes text, these integrations take JSON too. */
const TEXTS = new Map([
  ['sqs', ['MessageBody']],
  ['sns', ['Message']],
]);

function asTexts(service: string, args: JsonObject): unknown {
  if (service === 'events') return { ...args, Entries: (args.Entries as readonly JsonObject[]).map(entryAsTexts) };
  const texts = TEXTS.get(service) ?? [];
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, texts.includes(key) ? asText(value) : value]),
  );
}

const entryAsTexts = (entry: JsonObject): JsonObject => ({ ...entry, Detail: asText(entry.Detail ?? {}) });

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A refused entry fails the whole task. */
function checkEntries(output: JsonObject): void {
  if (Number(output.FailedEntryCount ?? 0) > 0) throw new Failure('EventBridge.FailedEntry', JSON.stringify(output));
}
