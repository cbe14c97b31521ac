import { randomUUID } from 'node:crypto';
import { NotImplementedError, type ResourceHandler, type ResourceRequest, ServiceError } from '../../service.ts';
import type { EventSourceMappings } from './event-source-mappings.ts';
import {
  checkQualifier,
  DEFAULT_INVOKE_CONFIG,
  type Functions,
  type InvokeConfig,
  nameFromReference,
  type Permission,
} from './function-record.ts';

/** `AWS::Lambda::Permission`. */
export const permissionResource = (functions: Functions): ResourceHandler => {
  const remove = (name: string, sid: string): void => {
    const record = functions.find(name);
    if (record) functions.put({ ...record, permissions: record.permissions.filter((other) => other.sid !== sid) });
  };
  const add = ({ properties, stackName, logicalId }: ResourceRequest) => {
    const name = nameFromReference(properties.FunctionName);
    const permission: Permission = {
      sid: `${stackName}-${logicalId}`,
      action: properties.Action,
      principal: properties.Principal,
      sourceArn: properties.SourceArn,
      sourceAccount: properties.SourceAccount,
    };
    remove(name, permission.sid);
    const record = functions.get(name);
    functions.put({ ...record, permissions: [...record.permissions, permission] });
    return { ref: permission.sid, attributes: { Id: permission.sid, FunctionName: name } };
  };
  return {
    properties: ['FunctionName', 'Action', 'Principal', 'SourceArn', 'SourceAccount'],
    create: async (request) => add(request),
    update: async (request, current) => {
      remove(current.attributes.FunctionName!, current.ref);
      return add(request);
    },
    delete: async (_request, current) => remove(current.attributes.FunctionName!, current.ref),
  };
};

/** `AWS::Lambda::EventSourceMapping` from a queue. */
export const eventSourceMappingResource = (mappings: EventSourceMappings): ResourceHandler => ({
  properties: [
    'EventSourceArn',
    'FunctionName',
    'BatchSize',
    'MaximumBatchingWindowInSeconds',
    'FunctionResponseTypes',
    'ScalingConfig',
    'Enabled',
    'Tags',
  ],
  create: async ({ properties }) => provisioned((await mappings.create(mappingOf(properties))).id),
  update: async ({ properties }, current) => {
    const id = current.ref;
    const mapping = mappingOf(properties);
    if (mapping.queueArn === mappings.get(id).queueArn) {
      await mappings.update({ ...mapping, id });
      return provisioned(id);
    }
    return provisioned((await mappings.create(mapping)).id);
  },
  delete: async (_request, current) => mappings.delete(current.ref),
});

const provisioned = (id: string) => ({ ref: id, attributes: { Id: id } });

/** Lambda's concurrency for a standard queue grows far beyond; here the processes per function are the limit. */
const MOST_BATCHES = 8;

// biome-ignore lint/suspicious/noExplicitAny: a template's properties, checked here
const mappingOf = (properties: any) => {
  const queueArn = String(properties.EventSourceArn);
  if (queueArn.split(':')[2] !== 'sqs') throw new NotImplementedError(`lambda:CreateEventSourceMapping ${queueArn}`);
  const batchSize = Number(properties.BatchSize ?? 10);
  const batchingWindowSeconds = Number(properties.MaximumBatchingWindowInSeconds ?? 0);
  const most = queueArn.endsWith('.fifo') ? 10 : 10_000;
  if (batchSize < 1 || batchSize > most || (batchSize > 10 && batchingWindowSeconds < 1)) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `expected BatchSize from 1 to ${most}, and a batching window of at least 1 second above 10; got ${batchSize}`,
    );
  }
  const types: readonly string[] = properties.FunctionResponseTypes ?? [];
  const unknown = types.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown) throw new NotImplementedError(`lambda:CreateEventSourceMapping FunctionResponseTypes ${unknown}`);
  return {
    queueArn,
    functionName: nameFromReference(properties.FunctionName),
    batchSize,
    batchingWindowSeconds,
    reportBatchItemFailures: types.length > 0,
    maximumConcurrency: Math.min(MOST_BATCHES, Number(properties.ScalingConfig?.MaximumConcurrency ?? MOST_BATCHES)),
    enabled: properties.Enabled === undefined || String(properties.Enabled) === 'true',
  };
};

/** `AWS::Lambda::EventInvokeConfig`: retries and destinations of asynchronous events. */
export const eventInvokeConfigResource = (functions: Functions): ResourceHandler => {
  const set = (name: string, invokeConfig: InvokeConfig) => {
    functions.put({ ...functions.get(name), invokeConfig });
    return { ref: `${name}-invoke-config-${randomUUID()}`, attributes: { FunctionName: name } };
  };
  const apply = ({ properties }: ResourceRequest) => {
    const name = nameFromReference(properties.FunctionName);
    checkQualifier(properties.Qualifier, name);
    return set(name, {
      maximumRetryAttempts: Number(properties.MaximumRetryAttempts ?? DEFAULT_INVOKE_CONFIG.maximumRetryAttempts),
      maximumEventAgeSeconds: Number(
        properties.MaximumEventAgeInSeconds ?? DEFAULT_INVOKE_CONFIG.maximumEventAgeSeconds,
      ),
      onFailure: properties.DestinationConfig?.OnFailure?.Destination,
      onSuccess: properties.DestinationConfig?.OnSuccess?.Destination,
    });
  };
  return {
    properties: ['FunctionName', 'Qualifier', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds', 'DestinationConfig'],
    create: async (request) => apply(request),
    update: async (request, current) => ({ ...apply(request), ref: current.ref }),
    delete: async (_request, current) => {
      const name = current.attributes.FunctionName!;
      if (functions.find(name)) set(name, DEFAULT_INVOKE_CONFIG);
    },
  };
};
