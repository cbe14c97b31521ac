import type { Timer } from '../../../clock.ts';
import type { Block, Machine, State } from '../definition.ts';
import { blockAt } from '../definition.ts';
import { Cancelled, Failure } from '../failure.ts';
import type { Journal } from '../journal.ts';
import type { Json } from '../json.ts';
import type { ExecutionRecord, ExecutionStatus, Frame } from '../records.ts';
import { inlineMap, parallel } from './fan-out.ts';
import { choice, fail, pass, wait } from './flow.ts';
import { Line } from './line.ts';
import type { Ports } from './ports.ts';
import { payload, ROOT, Run } from './run.ts';
import { type Handler, runLine, shape } from './steps.ts';
import { DETACHED, task } from './task.ts';

const runChild = (line: Line): Promise<Json> => runLine(line, HANDLERS);

const inline = inlineMap(runChild);

const distributed: Handler = async (line, state) => {
  const result = await line.ports.distributedMap(line);
  return shape(line, state, { result }, result);
};

const HANDLERS: Readonly<Record<State['Type'], Handler>> = {
  Pass: pass,
  Succeed: pass,
  Fail: fail,
  Choice: choice,
  Wait: wait,
  Task: task,
  Parallel: parallel(runChild),
  Map: (line, state) =>
    state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED' ? distributed(line, state) : inline(line, state),
};

/** An express execution ends after five minutes. */
const EXPRESS_SECONDS = 300;

/** What the execution came to. */
interface End {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

const END_EVENT = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

/** Runs executions, and takes them up again after a restart. */
export class Engine {
  readonly #ports: Ports;
  readonly #journal: Journal;
  readonly #runs = new Map<string, { run: Run; timeout: Timer | undefined; done: Promise<void> }>();
  readonly #onStatus: (record: ExecutionRecord) => void;
  readonly #onDefect: (error: unknown, record: ExecutionRecord) => void;

  /**
   * @param onStatus told of every change of status
   * @param onDefect told of errors that no state machine should see: something not implemented, a bug
   */
  constructor(
    ports: Ports,
    journal: Journal,
    onStatus: (record: ExecutionRecord) => void = () => {},
    onDefect: (error: unknown, record: ExecutionRecord) => void = () => {},
  ) {
    this.#ports = ports;
    this.#journal = journal;
    this.#onStatus = onStatus;
    this.#onDefect = onDefect;
  }

