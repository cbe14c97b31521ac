import type { BlockPath } from './definition.ts';
import type { Json, JsonObject } from './json.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One execution, as DescribeExecution tells it; survives a restart. Times are milliseconds since the epoch. */
export interface ExecutionRecord {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  /** The definition and role it started with, whatever the machine has become. */
  readonly revisionId: string;
  readonly roleArn: string;
  /** Which block of the definition it runs: a Distributed Map's child runs the Map's processor. */
  readonly block: BlockPath;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly startDate: number;
  /** JSON text, as given. */
  readonly input: string;
  /** For a Distributed Map's child. */
  readonly mapRunArn?: string;
  status: ExecutionStatus;
  stopDate?: number;
  output?: string;
  error?: string;
  cause?: string;
  redriveCount: number;
  redriveDate?: number;
}

export interface MapItem {
  readonly Index: number;
  readonly Value: Json;
}

/** What a state has under way; a restart continues from here. */
type Pending =
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'retry'; readonly until: number }
  | { readonly kind: 'failed'; readonly error?: string; readonly reason?: string; readonly aliases: readonly string[] }
  | TaskAttempt
  | { readonly kind: 'parallel' }
  | MapProgress
  | { readonly kind: 'mapRun'; readonly mapRunArn: string };

/** One attempt at a Task, from TaskScheduled to its end. */
export interface TaskAttempt {
  readonly kind: 'task';
  readonly arguments: Json;
  /** For `.waitForTaskToken`. */
  readonly token?: string;
  readonly timeoutAt?: number;
  readonly heartbeatSeconds?: number;
  /** Set once the call that starts a `.sync` or `.waitForTaskToken` task has answered. */
  submitted?: Json;
  /** Set together with TaskSucceeded. */
  result?: Json;
}

export interface MapProgress {
  readonly kind: 'map';
  readonly items: readonly Json[];
  readonly maxConcurrency: number;
  /** Index of the next item to start. */
  next: number;
  /** Id of the last event within the iteration that succeeded last: where the next one's events go on from. */
  lastEvent?: number;
  readonly outputs: Record<number, Json>;
}

/** One line of control: the machine itself, a Parallel's branch or a Map's iteration. */
export interface Frame {
  /** `0` for the machine; `0.3` for its branch or item 3. */
  readonly id: string;
  readonly block: BlockPath;
  /** Variables assigned in this scope. */
  variables: JsonObject;
  /** The state it is in. */
  state: string;
  input: Json;
  enteredAt: number;
  enteredEvent: number;
  /** Id of its latest history event. */
  lastEvent: number;
  /** Attempts made per retrier of this state, and in all. */
  retries: readonly number[];
  retryCount: number;
  pending?: Pending;
  /** For an iteration of an inline Map. */
  readonly mapItem?: MapItem;
  /** Set once it has reached its end. */
  output?: { readonly value: Json };
}

/** A Distributed Map's run. Times are milliseconds since the epoch. */
export interface MapRunRecord {
  readonly mapRunArn: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** How many child executions it has, once its items have been read. */
  readonly count?: number;
  readonly itemCount?: number;
  /** Whether a child has a batch of items. */
  readonly batched?: boolean;
  /** 0: as many as possible. */
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  /** The execution's, when the run was last begun. */
  readonly redriveCount: number;
}

/** A history event with the API's own member names; `timestamp` in milliseconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: `taskFailedEventDetails` and the like, one shape per type
  readonly [details: `${string}EventDetails`]: any;
}

export interface MachineRevision {
  readonly revisionId: string;
  readonly definition: string;
  readonly roleArn: string;
}
