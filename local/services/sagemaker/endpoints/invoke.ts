import { randomUUID } from 'node:crypto';
import { type Operation, type RestRoute, ServiceError } from '../../../service.ts';
import { type ContainerAnswer, NoAnswerError } from '../container/model-server.ts';
import { arnOf } from '../names.ts';
import type { Platform } from '../platform.ts';
import type { DataCapture } from './data-capture.ts';
import type { Endpoint, EndpointRecords } from './endpoint.ts';
import type { Fleets } from './fleets.ts';
import type { EndpointMetrics } from './metrics.ts';
import { ShadowSampling } from './shadows.ts';
import { type Route, TrafficRouter } from './traffic.ts';

const TIMEOUT_MS = 60_000;
const MOST_BYTES = 6 * 2 ** 20;
const MOST_SERVERLESS_BYTES = 4 * 2 ** 20;
const ANSWERING = new Set(['InService', 'Updating', 'SystemUpdating', 'RollingBack', 'UpdateRollbackFailed']);

/** The runtime API's one route; it shares the `sagemaker` scope with the control plane. */
export const INVOKE_ROUTE: RestRoute = {
  method: 'POST',
  path: '/endpoints/{EndpointName}/invocations',
  headers: {
    'content-type': 'ContentType',
    accept: 'Accept',
    'x-amzn-sagemaker-custom-attributes': 'CustomAttributes',
    'x-amzn-sagemaker-target-model': 'TargetModel',
    'x-amzn-sagemaker-target-variant': 'TargetVariant',
    'x-amzn-sagemaker-target-container-hostname': 'TargetContainerHostname',
    'x-amzn-sagemaker-inference-id': 'InferenceId',
    'x-amzn-sagemaker-enable-explanations': 'EnableExplanations',
    'x-amzn-sagemaker-inference-component': 'InferenceComponentName',
    'x-amzn-sagemaker-session-id': 'SessionId',
  },
  payload: 'Body',
  responseHeaders: {
    ContentType: 'content-type',
    InvokedProductionVariant: 'x-amzn-invoked-production-variant',
    CustomAttributes: 'x-amzn-sagemaker-custom-attributes',
  },
  responsePayload: 'Body',
};

interface InvokeInput {
  readonly EndpointName: string;
  readonly Body?: Uint8Array;
  readonly ContentType?: string;
  readonly Accept?: string;
  readonly CustomAttributes?: string;
  readonly TargetVariant?: string;
  readonly InferenceId?: string;
}

/** InvokeEndpoint: routes a request to a container, captures and counts it. */
export class Invocations {
  readonly operation: Operation;
  readonly #platform: Platform;
  readonly #records: EndpointRecords;
  readonly #fleets: Fleets;
  readonly #capture: DataCapture;
  readonly #metrics: EndpointMetrics;
  readonly #router = new TrafficRouter();
  readonly #shadows = new ShadowSampling();

  constructor(
    platform: Platform,
    records: EndpointRecords,
    fleets: Fleets,
    capture: DataCapture,
    metrics: EndpointMetrics,
  ) {
    this.#platform = platform;
    this.#records = records;
    this.#fleets = fleets;
    this.#capture = capture;
    this.#metrics = metrics;
    this.operation = {
      members: ['EndpointName', 'Body', 'ContentType', 'Accept', 'CustomAttributes', 'TargetVariant', 'InferenceId'],
      needs: ({ input }) => [
        { action: 'sagemaker:InvokeEndpoint', resource: arnOf(platform.cloud, 'endpoint', input.EndpointName) },
      ],
      run: ({ input }) => this.#invoke(input),
    };
  }

