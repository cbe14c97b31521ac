import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Cloud, type Need, type Principal, ServiceError } from '../../../service.ts';
import { Failure } from '../failure.ts';
import { isObject, type Json } from '../json.ts';
import type { ExecutionRecord } from '../records.ts';

/** Session names may be this long. */
const LONGEST_SESSION = 64;

/** How an integration names an API's errors: `SageMaker.ResourceLimitExceededException`. */
export type NameError = (code: string) => string;

/** What a cause says of where an error comes from, within its parentheses. */
export type Origin = (error: ServiceError) => string;

/** Calls other services with the execution's own role, so that its policies decide. */
export class Caller {
  readonly cloud: Cloud;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
  }

  /**
   * @param name how an error's code becomes the name that Retry and Catch match on
   * @param origin what a cause says of where an error comes from
   * @throws {Failure} the API answered an error
   * @throws {ServiceError} NotImplemented: a defect of the local cloud that no workflow may catch
   */
  async call(
    execution: ExecutionRecord,
    service: string,
    operation: string,
    input: unknown,
    name: NameError,
    origin: Origin = optimizedOrigin(service),
  ): Promise<unknown> {
    try {
      const principal = await this.principal(execution);
      return await this.cloud.call({ service, operation, principal, input });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status === 501) throw error;
      throw asFailure(error, name, origin);
    }
  }

  /** Checks permissions that AWS needs beside those of the call itself. */
  async authorize(execution: ExecutionRecord, needs: readonly Need[], service: string, name: NameError): Promise<void> {
    try {
      this.cloud.authorize(await this.principal(execution), needs);
    } catch (error) {
      throw error instanceof ServiceError ? asFailure(error, name, optimizedOrigin(service)) : error;
    }
  }

  /** An answer as JSON; counts as work under way while an object's body streams in. */
  read(value: unknown, writeDate: WriteDate): Promise<Json> {
    return this.cloud.track(toJson(value, writeDate));
  }

  principal(execution: ExecutionRecord): Promise<Principal> {
    const session = execution.name.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, LONGEST_SESSION);
    return this.cloud.assume(execution.roleArn, session, 'states.amazonaws.com', execution.stateMachineArn);
  }
}

const asFailure = (error: ServiceError, name: NameError, origin: Origin): Failure =>
  new Failure(name(error.code), `${error.message} (${origin(error)})`);

/** The first version of the SDK for Java, which the optimized integrations use, names a service after its client. */
const CLIENTS = new Map([
  ['codebuild', 'AWSCodeBuild'],
  ['dynamodb', 'AmazonDynamoDBv2'],
  ['lambda', 'AWSLambda'],
  ['sagemaker', 'AmazonSageMaker'],
  ['sns', 'AmazonSNS'],
  ['sqs', 'AmazonSQS'],
  ['states', 'AWSStepFunctions'],
]);

const optimizedOrigin =
  (service: string): Origin =>
  ({ status, code }) =>
    `Service: ${CLIENTS.get(service) ?? service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null`;

/** The second version, which `aws-sdk` integrations use. */
export const sdkOrigin =
  (service: string): Origin =>
  ({ status }) =>
    `Service: ${service}, Status Code: ${status}, Request ID: ${randomUUID()}`;

/** How dates are written in a result. */
export type WriteDate = (date: Date) => Json;

/** What an API answered as the JSON that a state machine sees: bytes as text, dates as `writeDate` says. */
export async function toJson(value: unknown, writeDate: WriteDate): Promise<Json> {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return writeDate(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Readable) return Buffer.concat(await value.toArray()).toString('utf8');
  if (Array.isArray(value)) return Promise.all(value.map((item) => toJson(item, writeDate)));
  if (typeof value !== 'object') return value as Json;
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) entries.push([key, await toJson(item, writeDate)]);
  }
  return Object.fromEntries(entries);
}

export const isoDate: WriteDate = (date) => date.toISOString();

/** The optimized integrations write dates as milliseconds since the epoch. */
export const epochMilliseconds: WriteDate = (date) => date.getTime();

/** Renames every member, however deep. */
export function renameKeys(value: Json, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]));
}

export const pascalCase = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);
export const camelCase = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);

/** The Java class that stands for an error code, as Step Functions names it. */
export const exceptionClass = (code: string): string => (code.endsWith('Exception') ? code : `${code}Exception`);

/** What the optimized integrations add to every answer. */
export function sdkMetadata(cloud: Cloud, contentLength: number, headers: Readonly<Record<string, string>> = {}) {
  const requestId = randomUUID();
  const all = {
    ...headers,
    Connection: 'keep-alive',
    'Content-Length': String(contentLength),
    'Content-Type': 'application/json',
    Date: cloud.clock.date().toUTCString(),
    'x-amzn-RequestId': requestId,
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
      HttpHeaders: all,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
