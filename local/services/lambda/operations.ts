import {
  type Call,
  type Need,
  NotImplementedError,
  type Operation,
  type RestRoute,
  ServiceError,
} from '../../service.ts';
import type { AsynchronousEvents } from './asynchronous-events.ts';
import { checkQualifier, type FunctionRecord, type Functions, nameFromReference } from './function-record.ts';
import { type Invocation, type Invoker, LARGEST_PAYLOAD } from './invoker.ts';
import { resourcePolicyOf } from './resource-policy.ts';

const FUNCTIONS = '/2015-03-31/functions';

export const routes: Record<string, RestRoute> = {
  Invoke: {
    method: 'POST',
    path: `${FUNCTIONS}/{FunctionName}/invocations`,
    query: { Qualifier: 'Qualifier' },
    headers: {
      'x-amz-invocation-type': 'InvocationType',
      'x-amz-log-type': 'LogType',
      'x-amz-client-context': 'ClientContext',
    },
    payload: 'Payload',
    responseHeaders: {
      FunctionError: 'x-amz-function-error',
      LogResult: 'x-amz-log-result',
      ExecutedVersion: 'x-amz-executed-version',
    },
    responsePayload: 'Payload',
  },
  GetFunction: { method: 'GET', path: `${FUNCTIONS}/{FunctionName}`, query: { Qualifier: 'Qualifier' } },
  GetFunctionConfiguration: {
    method: 'GET',
    path: `${FUNCTIONS}/{FunctionName}/configuration`,
    query: { Qualifier: 'Qualifier' },
  },
  ListFunctions: { method: 'GET', path: FUNCTIONS, query: { Marker: 'Marker', MaxItems: 'MaxItems' } },
  GetPolicy: { method: 'GET', path: `${FUNCTIONS}/{FunctionName}/policy`, query: { Qualifier: 'Qualifier' } },
};

/** Lambda's limit on an asynchronous event, in bytes. */
const LARGEST_EVENT = 262_144;

/** Lambda's API, as far as it is implemented. */
export const operations = (
  functions: Functions,
  invoker: Invoker,
  events: AsynchronousEvents,
): Record<string, Operation> => {
  const needsFunction =
    (action: string) =>
    (call: Call): Need[] => [{ action, resource: functions.arnOf(nameFromReference(call.input.FunctionName)) }];
  const found = ({ input }: Call): FunctionRecord => {
    const record = functions.get(nameFromReference(input.FunctionName));
    checkQualifier(input.Qualifier, record.name);
    return record;
  };
  return {
    Invoke: {
      members: ['FunctionName', 'InvocationType', 'LogType', 'ClientContext', 'Payload', 'Qualifier'],
      needs: needsFunction('lambda:InvokeFunction'),
      run: async (call) => invoke(found(call), call, invoker, events),
    },
    GetFunction: {
      members: ['FunctionName', 'Qualifier'],
      needs: needsFunction('lambda:GetFunction'),
      run: async (call) => {
        const record = found(call);
        return {
          Configuration: configurationOf(record),
          Code: { RepositoryType: 'S3', Location: `file://${record.directory}` },
          Tags: record.tags,
          Concurrency:
            record.reservedConcurrency === undefined
              ? undefined
              : { ReservedConcurrentExecutions: record.reservedConcurrency },
        };
      },
    },
    GetFunctionConfiguration: {
      members: ['FunctionName', 'Qualifier'],
      needs: needsFunction('lambda:GetFunctionConfiguration'),
      run: async (call) => configurationOf(found(call)),
    },
    ListFunctions: {
      members: ['Marker', 'MaxItems'],
      needs: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
      run: async ({ input }) => {
        if (input.Marker !== undefined) throw new NotImplementedError('lambda:ListFunctions Marker');
        return { Functions: functions.list().map(configurationOf) };
      },
    },
    GetPolicy: {
      members: ['FunctionName', 'Qualifier'],
      needs: needsFunction('lambda:GetPolicy'),
      run: async (call) => {
        const record = found(call);
        const policy = resourcePolicyOf(record);
        if (!policy) {
          throw new ServiceError(
            'ResourceNotFoundException',
            `No policy is associated with the given resource: ${record.arn}`,
            404,
          );
        }
        return { Policy: JSON.stringify(policy), RevisionId: record.revision };
      },
    },
  };
};

const invoke = async (record: FunctionRecord, { input }: Call, invoker: Invoker, events: AsynchronousEvents) => {
  const type = input.InvocationType ?? 'RequestResponse';
  const payload = readPayload(input.Payload, type === 'Event' ? LARGEST_EVENT : LARGEST_PAYLOAD);
  switch (type) {
    case 'DryRun':
      return { StatusCode: 204 };
    case 'Event':
      events.accept(record.name, payload);
      return { StatusCode: 202, Payload: new Uint8Array() };
    case 'RequestResponse':
      return answer(await invoker.invoke(record.name, payload, clientContext(input.ClientContext)), input.LogType);
    default:
      throw new ServiceError(
        'InvalidParameterValueException',
        `expected InvocationType RequestResponse, Event or DryRun, got ${type}`,
      );
  }
};

const answer = ({ outcome, lines }: Invocation, logType: unknown) => {
  const log = lines.map((line) => `${line.message}\n`).join('');
  return {
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    LogResult: logType === 'Tail' ? Buffer.from(log).subarray(-4096).toString('base64') : undefined,
    ...('failure' in outcome
      ? { FunctionError: 'Unhandled', Payload: Buffer.from(JSON.stringify(outcome.failure)) }
      : { Payload: Buffer.from(outcome.payload) }),
  };
};

const readPayload = (payload: Uint8Array | string | undefined, most: number): string => {
  const bytes = Buffer.from(payload ?? '');
  if (bytes.length > most) {
    throw new ServiceError(
      'RequestTooLargeException',
      `Request must be smaller than ${most} bytes for the InvokeFunction operation, got ${bytes.length}`,
      413,
    );
  }
  const text = bytes.toString() || '{}';
  try {
    JSON.parse(text);
  } catch (error) {
    throw new ServiceError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
  return text;
};

const clientContext = (text: string | undefined): unknown =>
  text === undefined ? undefined : JSON.parse(Buffer.from(text, 'base64').toString());

const configurationOf = (record: FunctionRecord) => ({
  FunctionName: record.name,
  FunctionArn: record.arn,
  Runtime: record.runtime,
  Role: record.role,
  Handler: record.handler,
  Description: record.description,
  Timeout: record.timeoutSeconds,
  MemorySize: record.memoryMegabytes,
  LastModified: new Date(record.modifiedAt).toISOString().replace('Z', '+0000'),
  CodeSha256: record.codeSha256,
  Version: '$LATEST',
  Environment: { Variables: record.environment },
  PackageType: 'Zip',
  Architectures: record.architectures,
  DeadLetterConfig: record.deadLetterTarget && { TargetArn: record.deadLetterTarget },
  LoggingConfig: { LogGroup: record.logGroup, LogFormat: record.logFormat },
  State: 'Active',
  LastUpdateStatus: 'Successful',
  RevisionId: record.revision,
});
