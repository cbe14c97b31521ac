import type { Clock } from '../../../clock.ts';
import type { Json } from '../json.ts';
import type { ExecutionRecord } from '../records.ts';
import type { Line } from './line.ts';
import type { Tokens } from './tokens.ts';

/** One attempt at a task, as an integration sees it. */
export interface TaskCall {
  /** `arn:aws:states:::sagemaker:createTrainingJob.sync` */
  readonly resource: string;
  readonly arguments: Json;
  readonly execution: ExecutionRecord;
  /** For `.waitForTaskToken`. */
  readonly token?: string;
  /** True after a restart: the call may have been made before. */
  readonly repeated: boolean;
  /** Aborted when nobody wants the result any more. */
  readonly signal: AbortSignal;
}

/** How one kind of `Resource` is called. */
export interface Integration {
  /** Which history events it makes: `LambdaFunctionScheduled` and so on, or `TaskScheduled` and so on. */
  readonly events: 'LambdaFunction' | 'Task';
  /** `lambda`, `aws-sdk:sagemaker` */
  readonly resourceType: string;
  /** `invoke.waitForTaskToken` */
  readonly resource: string;
  readonly pattern: 'request' | 'sync' | 'token';

  /** Arguments completed by what each repetition must have in common, such as a generated name. */
  complete?(args: Json, execution: ExecutionRecord): Json;

  /**
   * Makes the call.
   *
   * @returns the task's result, or for `sync` and `token` what the call answered
   * @throws {Failure} with the error name that Retry and Catch match on
   */
  submit(call: TaskCall): Promise<Json>;

  /** For `sync`: resolves when the work is done, however often it is asked. */
  finish?(submitted: Json, call: TaskCall): Promise<Json>;

  /** For `sync`: stops the work, when the execution ends before it. */
  cancel?(submitted: Json, call: TaskCall): Promise<void>;
}

/** What the interpreter needs from the world around it. */
export interface Ports {
  readonly clock: Clock;
  readonly region: string;
  readonly tokens: Tokens;
  /** A number in [0, 1), for jitter. */
  random(): number;
  /** Counts work under way, so that the clock does not jump over it. */
  track<T>(work: Promise<T>): Promise<T>;
  integration(resource: string): Integration;
  /** Runs a Distributed Map from its first item to its result. */
  distributedMap(line: Line): Promise<Json>;
}
