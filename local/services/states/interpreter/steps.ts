import type { State } from '../definition.ts';
import { Cancelled, EvaluationError, Failure, matches, whileExecuting } from '../failure.ts';
import { type Json, type JsonObject, PAYLOAD_LIMIT, sizeOf } from '../json.ts';
import type { Line } from './line.ts';
import { payload } from './run.ts';

/** How a state is left. */
export interface Exit {
  readonly output: Json;
  readonly assigned: JsonObject;
  /** undefined: the line of control ends here. */
  readonly next: string | undefined;
}

/** What one type of state does between being entered and being left. */
export type Handler = (line: Line, state: State) => Promise<Exit>;

/** What a state, a choice rule or a catcher says of the data it passes on. */
interface Shaping {
  readonly Output?: Json;
  readonly Assign?: JsonObject;
  readonly Next?: string;
}

/**
 * Evaluates Assign and Output, both against the variables as they were.
 *
 * @param scope what `$states` has beyond input and context
 * @param fallback the output where none is written
 */
export async function shape(
  line: Line,
  shaping: Shaping,
  scope: { result?: Json; errorOutput?: Json },
  fallback: Json,
  prefix = '',
): Promise<Exit> {
  const assigned = (await line.resolve(shaping.Assign ?? {}, `${prefix}Assign`, scope)) as JsonObject;
  const output = shaping.Output === undefined ? fallback : await line.resolve(shaping.Output, `${prefix}Output`, scope);
  checkSize(line.frame.state, output);
  checkSize(line.frame.state, assigned);
  return { output, assigned, next: shaping.Next };
}

