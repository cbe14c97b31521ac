import { randomBytes } from 'node:crypto';
import { Failure } from '../failure.ts';
import type { Integration, TaskCall } from '../interpreter/ports.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { patternOf } from '../resource-name.ts';
import { type Caller, exceptionClass, sdkMetadata } from './caller.ts';

/** Errors of Invoke that Step Functions knows by name; any other is `Lambda.AWSLambdaException`. */
const MODELED = new Set([
  'EC2AccessDeniedException',
  'EC2ThrottledException',
  'EC2UnexpectedException',
  'ENILimitReachedException',
  'InvalidParameterValueException',
  'InvalidRequestContentException',
  'InvalidRuntimeException',
  'KMSAccessDeniedException',
  'RequestTooLargeException',
  'ResourceConflictException',
  'ResourceNotFoundException',
  'ResourceNotReadyException',
  'ServiceException',
  'TooManyRequestsException',
  'UnsupportedMediaTypeException',
]);

const nameError = (code: string): string =>
  MODELED.has(exceptionClass(code)) ? `Lambda.${exceptionClass(code)}` : 'Lambda.AWSLambdaException';

interface InvokeOutput {
  readonly StatusCode?: number;
  readonly FunctionError?: string;
  readonly Payload?: Uint8Array;
  readonly ExecutedVersion?: string;
}

/** A function's ARN as the Resource: the arguments are its event, its answer is the result. */
export const functionTask = (caller: Caller, resource: string): Integration => ({
  events: 'LambdaFunction',
  resourceType: 'lambda',
  resource,
  pattern: 'request',
  async submit(call) {
    const output = await invoke(caller, call, { FunctionName: resource, Payload: toBytes(call.arguments) });
    return payloadOf(output);
  },
});

/** `arn:aws:states:::lambda:invoke`: the arguments are those of the Invoke API. */
export const invokeTask = (caller: Caller, resource: string): Integration => ({
  events: 'Task',
  resourceType: 'lambda',
  resource: resource.replace('arn:aws:states:::lambda:', ''),
  pattern: patternOf(resource),
  async submit(call) {
    const args = isObject(call.arguments) ? call.arguments : {};
    const { Payload, ...rest } = args;
    const output = await invoke(caller, call, { ...rest, ...(Payload !== undefined && { Payload: toBytes(Payload) }) });
    const version = output.ExecutedVersion ?? '$LATEST';
    return {
      ExecutedVersion: version,
      Payload: payloadOf(output),
      ...(sdkMetadata(caller.cloud, output.Payload?.byteLength ?? 0, {
        'X-Amz-Executed-Version': version,
        'x-amzn-Remapped-Content-Length': '0',
        'X-Amzn-Trace-Id': `Root=1-${randomBytes(4).toString('hex')}-${randomBytes(12).toString('hex')};Sampled=0`,
      }) as unknown as JsonObject),
      StatusCode: output.StatusCode ?? 200,
    };
  },
});

async function invoke(caller: Caller, call: TaskCall, input: object): Promise<InvokeOutput> {
  const output = (await caller.call(call.execution, 'lambda', 'Invoke', input, nameError)) as InvokeOutput;
  if (output.FunctionError === undefined) return output;
  const thrown = payloadOf(output);
  const errorType = isObject(thrown) && typeof thrown.errorType === 'string' ? thrown.errorType : 'Lambda.Unknown';
  throw new Failure(errorType, JSON.stringify(thrown));
}

const toBytes = (payload: Json): Uint8Array => Buffer.from(JSON.stringify(payload));

/** @throws {Failure} Lambda.Unknown where the function's answer is no JSON */
function payloadOf(output: InvokeOutput): Json {
  const text = Buffer.from(output.Payload ?? []).toString('utf8');
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Failure('Lambda.Unknown', `expected the function to answer JSON, got: ${text.slice(0, 200)}`);
  }
}
