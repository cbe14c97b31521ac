import { Activity } from '../../activity.ts';
import { Clock } from '../../clock.ts';
import { Store } from '../../store.ts';
import { Failure } from './failure.ts';
import { Engine } from './interpreter/engine.ts';
import type { Integration, TaskCall } from './interpreter/ports.ts';
import { Tokens } from './interpreter/tokens.ts';
import { Journal } from './journal.ts';
import type { Json } from './json.ts';
import type { ExecutionRecord, ExecutionStatus, HistoryEvent } from './records.ts';
import { patternOf } from './resource-name.ts';
import { validate } from './validation/validate.ts';

/** What a task handler may use beside its arguments. */
interface TaskContext {
  /** For `.waitForTaskToken`; the handler's own result is then only what the call answered. */
  readonly token: string;
  readonly execution: ExecutionRecord;
  sendTaskSuccess(token: string, output: unknown): void;
  sendTaskFailure(token: string, error?: string, cause?: string): void;
  sendTaskHeartbeat(token: string): void;
  /** Runs something later, in the execution's own time. */
  after(seconds: number, run: () => void | Promise<void>): void;
  /** Milliseconds since the epoch, in the execution's own time. */
  now(): number;
}

// biome-ignore lint/suspicious/noExplicitAny: a task's arguments and result are its own
export type TaskHandler = (args: any, context: TaskContext) => any;

export interface ExecuteOptions {
  /** @default 2030-01-01T00:00:00Z */
  readonly startTime?: Date;
  /** @default the execution's name `test` */
  readonly name?: string;
  /** In [0, 1), for jitter. @default 0.5 */
  readonly random?: () => number;
}

export interface ExecuteResult {
  /** `RUNNING`: it waits for an answer that nothing will give. */
  readonly status: ExecutionStatus;
  /** Names of the states entered, in order, inner ones included. */
  readonly path: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: an output's shape is the machine's own
  readonly output: any;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** State transitions that AWS would bill: states entered and retries. */
  readonly transitions: number;
  /** Seconds from start to end, in the execution's own time. */
  readonly seconds: number;
  readonly history: readonly HistoryEvent[];
}

/**
 * Runs a JSONata state machine with the interpreter of the local cloud, in memory and in virtual time: waits, retries and
 * timeouts of days pass at once.
 *
 * An error that a handler throws fails the task under the error's `name`, as a Lambda function's would; a `Failure` as it says.
 *
 * @param machine the definition, as an object or as text
 * @param handlers by `Resource`, exactly as the state has it
 * @throws {Error} the definition is wrong, or a task has no handler
 */
export async function execute(
  machine: object | string,
  input: unknown,
  handlers: Readonly<Record<string, TaskHandler>> = {},
  options: ExecuteOptions = {},
): Promise<ExecuteResult> {
  const text = typeof machine === 'string' ? machine : JSON.stringify(machine);
  const { machine: checked, findings, notImplemented } = validate(text);
  if (findings.length > 0)
    throw new Error(findings.map(({ message, location }) => `${location}: ${message}`).join('\n'));
  if (notImplemented.length > 0) throw new Error(`expected JSONata, got JSONPath in ${notImplemented.join(', ')}`);
  const world = createWorld(handlers, options);
  const record = newRecord(input, options.name ?? 'test', world.clock.now());
  try {
    world.engine.start(record, checked);
    await runToEnd(world, record);
    if (world.defects.length > 0) throw world.defects[0];
    return resultOf(world, record);
  } finally {
    await world.engine.detach();
    world.clock.stop();
    world.store.close();
  }
}

type World = ReturnType<typeof createWorld>;