  /** Records the execution and its first state; the work goes on behind. */
  start(record: ExecutionRecord, machine: Machine): void {
    const run = new Run(record, machine, this.#journal, () => this.#ports.clock.now());
    const input = JSON.parse(record.input) as Json;
    const block: Block = blockAt(machine, record.block);
    const frame = rootFrame(record, input);
    run.commit(() => {
      this.#journal.saveExecution(record);
      run.append(frame, 'ExecutionStarted', { ...payload('input', input), roleArn: record.roleArn });
      run.enter(frame, block.StartAt, input);
    });
    this.#onStatus(record);
    this.#drive(run, frame, machine);
  }

  /** Takes a running execution up where the journal has it; once. */
  resume(record: ExecutionRecord, machine: Machine): void {
    if (this.#runs.has(record.executionArn)) return;
    const run = new Run(record, machine, this.#journal, () => this.#ports.clock.now());
    this.#drive(run, run.frames.get(ROOT)!, machine);
  }

  /** Runs again what had not succeeded, with what had. */
  redrive(record: ExecutionRecord, machine: Machine): void {
    const run = new Run(record, machine, this.#journal, () => this.#ports.clock.now());
    const root = run.frames.get(ROOT)!;
    run.commit(() => {
      record.status = 'RUNNING';
      record.redriveCount++;
      record.redriveDate = run.now();
      for (const member of ['stopDate', 'error', 'cause'] as const) delete record[member];
      this.#journal.saveExecution(record);
      root.lastEvent = run.lastEvent;
      run.append(root, 'ExecutionRedriven', { redriveCount: record.redriveCount });
      for (const frame of run.frames.values()) reopen(run, frame);
    });
    this.#onStatus(record);
    this.#drive(run, root, machine);
  }

  /** @returns false where it is not running */
  stop(arn: string, error?: string, cause?: string): boolean {
    const running = this.#runs.get(arn);
    if (!running) return false;
    this.#end(running.run, { status: 'ABORTED', ...(error && { error }), ...(cause && { cause }) });
    running.run.abort.abort();
    return true;
  }

  /** The process stops; executions stay as the journal has them. */
  async detach(): Promise<void> {
    const running = [...this.#runs.values()];
    this.#runs.clear();
    for (const { run, timeout } of running) {
      timeout?.cancel();
      run.abort.abort(DETACHED);
    }
    await Promise.all(running.map(({ done }) => done));
  }

  #drive(run: Run, frame: Frame, machine: Machine): void {
    const { executionArn } = run.record;
    const line = new Line(this.#ports, run, frame, run.abort.signal);
    const seconds = limitOf(run.record, machine);
    const timeout =
      seconds === undefined
        ? undefined
        : this.#ports.clock.at((run.record.redriveDate ?? run.record.startDate) + seconds * 1000, () => {
            this.#end(run, { status: 'TIMED_OUT' });
            run.abort.abort();
          });
    const done = runChild(line).then(
      (output) => this.#end(run, { status: 'SUCCEEDED', output: JSON.stringify(output) }),
      (error) => this.#fail(run, error),
    );
    this.#runs.set(executionArn, { run, timeout, done });
  }

  #fail(run: Run, error: unknown): void {
    if (error instanceof Cancelled || run.abort.signal.aborted) return;
    if (error instanceof Failure) {
      const { error: name, reason } = error;
      this.#end(run, {
        status: 'FAILED',
        ...(name !== undefined && { error: name }),
        ...(reason !== undefined && { cause: reason }),
      });
      return;
    }
    this.#onDefect(error, run.record);
    this.#end(run, {
      status: 'FAILED',
      error: 'States.Runtime',
      cause: error instanceof Error ? error.message : String(error),
    });
  }

  #end(run: Run, end: End): void {
    const { record } = run;
    if (record.status !== 'RUNNING') return;
    this.#runs.get(record.executionArn)?.timeout?.cancel();
    this.#runs.delete(record.executionArn);
    const root = run.frames.get(ROOT)!;
    const { status, output, ...failure } = end;
    run.commit(() => {
      // That it was a timeout stands in the history only.
      const told = status === 'TIMED_OUT' ? { error: 'States.Timeout' } : failure;
      const details = output === undefined ? told : payload('output', JSON.parse(output) as Json);
      if (status === 'FAILED') root.lastEvent = run.lastEvent;
      run.append(root, END_EVENT[status], details, true);
      Object.assign(record, end, { stopDate: run.now() });
      this.#journal.saveExecution(record);
      if (status === 'SUCCEEDED') this.#journal.dropFrames(record.executionArn, '');
      else run.save(root);
    });
    this.#onStatus(record);
  }
}

/** How long it may run, in seconds. */
function limitOf(record: ExecutionRecord, machine: Machine): number | undefined {
  if (record.type === 'EXPRESS') return EXPRESS_SECONDS;
  return record.block.length === 0 ? machine.TimeoutSeconds : undefined;
}

const rootFrame = (record: ExecutionRecord, input: Json): Frame => ({
  id: ROOT,
  block: record.block,
  variables: {},
  state: '',
  input,
  enteredAt: record.startDate,
  enteredEvent: 0,
  lastEvent: 0,
  retries: [],
  retryCount: 0,
});

/** Makes a line of control ready for another try; what has an output keeps it. */
function reopen(run: Run, frame: Frame): void {
  if (frame.output) return;
  frame.retries = [];
  frame.retryCount = 0;
  const kind = frame.pending?.kind;
  if (kind !== 'parallel' && kind !== 'map' && kind !== 'mapRun') delete frame.pending;
  run.save(frame);
}