  async #invoke(input: InvokeInput): Promise<object> {
    const began = performance.now();
    const endpoint = this.#require(input.EndpointName);
    const route = this.#router.choose(endpoint, input.TargetVariant);
    if (!route) throw validationError(`Variant ${input.TargetVariant} not found in endpoint ${endpoint.name}.`);
    const body = input.Body ?? new Uint8Array();
    const most = route.variant.serverless ? MOST_SERVERLESS_BYTES : MOST_BYTES;
    if (body.length > most) throw validationError(`expected a body of at most ${most} bytes, got ${body.length}`);
    for (const variant of this.#shadows.choose(endpoint, route.fleet)) {
      void this.#platform.cloud.track(this.#mirror(endpoint, { fleet: route.fleet, variant }, input, body));
    }
    const { answer, error } = await this.#answer(endpoint, route, input, body, began);
    if (!answer || answer.status >= 400) throw this.#modelError(endpoint, route, answer, error);
    return {
      Body: answer.body,
      ContentType: answer.contentType,
      InvokedProductionVariant: route.variant.name,
      ...(answer.customAttributes !== undefined && { CustomAttributes: answer.customAttributes }),
    };
  }

  /** The same request for a shadow variant, whatever comes of it. */
  async #mirror(endpoint: Endpoint, route: Route, input: InvokeInput, body: Uint8Array): Promise<void> {
    await this.#answer(endpoint, route, input, body, performance.now());
  }

  /** A variant's answer, counted, and captured where it is one. */
  async #answer(endpoint: Endpoint, route: Route, input: InvokeInput, body: Uint8Array, began: number) {
    const called = await this.#call(endpoint, route, input, body);
    const modelMicroseconds = Math.round(called.milliseconds * 1000);
    const overheadMicroseconds = Math.max(0, Math.round((performance.now() - began) * 1000) - modelMicroseconds);
    this.#metrics.count(endpoint, route, { status: called.answer?.status, modelMicroseconds, overheadMicroseconds });
    const { answer } = called;
    if (answer && answer.status < 400) {
      this.#capture.record(endpoint, route, {
        input: body,
        inputType: input.ContentType,
        output: answer.body,
        outputType: answer.contentType,
        inferenceId: input.InferenceId,
        customAttributes: input.CustomAttributes,
        eventId: randomUUID(),
      });
    }
    return called;
  }

  #require(name: string): Endpoint {
    const endpoint = this.#records.find(name);
    if (endpoint && ANSWERING.has(endpoint.status)) return endpoint;
    throw validationError(`Endpoint ${name} of account ${this.#platform.cloud.account} not found.`);
  }

  /** The container's answer, or why there is none; both are counted. */
  async #call(endpoint: Endpoint, route: Route, input: InvokeInput, body: Uint8Array) {
    let began = performance.now();
    try {
      const answer = await this.#fleets.use(endpoint, route.fleet, route.variant, (server) => {
        began = performance.now();
        return server.invoke({
          body,
          contentType: input.ContentType,
          accept: input.Accept,
          customAttributes: input.CustomAttributes,
          timeoutMs: TIMEOUT_MS,
        });
      });
      return { answer, milliseconds: performance.now() - began };
    } catch (error) {
      return { answer: undefined, error: error as Error, milliseconds: performance.now() - began };
    }
  }

  #modelError(
    endpoint: Endpoint,
    route: Route,
    answer: ContainerAnswer | undefined,
    error: Error | undefined,
  ): ServiceError {
    const status = answer?.status ?? 0;
    const said = answer ? answer.body.toString().slice(0, 1024) : unanswered(error);
    const group = `/aws/sagemaker/Endpoints/${endpoint.name}`;
    const kind = status >= 400 && status < 500 ? 'client error' : 'server error';
    const { region, account } = this.#platform.cloud;
    return new ServiceError(
      'ModelError',
      `Received ${kind} (${status}) from primary with message "${said}". See the log group ${group} in account ${account} for more information.`,
      424,
      {
        OriginalStatusCode: status,
        OriginalMessage: said,
        LogStreamArn: `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${route.variant.name}/i-${route.fleet.id}`,
      },
    );
  }
}

const validationError = (message: string): ServiceError => new ServiceError('ValidationError', message);

const unanswered = (error: Error | undefined): string =>
  error instanceof NoAnswerError && error.timedOut
    ? 'Your invocation timed out while waiting for a response from container primary.'
    : `No answer from container primary: ${error?.message}`;
