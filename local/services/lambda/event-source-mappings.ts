import { randomUUID } from 'node:crypto';
import { queueUrl } from '../../delivery.ts';
import { type Cloud, ServiceError } from '../../service.ts';
import { type MappingRecord, QueuePoller } from './event-source-mapping.ts';
import type { Functions } from './function-record.ts';
import type { Invoker } from './invoker.ts';

const MAPPINGS = 'lambda.mappings';

/** Every event source mapping of the cloud, each with its poller. */
export class EventSourceMappings {
  readonly #cloud: Cloud;
  readonly #functions: Functions;
  readonly #invoker: Invoker;
  readonly #pollers = new Map<string, QueuePoller>();

  constructor(cloud: Cloud, functions: Functions, invoker: Invoker) {
    this.#cloud = cloud;
    this.#functions = functions;
    this.#invoker = invoker;
  }

  list(): MappingRecord[] {
    return this.#cloud.store.list<MappingRecord>(MAPPINGS).map((entry) => entry.value);
  }

  get(id: string): MappingRecord {
    const mapping = this.#cloud.store.get<MappingRecord>(MAPPINGS, id);
    if (!mapping)
      throw new ServiceError('ResourceNotFoundException', `The resource you requested does not exist: ${id}.`, 404);
    return mapping;
  }

  /** @throws {ServiceError} InvalidParameterValueException where AWS would refuse the mapping */
  async create(mapping: Omit<MappingRecord, 'id'>): Promise<MappingRecord> {
    const record = { ...mapping, id: randomUUID() };
    await this.#check(record);
    this.#save(record);
    return record;
  }

  async update(record: MappingRecord): Promise<void> {
    await this.#check(record);
    this.#save(record);
  }

  delete(id: string): void {
    this.#pollers.get(id)?.stop();
    this.#pollers.delete(id);
    this.#cloud.store.delete(MAPPINGS, id);
  }

  resume(): void {
    for (const mapping of this.list()) this.#poll(mapping);
  }

  stop(): void {
    for (const poller of this.#pollers.values()) poller.stop();
  }

  #save(record: MappingRecord): void {
    this.#cloud.store.put(MAPPINGS, record.id, record);
    this.#poll(record);
  }

  #poll(mapping: MappingRecord): void {
    this.#pollers.get(mapping.id)?.stop();
    this.#pollers.delete(mapping.id);
    if (!mapping.enabled) return;
    const poller = new QueuePoller(this.#cloud, this.#functions, this.#invoker, mapping);
    this.#pollers.set(mapping.id, poller);
    poller.start();
  }

  /** What Lambda checks before it accepts a mapping: the queue answers the function's role, and outlasts the function. */
  async #check({ queueArn, functionName }: MappingRecord): Promise<void> {
    const { role, name, arn, timeoutSeconds } = this.#functions.get(functionName);
    const principal = await this.#cloud.assume(role, name, 'lambda.amazonaws.com', arn);
    const input = { QueueUrl: queueUrl(this.#cloud, queueArn), AttributeNames: ['VisibilityTimeout'] };
    const output = await this.#cloud.call({ service: 'sqs', operation: 'GetQueueAttributes', principal, input });
    const visibility = Number((output as { Attributes: { VisibilityTimeout: string } }).Attributes.VisibilityTimeout);
    if (visibility < timeoutSeconds) {
      throw new ServiceError(
        'InvalidParameterValueException',
        `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
      );
    }
  }
}
