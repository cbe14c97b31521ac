import { randomUUID } from 'node:crypto';
import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';
import { type Machine, statesOf } from './definition.ts';
import { Engine } from './interpreter/engine.ts';
import type { Ports } from './interpreter/ports.ts';
import { Tokens } from './interpreter/tokens.ts';
import { Journal } from './journal.ts';
import { PAYLOAD_LIMIT } from './json.ts';
import { ExecutionLog } from './log.ts';
import { checkName, type MachineRecord, Machines } from './machines.ts';
import type { ExecutionRecord } from './records.ts';

/** A closed execution's name is free again after this many milliseconds: 90 days. */
const NAME_HELD = 90 * 24 * 60 * 60 * 1000;

/** A failed execution can be redriven for this many milliseconds: 14 days. */
const REDRIVABLE = 14 * 24 * 60 * 60 * 1000;

/** Executions of state machines on the local cloud. */
export class Executions {
  readonly #cloud: Cloud;
  readonly machines: Machines;
  readonly journal: Journal;
  readonly tokens: Tokens;
  readonly #engine: Engine;
  readonly #ended = new Map<string, (() => void)[]>();

  /** @param ports what the interpreter needs beside the cloud's own clock and store */
  constructor(cloud: Cloud, ports: (executions: Executions) => Pick<Ports, 'integration' | 'distributedMap'>) {
    this.#cloud = cloud;
    const given = ports(this);
    this.machines = new Machines(cloud, (machine) => checkTasks(machine, given.integration));
    this.journal = new Journal(cloud.store);
    this.tokens = new Tokens(cloud.store);
    const log = new ExecutionLog(cloud, this.machines, this.journal);
    this.#engine = new Engine(
      {
        clock: cloud.clock,
        region: cloud.region,
        tokens: this.tokens,
        random: Math.random,
        track: (work) => cloud.track(work),
        ...given,
      },
      this.journal,
      (record) => {
        this.#publish(record);
        if (record.status !== 'RUNNING') this.#tellEnded(record.executionArn);
        log.statusChanged(record);
      },
      // Nothing of the local cloud's own defects may stay hidden behind a workflow's failure.
      (error, { executionArn }) => void cloud.track(Promise.reject(defectOf(error, executionArn))).catch(() => {}),
    );
  }

  /**
   * Starts an execution of a machine.
   *
   * @throws {ServiceError} InvalidName, InvalidExecutionInput or ExecutionAlreadyExists
   */
  start(machine: MachineRecord, name: string = randomUUID(), input = '{}'): ExecutionRecord {
    checkName(name);
    checkInput(input);
    const arn = `${machine.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const existing = this.journal.execution(arn);
    if (existing) {
      if (existing.status === 'RUNNING' && existing.input === input) return existing;
      if ((existing.stopDate ?? Number.POSITIVE_INFINITY) > this.#cloud.clock.now() - NAME_HELD) {
        throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      this.journal.deleteExecution(arn);
    }
    return this.begin({
      executionArn: arn,
      stateMachineArn: machine.stateMachineArn,
      name,
      revisionId: machine.revisionId,
      roleArn: this.machines.revision(machine).roleArn,
      block: [],
      type: 'STANDARD',
      startDate: this.#cloud.clock.now(),
      input,
      status: 'RUNNING',
      redriveCount: 0,
    });
  }

  /** Starts what is described already, a Distributed Map's child for one. */
  begin(record: ExecutionRecord): ExecutionRecord {
    this.#engine.start(record, this.machines.machineOf(record));
    return record;
  }

  /** Calls back once when an execution ends. */
  onceEnded(arn: string, listener: () => void): void {
    this.#ended.set(arn, [...(this.#ended.get(arn) ?? []), listener]);
  }

  #tellEnded(arn: string): void {
    const listeners = this.#ended.get(arn) ?? [];
    this.#ended.delete(arn);
    for (const listener of listeners) listener();
  }

  /** @throws {ServiceError} InvalidArn or ExecutionDoesNotExist */
  get(arn: string): ExecutionRecord {
    const found = this.journal.execution(arn);
    if (found) return found;
    if (!/^arn:[^:]+:states:[^:]+:\d{12}:execution:[^:]+:[^:]+(:[^:]+)?$/.test(String(arn))) {
      throw new ServiceError('InvalidArn', `Invalid Arn: '${arn}'`);
    }
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  stop(arn: string, error?: string, cause?: string): ExecutionRecord {
    const record = this.get(arn);
    // Before a restart has taken it up again, it runs for the journal only.
    if (record.status === 'RUNNING') this.#engine.resume(record, this.machines.machineOf(record));
    this.#engine.stop(arn, error, cause);
    return this.get(arn);
  }

  /** Why an execution cannot be redriven; undefined where it can. */
  redriveRefusal(record: ExecutionRecord): string | undefined {
    if (record.status === 'RUNNING') return 'Execution is RUNNING and cannot be redriven';
    if (record.status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
    if (record.type === 'EXPRESS') return 'Execution is an EXPRESS execution and cannot be redriven';
    return (record.stopDate ?? 0) < this.#cloud.clock.now() - REDRIVABLE
      ? 'Execution has exceeded the max time in which it can be redriven'
      : undefined;
  }

  /** @throws {ServiceError} ExecutionNotRedrivable */
  redrive(arn: string): ExecutionRecord {
    const record = this.get(arn);
    const refusal = this.redriveRefusal(record);
    if (refusal) throw new ServiceError('ExecutionNotRedrivable', refusal);
    this.#engine.redrive(record, this.machines.machineOf(record));
    return record;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#cloud.clock.now();
  }

  /** Takes up every running execution after a restart. */
  resume(): void {
    for (const record of this.journal.executions()) {
      if (record.status === 'RUNNING') this.#engine.resume(record, this.machines.machineOf(record));
    }
  }

  detach(): Promise<void> {
    return this.#engine.detach();
  }

  #publish(record: ExecutionRecord): void {
    if (record.type === 'EXPRESS') return;
    const { executionArn, stateMachineArn, name, status, startDate } = record;
    this.#cloud.publish({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn,
        name,
        status,
        startDate,
        stopDate: record.stopDate ?? null,
        input: record.input,
        output: record.output ?? null,
        inputDetails: { included: true },
        outputDetails: record.output === undefined ? null : { included: true },
        error: record.error ?? null,
        cause: record.cause ?? null,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        redriveCount: record.redriveCount,
        redriveDate: record.redriveDate ?? null,
      },
    });
  }
}

/** Said when a machine is created, not in the middle of an execution. */
function checkTasks(machine: Machine, integration: Ports['integration']): void {
  for (const { state } of statesOf(machine)) {
    if (state.Credentials !== undefined) throw new NotImplementedError('states:Task Credentials');
    if (state.Type === 'Task') integration(state.Resource ?? '');
  }
}

function checkInput(input: string): void {
  if (Buffer.byteLength(input) > PAYLOAD_LIMIT) {
    throw new ServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: expected at most ${PAYLOAD_LIMIT} bytes`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}

const defectOf = (error: unknown, executionArn: string): Error =>
  new Error(`${error instanceof Error ? `${error.name}: ${error.message}` : error} (in ${executionArn})`, {
    cause: error,
  });
