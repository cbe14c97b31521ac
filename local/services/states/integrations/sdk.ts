import { NotImplementedError } from '../../../service.ts';
import { Failure } from '../failure.ts';
import type { Integration } from '../interpreter/ports.ts';
import { isObject, type Json } from '../json.ts';
import { patternOf } from '../resource-name.ts';
import { type Caller, camelCase, exceptionClass, isoDate, pascalCase, renameKeys, sdkOrigin } from './caller.ts';

interface SdkService {
  /** The SigV4 scope. */
  readonly scope: string;
  /** What its error names begin with. */
  readonly prefix: string;
  /** The API itself writes its members in camelCase; Step Functions shows them in PascalCase. */
  readonly camelCase?: boolean;
  /** Error codes with a class of their own; any other is `Prefix.PrefixException`. Without a list, all but the common ones. */
  readonly modeled?: readonly string[];
}

/** The service's name in `arn:aws:states:::aws-sdk:NAME:operation`. */
const SERVICES = new Map<string, SdkService>([
  ['cloudwatch', { scope: 'monitoring', prefix: 'CloudWatch' }],
  ['cloudwatchlogs', { scope: 'logs', prefix: 'CloudWatchLogs', camelCase: true }],
  ['dynamodb', { scope: 'dynamodb', prefix: 'DynamoDb' }],
  ['codebuild', { scope: 'codebuild', prefix: 'CodeBuild', camelCase: true }],
  ['ecr', { scope: 'ecr', prefix: 'Ecr', camelCase: true }],
  ['eventbridge', { scope: 'events', prefix: 'EventBridge' }],
  ['iam', { scope: 'iam', prefix: 'Iam' }],
  ['kms', { scope: 'kms', prefix: 'Kms' }],
  ['lambda', { scope: 'lambda', prefix: 'Lambda' }],
  [
    's3',
    {
      scope: 's3',
      prefix: 'S3',
      modeled: [
        'BucketAlreadyExists',
        'BucketAlreadyOwnedByYou',
        'InvalidObjectState',
        'NoSuchBucket',
        'NoSuchKey',
        'NoSuchUpload',
        'ObjectAlreadyInActiveTierError',
        'ObjectNotInActiveTierError',
      ],
    },
  ],
  [
    'sagemaker',
    {
      scope: 'sagemaker',
      prefix: 'SageMaker',
      modeled: ['ConflictException', 'ResourceInUse', 'ResourceLimitExceeded', 'ResourceNotFound'],
    },
  ],
  [
    'sagemakerruntime',
    { scope: 'sagemaker', prefix: 'SageMakerRuntime', modeled: ['ModelError', 'ServiceUnavailable'] },
  ],
  [
    'scheduler',
    {
      scope: 'scheduler',
      prefix: 'Scheduler',
      modeled: [
        'ConflictException',
        'InternalServerException',
        'ResourceNotFoundException',
        'ServiceQuotaExceededException',
        'ThrottlingException',
        'ValidationException',
      ],
    },
  ],
  ['sesv2', { scope: 'ses', prefix: 'SesV2' }],
  ['sfn', { scope: 'states', prefix: 'Sfn', camelCase: true }],
  ['sns', { scope: 'sns', prefix: 'Sns' }],
  ['sqs', { scope: 'sqs', prefix: 'Sqs' }],
  ['sts', { scope: 'sts', prefix: 'Sts' }],
]);

/** Codes that services answer without a class of their own. */
const COMMON = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'Throttling',
  'ThrottlingException',
  'ValidationException',
]);

const RESOURCE = /^arn:aws:states:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)(\.waitForTaskToken)?$/;

/** `arn:aws:states:::aws-sdk:service:operation`: any operation of any service, with PascalCase arguments. */
export function sdkTask(caller: Caller, resource: string): Integration {
  const [, name = '', operation = ''] = RESOURCE.exec(resource) ?? [];
  const service = SERVICES.get(name);
  if (!service) throw new NotImplementedError(`states:Task Resource ${resource}`);
  return {
    events: 'Task',
    resourceType: `aws-sdk:${name}`,
    resource: resource.split(':').at(-1) ?? '',
    pattern: patternOf(resource),
    async submit({ execution, arguments: args }) {
      if (!isObject(args))
        throw new Failure('States.Runtime', `expected Arguments that are an object, got ${typeof args}`);
      const input = toInput(service, args);
      const nameError = (code: string) => sdkErrorName(service, code);
      const origin = sdkOrigin(service.prefix);
      const output = await caller.call(execution, service.scope, pascalCase(operation), input, nameError, origin);
      const json = await caller.read(output ?? {}, isoDate);
      return service.camelCase ? renameKeys(json, pascalCase) : json;
    },
  };
}

function sdkErrorName({ prefix, modeled }: SdkService, code: string): string {
  const known = modeled ? modeled.includes(code) : !COMMON.has(code);
  return `${prefix}.${known ? exceptionClass(code) : `${prefix}Exception`}`;
}

/** Members that carry bytes. */
const BLOBS = new Set(['s3:Body', 'lambda:Payload', 'sagemaker:Body']);

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const INSTANT_MEMBER = /(Time|Date|After|Before|Timestamp)$/;

/** Arguments as the service takes them: bytes as bytes, instants as epoch seconds, members in its own case. */
function toInput(service: SdkService, args: Json): unknown {
  const cased = service.camelCase ? renameKeys(args, camelCase) : args;
  return Object.fromEntries(
    Object.entries(cased as object).map(([key, value]) => [
      key,
      BLOBS.has(`${service.scope}:${key}`)
        ? Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
        : withInstants(key, value as Json),
    ]),
  );
}

function withInstants(key: string, value: Json): Json {
  if (typeof value === 'string') {
    return INSTANT_MEMBER.test(key) && INSTANT.test(value) ? Date.parse(value) / 1000 : value;
  }
  if (Array.isArray(value)) return value.map((item) => withInstants(key, item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, withInstants(inner, item)]));
}