function createWorld(handlers: Readonly<Record<string, TaskHandler>>, options: ExecuteOptions) {
  const defects: unknown[] = [];
  const activity = new Activity((error) => defects.push(error));
  const start = (options.startTime ?? new Date('2030-01-01T00:00:00Z')).getTime();
  const clock = new Clock({ offset: start - Date.now() }, () => activity.idle());
  const store = new Store(':memory:');
  const tokens = new Tokens(store);
  const journal = new Journal(store);
  const context: Omit<TaskContext, 'token' | 'execution'> = {
    sendTaskSuccess: (token, output) => tokens.answer(token, { output: output as Json }),
    sendTaskFailure: (token, error, cause) =>
      tokens.answer(token, { ...(error && { error }), ...(cause && { cause }) }),
    sendTaskHeartbeat: (token) => tokens.beat(token, clock.now()),
    after: (seconds, run) => void clock.after(seconds * 1000, run),
    now: () => clock.now(),
  };
  const ports = {
    clock,
    region: 'eu-west-1',
    tokens,
    track: <T>(work: Promise<T>) => activity.track(work),
    random: options.random ?? (() => 0.5),
    integration: (resource: string) => fakeIntegration(resource, handlers, context, activity),
    distributedMap: () => Promise.reject(new Error('expected no Distributed Map here: run it on a LocalCloud')),
  };
  const engine = new Engine(
    ports,
    journal,
    () => {},
    (error) => defects.push(error),
  );
  return { clock, store, journal, engine, defects };
}

function fakeIntegration(
  resource: string,
  handlers: Readonly<Record<string, TaskHandler>>,
  context: Omit<TaskContext, 'token' | 'execution'>,
  activity: Activity,
): Integration {
  const handler = handlers[resource];
  if (!handler) throw new Error(`expected a handler for ${resource}, got none`);
  const direct = !resource.startsWith('arn:aws:states:::');
  const run = async (call: TaskCall): Promise<Json> => {
    try {
      const result = await handler(call.arguments, { ...context, token: call.token ?? '', execution: call.execution });
      return JSON.parse(JSON.stringify(result ?? null)) as Json;
    } catch (error) {
      throw error instanceof Failure ? error : asFunctionError(error);
    }
  };
  const [resourceType = '', ...rest] = resource.replace('arn:aws:states:::', '').split(':');
  return {
    events: direct ? 'LambdaFunction' : 'Task',
    resourceType: rest.length > 1 ? `${resourceType}:${rest[0]}` : resourceType,
    resource: rest.at(-1) ?? '',
    pattern: direct ? 'request' : patternOf(resource),
    submit: (call) => activity.count(run(call)),
    finish: async (submitted) => submitted,
  };
}

/** How Lambda writes an error that a function threw. */
const asFunctionError = (error: unknown): Failure => {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return new Failure(name, JSON.stringify({ errorType: name, errorMessage: message }));
};

const newRecord = (input: unknown, name: string, startDate: number): ExecutionRecord => ({
  executionArn: `arn:aws:states:eu-west-1:000000000000:execution:machine:${name}`,
  stateMachineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:machine',
  name,
  revisionId: '1',
  roleArn: 'arn:aws:iam::000000000000:role/machine',
  block: [],
  type: 'STANDARD',
  startDate,
  input: JSON.stringify(input ?? {}),
  status: 'RUNNING',
  redriveCount: 0,
});

/** Moves the clock from timer to timer until the execution has ended or nothing is left that could move it. */
async function runToEnd({ clock, defects }: World, record: ExecutionRecord): Promise<void> {
  for (;;) {
    await clock.advance(0);
    if (record.status !== 'RUNNING' || defects.length > 0 || clock.nextDue === undefined) return;
    await clock.advance(Math.max(0, clock.nextDue - clock.now()));
  }
}

function resultOf({ journal }: World, record: ExecutionRecord): ExecuteResult {
  const history = journal.history(record.executionArn);
  const entered = history.filter(({ type }) => type.endsWith('StateEntered'));
  return {
    status: record.status,
    path: entered.map(({ stateEnteredEventDetails }) => stateEnteredEventDetails.name as string),
    output: record.output === undefined ? undefined : JSON.parse(record.output),
    error: record.error,
    cause: record.cause,
    transitions: journal.transitions,
    seconds: ((record.stopDate ?? record.startDate) - record.startDate) / 1000,
    history,
  };
}
