import { randomUUID } from 'node:crypto';
import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';
import type { Machine } from './definition.ts';
import type { ExecutionRecord, MachineRevision } from './records.ts';
import type { Finding } from './validation/finding.ts';
import { validate } from './validation/validate.ts';

const MACHINES = 'states.machines';
const REVISIONS = 'states.revisions';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface LoggingConfiguration {
  readonly level?: 'ALL' | 'ERROR' | 'FATAL' | 'OFF';
  readonly includeExecutionData?: boolean;
  readonly destinations?: readonly { readonly cloudWatchLogsLogGroup?: { readonly logGroupArn?: string } }[];
}

export interface MachineRecord {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: 'STANDARD';
  readonly creationDate: number;
  updateDate: number;
  revisionId: string;
  loggingConfiguration: LoggingConfiguration;
  tracingConfiguration: { readonly enabled?: boolean };
  tags: readonly Tag[];
}

/** What CreateStateMachine and the CloudFormation resource give. */
export interface MachineSettings {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type?: string;
  readonly loggingConfiguration?: LoggingConfiguration;
  readonly tracingConfiguration?: { readonly enabled?: boolean };
  readonly tags?: readonly Tag[];
}

/** A name of a machine or an execution: 1–80 characters that need no escaping in an ARN. */
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

/** @throws {ServiceError} InvalidName */
export function checkName(name: string): void {
  if (!NAME.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}

/** State machines and their revisions; an execution keeps the revision it started with. */
export class Machines {
  readonly #cloud: Cloud;
  readonly #checkImplemented: (machine: Machine) => void;
  /** Parsed definitions by revision. */
  readonly #parsed = new Map<string, Machine>();

  /** @param checkImplemented throws NotImplemented for what a definition may say and is not there */
  constructor(cloud: Cloud, checkImplemented: (machine: Machine) => void) {
    this.#cloud = cloud;
    this.#checkImplemented = checkImplemented;
  }

  arnOf(name: string): string {
    return `arn:aws:states:${this.#cloud.region}:${this.#cloud.account}:stateMachine:${name}`;
  }

  list(): MachineRecord[] {
    return this.#cloud.store.list<MachineRecord>(MACHINES).map(({ value }) => value);
  }

  find(arn: string): MachineRecord | undefined {
    return this.#cloud.store.get(MACHINES, arn);
  }

  /** @throws {ServiceError} InvalidArn or StateMachineDoesNotExist */
  get(arn: string): MachineRecord {
    const found = this.find(arn);
    if (found) return found;
    if (!/^arn:[^:]+:states:[^:]+:\d{12}:stateMachine:/.test(String(arn))) {
      throw new ServiceError('InvalidArn', `Invalid Arn: '${arn}'`);
    }
    if (arn.split(':').length > 7) throw new NotImplementedError('states:StateMachine versions and aliases');
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  /** @throws {ServiceError} InvalidName, InvalidDefinition or StateMachineAlreadyExists */
  create(settings: MachineSettings): MachineRecord {
    checkName(settings.name);
    if ((settings.type ?? 'STANDARD') !== 'STANDARD') {
      throw new NotImplementedError(`states:CreateStateMachine type ${settings.type}`);
    }
    this.#checkImplemented(checkDefinition(settings.definition));
    const arn = this.arnOf(settings.name);
    const existing = this.find(arn);
    if (existing) return this.#same(existing, settings);
    const now = this.#cloud.clock.now();
    const record: MachineRecord = {
      stateMachineArn: arn,
      name: settings.name,
      type: 'STANDARD',
      creationDate: now,
      updateDate: now,
      revisionId: randomUUID(),
      loggingConfiguration: settings.loggingConfiguration ?? { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: settings.tracingConfiguration ?? { enabled: false },
      tags: settings.tags ?? [],
    };
    this.#save(record, settings);
    return record;
  }

  /** @throws {ServiceError} StateMachineDoesNotExist or InvalidDefinition */
  update(arn: string, settings: Partial<Omit<MachineSettings, 'name' | 'type'>>): MachineRecord {
    const record = this.get(arn);
    if (settings.definition !== undefined) this.#checkImplemented(checkDefinition(settings.definition));
    const before = this.revision(record);
    record.updateDate = this.#cloud.clock.now();
    if (settings.loggingConfiguration) record.loggingConfiguration = settings.loggingConfiguration;
    if (settings.tracingConfiguration) record.tracingConfiguration = settings.tracingConfiguration;
    if (settings.tags) record.tags = settings.tags;
    if (settings.definition !== undefined || settings.roleArn !== undefined) record.revisionId = randomUUID();
    this.#save(record, {
      definition: settings.definition ?? before.definition,
      roleArn: settings.roleArn ?? before.roleArn,
    });
    return record;
  }

  tag(record: MachineRecord, tags: readonly Tag[]): void {
    record.tags = tags;
    this.#cloud.store.put(MACHINES, record.stateMachineArn, record);
  }

  /** Its revisions stay, for the executions that ran them. */
  delete(arn: string): void {
    this.#cloud.store.delete(MACHINES, arn);
  }

  /** The definition and role of a machine as it is, or of an execution as it started. */
  revision(of: Pick<MachineRecord | ExecutionRecord, 'stateMachineArn' | 'revisionId'>): MachineRevision {
    const found = this.#cloud.store.get<MachineRevision>(REVISIONS, `${of.stateMachineArn}#${of.revisionId}`);
    if (!found) throw new Error(`expected revision ${of.revisionId} of ${of.stateMachineArn}, got none`);
    return found;
  }

  machineOf(of: Pick<MachineRecord | ExecutionRecord, 'stateMachineArn' | 'revisionId'>): Machine {
    const known = this.#parsed.get(of.revisionId);
    if (known) return known;
    const machine = JSON.parse(this.revision(of).definition) as Machine;
    this.#parsed.set(of.revisionId, machine);
    return machine;
  }

  /** CreateStateMachine is idempotent for the same name, definition and role. */
  #same(existing: MachineRecord, settings: MachineSettings): MachineRecord {
    const { definition, roleArn } = this.revision(existing);
    if (definition === settings.definition && roleArn === settings.roleArn) return existing;
    throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${existing.stateMachineArn}'`);
  }

  #save(record: MachineRecord, { definition, roleArn }: Pick<MachineSettings, 'definition' | 'roleArn'>): void {
    const { store } = this.#cloud;
    const revision: MachineRevision = { revisionId: record.revisionId, definition, roleArn };
    store.transaction(() => {
      store.put(REVISIONS, `${record.stateMachineArn}#${record.revisionId}`, revision);
      store.put(MACHINES, record.stateMachineArn, record);
    });
  }
}

/** @throws {ServiceError} InvalidDefinition with every reason, or NotImplemented for JSONPath states */
function checkDefinition(definition: string): Machine {
  const { machine, findings, notImplemented } = validate(definition);
  if (notImplemented.length > 0) {
    throw new NotImplementedError(`states:CreateStateMachine JSONPath (${notImplemented.join(', ')})`);
  }
  if (findings.length > 0) {
    throw new ServiceError(
      'InvalidDefinition',
      `Invalid State Machine Definition: '${findings.map(describe).join(', ')}'`,
    );
  }
  return machine;
}

const describe = ({ code, message, location }: Finding): string =>
  location === undefined ? `${code}: ${message}` : `${code}: ${message} at ${location}`;
