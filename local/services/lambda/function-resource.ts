import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { physicalName } from '../../physical-name.ts';
import {
  type Cloud,
  NotImplementedError,
  type ProvisionedResource,
  type ResourceHandler,
  type ResourceRequest,
  ServiceError,
} from '../../service.ts';
import { DEFAULT_INVOKE_CONFIG, type FunctionRecord, type Functions } from './function-record.ts';
import type { Invoker } from './invoker.ts';

/** Settings without an observable effect here. */
const RECORDED = ['VpcConfig', 'KmsKeyArn', 'EphemeralStorage', 'TracingConfig', 'RecursiveLoop'];

const PROPERTIES = [
  ...RECORDED,
  'Code',
  'Handler',
  'Runtime',
  'MemorySize',
  'Timeout',
  'Role',
  'Environment',
  'Architectures',
  'LoggingConfig',
  'ReservedConcurrentExecutions',
  'DeadLetterConfig',
  'Description',
  'FunctionName',
  'PackageType',
  'Tags',
];

/** `AWS::Lambda::Function`: Ref is the name. */
export const functionResource = (cloud: Cloud, functions: Functions, invoker: Invoker): ResourceHandler => {
  const save = (request: ResourceRequest): ProvisionedResource => {
    const record = recordOf(cloud, functions, request);
    functions.put(record);
    invoker.pool.retire(record.name);
    return { ref: record.name, attributes: { Arn: record.arn } };
  };
  const remove = (name: string): void => {
    functions.delete(name);
    invoker.pool.retire(name);
  };
  return {
    properties: PROPERTIES,
    create: async (request) => save(request),
    update: async (request) => save(request),
    delete: async (_request, current) => remove(current.ref),
  };
};

const recordOf = (cloud: Cloud, functions: Functions, request: ResourceRequest): FunctionRecord => {
  const { properties } = request;
  check(properties);
  const name = physicalName(request, { given: properties.FunctionName, longest: 64 });
  const existing = functions.find(name);
  const directory = assetDirectory(cloud, properties.Code);
  return {
    name,
    arn: functions.arnOf(name),
    directory,
    handler: properties.Handler,
    runtime: properties.Runtime,
    role: properties.Role,
    memoryMegabytes: Number(properties.MemorySize ?? 128),
    timeoutSeconds: Number(properties.Timeout ?? 3),
    environment: texts(properties.Environment?.Variables ?? {}),
    architectures: properties.Architectures ?? ['x86_64'],
    description: properties.Description ?? '',
    logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
    reservedConcurrency:
      properties.ReservedConcurrentExecutions === undefined
        ? undefined
        : Number(properties.ReservedConcurrentExecutions),
    deadLetterTarget: properties.DeadLetterConfig?.TargetArn,
    tags: Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }: Record<string, string>) => [Key, Value])),
    recorded: Object.fromEntries(RECORDED.filter((key) => key in properties).map((key) => [key, properties[key]])),
    revision: randomUUID(),
    modifiedAt: cloud.clock.now(),
    codeSha256: createHash('sha256').update(JSON.stringify(properties.Code)).digest('base64'),
    permissions: existing?.permissions ?? [],
    invokeConfig: existing?.invokeConfig ?? DEFAULT_INVOKE_CONFIG,
  };
};

// biome-ignore lint/suspicious/noExplicitAny: a template's properties, checked here
const check = (properties: any): void => {
  if (!/^nodejs\d+\.x$/.test(properties.Runtime ?? '')) {
    throw new NotImplementedError(`lambda:CreateFunction Runtime ${properties.Runtime}`);
  }
  if (properties.PackageType !== undefined && properties.PackageType !== 'Zip') {
    throw new NotImplementedError(`lambda:CreateFunction PackageType ${properties.PackageType}`);
  }
  const logging = Object.keys(properties.LoggingConfig ?? {}).find((key) => key !== 'LogGroup' && key !== 'LogFormat');
  if (logging) throw new NotImplementedError(`lambda:CreateFunction LoggingConfig ${logging}`);
  if (typeof properties.Handler !== 'string' || !/^[^\s]+\.[^\s.]+$/.test(properties.Handler)) {
    throw new ServiceError('InvalidParameterValueException', `expected Handler file.export, got ${properties.Handler}`);
  }
  if (typeof properties.Role !== 'string' || !properties.Role.startsWith('arn:aws:iam::')) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `expected Role to be a role's ARN, got ${properties.Role}`,
    );
  }
  const reserved = Object.keys(properties.Environment?.Variables ?? {}).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys: ${reserved}`,
    );
  }
};

/** Variables that only the runtime may set. */
const RESERVED = new Set([
  '_HANDLER',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'LAMBDA_TASK_ROOT',
]);

/** Where the provisioner found the asset of this bucket and key. */
const assetDirectory = (cloud: Cloud, code: Readonly<Record<string, unknown>>): string => {
  const other = Object.keys(code).find((key) => key !== 'S3Bucket' && key !== 'S3Key');
  if (other) throw new NotImplementedError(`lambda:CreateFunction Code ${other}`);
  const directory = cloud.store.get<string>('assets', `${code.S3Bucket}/${code.S3Key}`);
  if (!directory || !existsSync(directory)) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `Error occurred while GetObject: no asset at ${code.S3Bucket}/${code.S3Key}`,
    );
  }
  return directory;
};

const texts = (variables: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
