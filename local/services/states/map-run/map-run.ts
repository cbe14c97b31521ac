import { createHash, randomUUID } from 'node:crypto';
import type { State } from '../definition.ts';
import type { Executions } from '../executions.ts';
import { Cancelled, Failure } from '../failure.ts';
import type { Caller } from '../integrations/caller.ts';
import { itemsOf, mapLimits } from '../interpreter/fan-out.ts';
import type { Line } from '../interpreter/line.ts';
import { DETACHED } from '../interpreter/task.ts';
import type { Json } from '../json.ts';
import type { ExecutionRecord, MapRunRecord } from '../records.ts';
import { childInputs } from './batches.ts';
import { type FilledMapRun, failedItems, isFilled, isTooMany } from './counts.ts';
import { readItems, requestOf } from './item-reader.ts';
import { writeResults } from './result-writer.ts';

/** Most child executions at a time on this machine; AWS runs up to 10,000. */
const MOST_AT_A_TIME = 1_000;

/** Runs Distributed Maps: a child execution per item or batch. */
export class MapRuns {
  readonly #executions: Executions;
  readonly #caller: Caller;

  constructor(executions: Executions, caller: Caller) {
    this.#executions = executions;
    this.#caller = caller;
  }

  /**
   * Runs the Distributed Map that a line of control is in, or takes it up after a restart.
   *
   * @throws {Failure} too many items failed, or the items or results could not be read or written
   */
  async run(line: Line): Promise<Json> {
    const state = line.run.stateOf(line.frame);
    const mapRun = await this.#opened(line, state);
    const children = await this.#finished(line, state, mapRun);
    const result = await this.#result(line, state, mapRun, children).catch((error) =>
      this.#refuse(line, mapRun, error),
    );
    if (isTooMany(mapRun, failedItems(mapRun, children))) this.#refuse(line, mapRun, exceeded());
    line.run.commit(() => {
      this.#executions.journal.saveMapRun({ ...mapRun, status: 'SUCCEEDED', stopDate: line.run.now() });
      line.run.append(line.frame, 'MapRunSucceeded');
      line.run.append(line.frame, 'MapStateSucceeded');
    });
    return result;
  }

  /** The run has failed, which its record and the history say. */
  #refuse(line: Line, mapRun: MapRunRecord, failure: unknown): never {
    if (failure instanceof Failure) {
      line.run.commit(() => {
        this.#executions.journal.saveMapRun({ ...mapRun, status: 'FAILED', stopDate: line.run.now() });
        line.run.append(line.frame, 'MapRunFailed', { error: failure.error, cause: failure.reason });
      });
    }
    throw failure;
  }

  /** The map run as it began: its children's inputs are fixed before the first of them starts. */
  async #opened(line: Line, state: State): Promise<FilledMapRun> {
    const { pending } = line.frame;
    const mapRun =
      pending?.kind === 'mapRun'
        ? this.#reopened(line, this.#executions.journal.mapRun(pending.mapRunArn)!)
        : await this.#open(line, state);
    return isFilled(mapRun) ? mapRun : this.#filled(line, state, mapRun);
  }

  async #open(line: Line, state: State): Promise<MapRunRecord> {
    const { frame, run } = line;
    const { stateMachineArn } = run.record;
    const needed = { action: 'states:StartExecution', resource: stateMachineArn };
    await this.#caller.authorize(run.record, [needed], 'states', () => 'States.Permissions');
    // What an ItemReader finds is not known yet; what it is asked for must be right.
    const items = state.ItemReader ? undefined : await itemsOf(line, state);
    if (state.ItemReader) await requestOf(line, state.ItemReader);
    const inputs = items && (await childInputs(line, state, items));
    const mapRun = await this.#newRun(line, state, items, inputs);
    run.commit(() => {
      if (inputs) this.#saveInputs(mapRun, inputs);
      else this.#executions.journal.saveMapRun(mapRun);
      run.append(frame, 'MapStateStarted', { length: items?.length ?? 0 });
      run.append(frame, 'MapRunStarted', { mapRunArn: mapRun.mapRunArn });
      frame.pending = { kind: 'mapRun', mapRunArn: mapRun.mapRunArn };
      run.save(frame);
    });
    return mapRun;
  }

  async #newRun(
    line: Line,
    state: State,
    items: readonly Json[] | undefined,
    inputs: readonly Json[] | undefined,
  ): Promise<MapRunRecord> {
    const { frame, run } = line;
    const { stateMachineArn, executionArn, redriveCount } = run.record;
    const label = state.Label ?? createHash('sha256').update(frame.state).digest('hex').slice(0, 16);
    return {
      mapRunArn: `${stateMachineArn.replace(':stateMachine:', ':mapRun:')}/${label}:${randomUUID()}`,
      executionArn,
      stateMachineArn,
      startDate: run.now(),
      status: 'RUNNING',
      batched: state.ItemBatcher !== undefined,
      ...(items && inputs && { count: inputs.length, itemCount: items.length }),
      ...(await mapLimits(line, state)),
      redriveCount,
    };
  }

  /** Reads the items of a run that has begun. */
  async #filled(line: Line, state: State, mapRun: MapRunRecord): Promise<FilledMapRun> {
    try {
      const items = await readItems(this.#caller, line, state.ItemReader ?? {});
      const inputs = await childInputs(line, state, items);
      const filled = { ...mapRun, count: inputs.length, itemCount: items.length };
      line.run.commit(() => this.#saveInputs(filled, inputs));
      return filled;
    } catch (error) {
      return this.#refuse(line, mapRun, error);
    }
  }

  #saveInputs(mapRun: MapRunRecord, inputs: readonly Json[]): void {
    const { journal } = this.#executions;
    journal.saveMapRun(mapRun);
    for (const [i, input] of inputs.entries()) journal.saveMapInput(mapRun.mapRunArn, i, input);
  }

  /** After a redrive the children that had not succeeded start again. */
  #reopened(line: Line, mapRun: MapRunRecord): MapRunRecord {
    const { redriveCount } = line.run.record;
    if (redriveCount === mapRun.redriveCount) return mapRun;
    const again: MapRunRecord = { ...mapRun, redriveCount, status: 'RUNNING' };
    const { journal } = this.#executions;
    line.run.commit(() => {
      for (let i = 0; i < (mapRun.count ?? 0); i++) {
        const child = journal.execution(childArn(mapRun, i));
        if (child && child.status !== 'SUCCEEDED') journal.deleteExecution(child.executionArn);
      }
      line.run.append(line.frame, 'MapRunRedriven', { mapRunArn: mapRun.mapRunArn, redriveCount });
      journal.saveMapRun(again);
    });
    return again;
  }

  /** Runs every child; stops starting them once too many have failed. */
  async #finished(line: Line, state: State, mapRun: FilledMapRun): Promise<ExecutionRecord[]> {
    const children: ExecutionRecord[] = [];
    let next = 0;
    let failed = 0;
    const worker = async () => {
      while (next < mapRun.count && !isTooMany(mapRun, failed)) {
        const index = next++;
        const child = await this.#child(line, state, mapRun, index);
        children[index] = child;
        if (child.status === 'SUCCEEDED') continue;
        failed += failedItems(mapRun, [child]);
        if (isTooMany(mapRun, failedItems(mapRun, children))) this.#stopChildren(mapRun);
      }
    };
    const limit = Math.min(mapRun.maxConcurrency || MOST_AT_A_TIME, MOST_AT_A_TIME, mapRun.count);
    const workers = Promise.all(Array.from({ length: limit }, worker));
    line.drop();
    try {
      await workers;
    } catch (error) {
      if (error instanceof Cancelled && line.signal.reason !== DETACHED) this.#stopChildren(mapRun);
      throw error;
    } finally {
      line.take();
    }
    return children.filter((child) => child !== undefined);
  }

  /** Starts a child, or finds it where it was started before, and waits for its end. */
  async #child(line: Line, state: State, mapRun: MapRunRecord, index: number): Promise<ExecutionRecord> {
    line.check();
    const arn = childArn(mapRun, index);
    const { journal } = this.#executions;
    if (!journal.execution(arn)) this.#begin(line, state, mapRun, index);
    const record = journal.execution(arn)!;
    if (record.status !== 'RUNNING') return record;
    await new Promise<void>((resolve, reject) => {
      const cancel = () => reject(new Cancelled());
      line.signal.addEventListener('abort', cancel);
      this.#executions.onceEnded(arn, () => {
        line.signal.removeEventListener('abort', cancel);
        resolve();
      });
    });
    return journal.execution(arn)!;
  }

  #begin(line: Line, state: State, mapRun: MapRunRecord, index: number): void {
    const { frame, run } = line;
    const executionArn = childArn(mapRun, index);
    this.#executions.begin({
      executionArn,
      stateMachineArn: run.record.stateMachineArn,
      name: executionArn.split(':').at(-1)!,
      revisionId: run.record.revisionId,
      roleArn: run.record.roleArn,
      block: [...frame.block, frame.state],
      type: state.ItemProcessor?.ProcessorConfig?.ExecutionType ?? 'STANDARD',
      startDate: run.now(),
      input: JSON.stringify(this.#executions.journal.mapInput(mapRun.mapRunArn, index)),
      mapRunArn: mapRun.mapRunArn,
      status: 'RUNNING',
      redriveCount: 0,
    });
  }

  /** Nobody wants their results any more. */
  #stopChildren(mapRun: FilledMapRun): void {
    const { journal } = this.#executions;
    for (let i = 0; i < mapRun.count; i++) {
      const child = journal.execution(childArn(mapRun, i));
      if (child?.status === 'RUNNING') this.#executions.stop(child.executionArn);
    }
    journal.saveMapRun({ ...mapRun, status: 'ABORTED', stopDate: this.#executions.now() });
  }

  async #result(line: Line, state: State, mapRun: MapRunRecord, children: readonly ExecutionRecord[]): Promise<Json> {
    if (state.ResultWriter) return writeResults(this.#caller, line, state.ResultWriter, mapRun.mapRunArn, children);
    return children.map(({ output, error, cause }) =>
      output === undefined ? { Error: error ?? '', Cause: cause ?? '' } : (JSON.parse(output) as Json),
    );
  }
}

const exceeded = (): Failure =>
  new Failure('States.ExceedToleratedFailureThreshold', 'The specified tolerated failure threshold was exceeded');

/** The same for the same item, so that a restart finds the child that it started. */
function childArn({ mapRunArn, stateMachineArn }: MapRunRecord, index: number): string {
  const digest = createHash('sha256').update(`${mapRunArn}#${index}`).digest('hex');
  const name = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ].join('-');
  const label = mapRunArn.split('/').at(-1)?.split(':')[0];
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}/${label}:${name}`;
}