/** @throws {Failure} States.DataLimitExceeded, which States.ALL does not catch */
export function checkSize(subject: string, value: Json): void {
  if (sizeOf(value) <= PAYLOAD_LIMIT) return;
  throw new Failure(
    'States.DataLimitExceeded',
    `The state/task '${subject}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

/**
 * Runs a line of control to its end.
 *
 * @returns its output
 * @throws {Failure} a state failed and nothing caught it
 * @throws {Cancelled}
 */
export async function runLine(line: Line, handlers: Readonly<Record<State['Type'], Handler>>): Promise<Json> {
  line.take();
  try {
    while (!line.frame.output) await step(line, handlers);
    return line.frame.output.value;
  } finally {
    line.drop();
  }
}

async function step(line: Line, handlers: Readonly<Record<State['Type'], Handler>>): Promise<void> {
  line.check();
  const state = line.run.stateOf(line.frame);
  let exit: Exit | undefined;
  try {
    await continuePending(line);
    exit = await handlers[state.Type](line, state);
    line.check();
  } catch (error) {
    exit = await recover(line, state, error);
  }
  if (exit) leave(line, state, exit);
}

/** Waits out a retry's delay, or throws again what failed before a restart. */
async function continuePending(line: Line): Promise<void> {
  const { frame, run } = line;
  const pending = frame.pending;
  if (pending?.kind === 'failed') throw new Failure(pending.error, pending.reason, { aliases: pending.aliases });
  if (pending?.kind !== 'retry') return;
  await line.wait(pending.until);
  run.commit(() => {
    delete frame.pending;
    frame.retryCount++;
    run.journal.countTransition();
    run.save(frame);
  });
}

function leave(line: Line, state: State, exit: Exit): void {
  const { frame, run } = line;
  run.commit(() => {
    run.dropChildren(frame);
    run.append(frame, `${state.Type}StateExited`, {
      name: frame.state,
      ...payload('output', exit.output),
      ...(Object.keys(exit.assigned).length > 0 && {
        assignedVariables: Object.fromEntries(
          Object.entries(exit.assigned).map(([name, value]) => [name, JSON.stringify(value)]),
        ),
        assignedVariablesDetails: { truncated: false },
      }),
    });
    frame.variables = { ...frame.variables, ...exit.assigned };
    if (exit.next === undefined) {
      frame.output = { value: exit.output };
      run.save(frame);
    } else {
      run.enter(frame, exit.next, exit.output);
    }
  });
}

/** Retries, catches, or passes the failure on. */
async function recover(line: Line, state: State, error: unknown): Promise<Exit | undefined> {
  if (error instanceof Cancelled) {
    recordAbort(line, state);
    throw error;
  }
  const failure = asFailure(line, error);
  if (error instanceof EvaluationError) recordEvaluation(line, failure, error.location);
  if (retry(line, state, failure)) return undefined;
  const { frame } = line;
  const before = frame.lastEvent;
  recordFailure(line, state);
  const index = (state.Catch ?? []).findIndex(({ ErrorEquals }) => matches(failure, ErrorEquals));
  const catcher = state.Catch?.[index];
  if (!catcher) throw recordBranchEnd(line, state, failure);
  try {
    return await shape(line, catcher, { errorOutput: failure.output }, failure.output, `Catch[${index}]/`);
  } catch (second) {
    const secondFailure = asFailure(line, second);
    // The state fails a second time, from where it stood before the first.
    frame.lastEvent = before;
    if (second instanceof EvaluationError) recordEvaluation(line, secondFailure, second.location);
    recordFailure(line, state);
    throw recordBranchEnd(line, state, secondFailure);
  }
}

/** @throws what is not a state's failure: a defect, which must not be caught by a workflow */
function asFailure(line: Line, error: unknown): Failure {
  if (error instanceof Failure) {
    if (error.error === 'States.Runtime') line.run.dying = true;
    return error;
  }
  if (!(error instanceof EvaluationError)) throw error;
  const { frame } = line;
  return new Failure('States.QueryEvaluationError', whileExecuting(frame.state, frame.enteredEvent, error.message));
}

/** States that a failure beside them aborts visibly. */
const ABORTABLE = new Set(['Map', 'Parallel', 'Task', 'Wait']);

/** A sibling failed: the execution goes on, so its history says what became of this state. */
function recordAbort({ frame, run }: Line, state: State): void {
  if (run.abort.signal.aborted || run.dying || !ABORTABLE.has(state.Type)) return;
  run.commit(() => {
    run.append(frame, `${state.Type}StateAborted`);
    run.save(frame);
  });
}

/** Each attempt whose expression failed says so, whatever comes of it. */
function recordEvaluation({ frame, run }: Line, { error, reason }: Failure, location: string): void {
  run.commit(() => {
    run.append(frame, 'EvaluationFailed', { error, cause: reason, location, state: frame.state });
    run.save(frame);
  });
}

/** Only once no retry is left. */
function recordFailure({ frame, run }: Line, state: State): void {
  if (run.dying || (state.Type !== 'Map' && state.Type !== 'Parallel')) return;
  run.commit(() => {
    run.append(frame, `${state.Type}StateFailed`);
    run.save(frame);
  });
}

/** A Task whose failure ends a Parallel's branch is aborted with the branch. */
function recordBranchEnd({ frame, run }: Line, state: State, failure: Failure): Failure {
  const inBranch = typeof frame.block.at(-1) === 'number';
  if (inBranch && state.Type === 'Task' && !run.dying) run.commit(() => run.append(frame, 'TaskStateAborted'));
  return failure;
}

/** @returns whether the state will be tried again */
function retry(line: Line, state: State, failure: Failure): boolean {
  const { frame, run } = line;
  const index = (state.Retry ?? []).findIndex(({ ErrorEquals }) => matches(failure, ErrorEquals));
  const retrier = state.Retry?.[index];
  const made = frame.retries[index] ?? 0;
  if (!retrier || made >= (retrier.MaxAttempts ?? 3)) return false;
  const seconds = Math.min(
    (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** made,
    retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
  );
  const delay = retrier.JitterStrategy === 'FULL' ? line.ports.random() * seconds : seconds;
  run.commit(() => {
    run.dropChildren(frame);
    const retries = [...frame.retries];
    for (let i = retries.length; i <= index; i++) retries.push(0);
    retries[index] = made + 1;
    frame.retries = retries;
    frame.pending = { kind: 'retry', until: run.now() + delay * 1000 };
    run.save(frame);
  });
  return true;
}
