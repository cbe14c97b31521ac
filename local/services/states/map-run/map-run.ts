import { createHash, randomUUID } from 'node:crypto';
import type { State } from '../definition.ts';
import type { Executions } from '../executions.ts';
import { Cancelled, Failure } from '../failure.ts';
import type { Caller } from '../integrations/caller.ts';
import { itemsOf } from '../interpreter/fan-out.ts';
import type { Line } from '../interpreter/line.ts';
import { DETACHED } from '../interpreter/task.ts';
import type { Json } from '../json.ts';
import type { ExecutionRecord, MapRunRecord } from '../records.ts';
import { childInputs } from './batches.ts';
import { readItems } from './item-reader.ts';
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
   * @throws {Failure} too many children failed, or the items or results could not be read or written
   */
  async run(line: Line): Promise<Json> {
    const state = line.run.stateOf(line.frame);
    const mapRun = await this.#opened(line, state);
    const children = await this.#finished(line, state, mapRun);
    const failed = children.filter(({ status }) => status !== 'SUCCEEDED').length;
    const refused = isTooMany(mapRun, failed);
    const result = await this.#result(line, state, mapRun, children);
    line.run.commit(() => {
      this.#executions.journal.saveMapRun({
        ...mapRun,
        status: refused ? 'FAILED' : 'SUCCEEDED',
        stopDate: line.run.now(),
      });
      if (!refused) {
        line.run.append(line.frame, 'MapRunSucceeded');
        line.run.append(line.frame, 'MapStateSucceeded');
      }
    });
    if (refused) throw this.#refuse(line);
    return result;
  }

  #refuse(line: Line): Failure {
    const failure = new Failure(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
    line.run.commit(() => line.run.append(line.frame, 'MapRunFailed', { error: failure.error, cause: failure.reason }));
    return failure;
  }

  /** The map run as it began: its children's inputs are fixed before the first of them starts. */
  async #opened(line: Line, state: State): Promise<MapRunRecord> {
    const { frame, run } = line;
    const { journal } = this.#executions;
    if (frame.pending?.kind === 'mapRun') return this.#reopened(line, journal.mapRun(frame.pending.mapRunArn)!);
    const { stateMachineArn } = run.record;
    const needed = { action: 'states:StartExecution', resource: stateMachineArn };
    await this.#caller.authorize(run.record, [needed], 'states', () => 'States.Permissions');
    const items = state.ItemReader ? await readItems(this.#caller, line, state.ItemReader) : await itemsOf(line, state);
    const inputs = await childInputs(line, state, items);
    const numberOf = async (field: 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage') =>
      state[field] === undefined ? 0 : ((await line.resolveTyped(state[field], field, 'number')) as number);
    const label = state.Label ?? createHash('sha256').update(frame.state).digest('hex').slice(0, 16);
    const mapRun: MapRunRecord = {
      mapRunArn: `${stateMachineArn.replace(':stateMachine:', ':mapRun:')}/${label}:${randomUUID()}`,
      executionArn: run.record.executionArn,
      stateMachineArn,
      startDate: run.now(),
      status: 'RUNNING',
      count: inputs.length,
      maxConcurrency: await numberOf('MaxConcurrency'),
      toleratedFailureCount: await numberOf('ToleratedFailureCount'),
      toleratedFailurePercentage: await numberOf('ToleratedFailurePercentage'),
      redriveCount: run.record.redriveCount,
    };
    run.commit(() => {
      journal.saveMapRun(mapRun);
      for (const [i, input] of inputs.entries()) journal.saveMapInput(mapRun.mapRunArn, i, input);
      run.append(frame, 'MapStateStarted', { length: items.length });
      run.append(frame, 'MapRunStarted', { mapRunArn: mapRun.mapRunArn });
      frame.pending = { kind: 'mapRun', mapRunArn: mapRun.mapRunArn };
      run.save(frame);
    });
    return mapRun;
  }

  /** After a redrive the children that had not succeeded start again. */
  #reopened(line: Line, mapRun: MapRunRecord): MapRunRecord {
    const { redriveCount } = line.run.record;
    if (redriveCount === mapRun.redriveCount) return mapRun;
    const again: MapRunRecord = { ...mapRun, redriveCount, status: 'RUNNING' };
    const { journal } = this.#executions;
    line.run.commit(() => {
      for (let i = 0; i < mapRun.count; i++) {
        const child = journal.execution(childArn(mapRun, i));
        if (child && child.status !== 'SUCCEEDED') journal.deleteExecution(child.executionArn);
      }
      line.run.append(line.frame, 'MapRunRedriven', { mapRunArn: mapRun.mapRunArn, redriveCount });
      journal.saveMapRun(again);
    });
    return again;
  }

  /** Runs every child; stops starting them once too many have failed. */
  async #finished(line: Line, state: State, mapRun: MapRunRecord): Promise<ExecutionRecord[]> {
    const children: ExecutionRecord[] = [];
    let next = 0;
    let failed = 0;
    const worker = async () => {
      while (next < mapRun.count && !isTooMany(mapRun, failed)) {
        const index = next++;
        const child = await this.#child(line, state, mapRun, index);
        children[index] = child;
        if (child.status === 'SUCCEEDED') continue;
        failed++;
        if (isTooMany(mapRun, failed)) this.#stopChildren(mapRun);
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
  #stopChildren(mapRun: MapRunRecord): void {
    const { journal } = this.#executions;
    for (let i = 0; i < mapRun.count; i++) {
      const child = journal.execution(childArn(mapRun, i));
      if (child?.status === 'RUNNING') this.#executions.stop(child.executionArn);
    }
    journal.saveMapRun({ ...mapRun, status: 'ABORTED', stopDate: this.#executions.now() });
  }

  #result(line: Line, state: State, mapRun: MapRunRecord, children: readonly ExecutionRecord[]): Promise<Json> | Json {
    if (state.ResultWriter) return writeResults(this.#caller, line, state.ResultWriter, mapRun.mapRunArn, children);
    return children.map(({ output, error, cause }) =>
      output === undefined ? { Error: error ?? '', Cause: cause ?? '' } : (JSON.parse(output) as Json),
    );
  }
}

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

/** No failure is tolerated unless one of the two thresholds says so. */
function isTooMany(
  { toleratedFailureCount, toleratedFailurePercentage, count }: MapRunRecord,
  failed: number,
): boolean {
  if (failed === 0) return false;
  const byCount = failed > toleratedFailureCount;
  const byPercentage = (100 * failed) / Math.max(1, count) > toleratedFailurePercentage;
  if (toleratedFailureCount > 0 && toleratedFailurePercentage > 0) return byCount || byPercentage;
  return toleratedFailurePercentage > 0 ? byPercentage : byCount;
}
