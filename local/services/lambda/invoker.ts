import { randomBytes, randomUUID } from 'node:crypto';
import { type Cloud, ServiceError, StoppingError } from '../../service.ts';
import { environmentOf } from './function-environment.ts';
import { FunctionLog, type LogLine } from './function-log.ts';
import { type Failure, FunctionProcess, type Outcome } from './function-process.ts';
import type { Functions } from './function-record.ts';
import { InvocationMeter } from './invocation-meter.ts';
import { platformLines } from './platform-lines.ts';
import { type PoolLimits, ProcessPool } from './process-pool.ts';

/** What an invocation came to. */
export interface Invocation {
  readonly requestId: string;
  readonly outcome: Outcome;
  /** The log of this invocation alone. */
  readonly lines: readonly LogLine[];
}

/** Lambda's limit on a synchronous request and on a response, in bytes. */
export const LARGEST_PAYLOAD = 6_291_456;

/** Lambda gives a handler's module this long to load, in milliseconds, where the function's own timeout is not longer. */
const INIT_LIMIT = 10_000;

/** Runs functions in child processes, on the cloud's clock. */
export class Invoker {
  readonly meter: InvocationMeter;
  readonly pool: ProcessPool;
  readonly #cloud: Cloud;
  readonly #functions: Functions;
  readonly #logs = new WeakMap<FunctionProcess, FunctionLog>();
  readonly #fresh = new WeakSet<FunctionProcess>();
  readonly #running = new Map<string, number>();
  readonly #unfollow: () => void;
  #stopping = false;

  constructor(cloud: Cloud, functions: Functions, limits?: PoolLimits) {
    this.#cloud = cloud;
    this.#functions = functions;
    this.meter = new InvocationMeter(cloud);
    this.pool = new ProcessPool((name) => this.#start(name), limits);
    this.#unfollow = cloud.clock.onMove((setting) => {
      for (const process of this.pool.all) process.setClock(setting);
    });
  }

  /**
   * @param payload JSON text
   * @throws {ServiceError} TooManyRequestsException where the function's reserved concurrency is in use
   */
  async invoke(name: string, payload: string, clientContext?: unknown): Promise<Invocation> {
    const record = this.#functions.get(name);
    const running = this.#running.get(name) ?? 0;
    if (running >= (record.reservedConcurrency ?? Number.POSITIVE_INFINITY)) {
      this.meter.add(name, { throttles: 1 });
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429, {
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      });
    }
    this.#running.set(name, running + 1);
    try {
      const process = await this.pool.acquire(name);
      const started = performance.now();
      const invocation = await this.#run(process, payload, clientContext);
      // The process was ended by us: what it was doing will be done again, and does not count as a failure.
      if (this.#stopping) throw new StoppingError();
      const errors = 'failure' in invocation.outcome ? 1 : 0;
      this.meter.add(name, { invocations: 1, errors }, performance.now() - started);
      return invocation;
    } finally {
      this.#running.set(name, this.#running.get(name)! - 1);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#unfollow();
    await this.pool.stop();
  }

  async #start(name: string): Promise<FunctionProcess> {
    const record = this.#functions.get(name);
    const principal = await this.#cloud.assume(record.role, name, 'lambda.amazonaws.com', record.arn);
    const day = this.#cloud.clock.date().toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
    const process = new FunctionProcess(record, logStream, environmentOf(this.#cloud, record, logStream, principal));
    this.#logs.set(process, new FunctionLog(this.#cloud, principal, record.logGroup, logStream));
    this.#fresh.add(process);
    return process;
  }

  async #run(process: FunctionProcess, payload: string, clientContext: unknown): Promise<Invocation> {
    const requestId = randomUUID();
    const lines: LogLine[] = [];
    const log = (message: string) => lines.push({ timestamp: this.#cloud.clock.now(), message });
    process.onLine = log;
    const initStarted = performance.now();
    const initFailure = await this.#init(process);
    const initDuration = initFailure === null ? undefined : performance.now() - initStarted;

    const platform = platformLines(process.record, requestId, this.#cloud.clock.date());
    log(platform.start);
    const started = performance.now();
    const outcome = initFailure
      ? { failure: initFailure }
      : sized(await this.#runWithTimeout(process, requestId, payload, clientContext));
    const failure = 'failure' in outcome ? named(outcome.failure, requestId) : undefined;
    const duration = performance.now() - started;
    const sandbox = failure && isFromSandbox(failure) ? failure.errorMessage : undefined;
    for (const line of platform.end({ duration, init: initDuration, failure: sandbox, at: this.#cloud.clock.date() }))
      log(line);
    this.#logs.get(process)!.write(lines);
    await this.#giveBack(process, initFailure !== null && initFailure !== undefined);
    return { requestId, outcome: failure ? { failure } : outcome, lines };
  }

  /** @returns null for a warm process, undefined when a new one is ready, otherwise why it is not */
  async #init(process: FunctionProcess): Promise<Failure | undefined | null> {
    if (!this.#fresh.delete(process)) return null;
    const limit = Math.max(INIT_LIMIT, process.record.timeoutSeconds * 1000);
    const failure = await this.#within(limit, process, process.ready());
    this.pool.initialised();
    return failure;
  }

  async #runWithTimeout(
    process: FunctionProcess,
    requestId: string,
    payload: string,
    clientContext: unknown,
  ): Promise<Outcome> {
    const limit = process.record.timeoutSeconds * 1000;
    const outcome = await this.#within(
      limit,
      process,
      process.run({
        requestId,
        payload,
        clientContext,
        functionArn: process.record.arn,
        deadline: this.#cloud.clock.now() + limit,
        traceId: `Root=1-${randomBytes(4).toString('hex')}-${randomBytes(12).toString('hex')};Sampled=0`,
      }),
    );
    return outcome && 'errorType' in outcome ? { failure: outcome } : outcome;
  }

  /** Ends the process where the clock reaches the limit first. */
  async #within<T>(milliseconds: number, process: FunctionProcess, work: Promise<T>): Promise<T | Failure> {
    let timedOut = false;
    const timer = this.#cloud.clock.after(milliseconds, () => {
      timedOut = true;
      void process.kill();
    });
    const result = await work;
    timer.cancel();
    const seconds = (milliseconds / 1000).toFixed(2);
    return timedOut
      ? { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${seconds} seconds` }
      : result;
  }

  async #giveBack(process: FunctionProcess, broken: boolean): Promise<void> {
    if (broken || this.pool.isRetired(process)) await this.pool.discard(process);
    else this.pool.release(process);
  }
}

const sized = (outcome: Outcome): Outcome => {
  if ('failure' in outcome || Buffer.byteLength(outcome.payload) <= LARGEST_PAYLOAD) return outcome;
  return {
    failure: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${LARGEST_PAYLOAD} bytes).`,
    },
  };
};

/** Failures that Lambda itself, not the function's code, reports. */
const isFromSandbox = ({ errorType }: Failure): boolean =>
  errorType === 'Sandbox.Timedout' || errorType === 'Runtime.ExitError';

const named = (failure: Failure, requestId: string): Failure =>
  isFromSandbox(failure)
    ? { ...failure, errorMessage: `RequestId: ${requestId} Error: ${failure.errorMessage}` }
    : failure;
