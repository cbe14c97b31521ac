import { createHash } from 'node:crypto';
import {
  type Cloud,
  NotImplementedError,
  type ProvisionedResource,
  type ResourceHandler,
  type ResourceRequest,
  ServiceError,
} from '../service.ts';
import type { Stack } from './assembly.ts';
import { Resolver } from './intrinsics.ts';
import { creationOrder } from './order.ts';
import { type DeployedResource, DeploymentState } from './state.ts';
import type { TemplateResource } from './template.ts';

/** How many resources a deployment touched. */
export interface Changes {
  created: number;
  updated: number;
  deleted: number;
}

/** Brings one stack's resources to what its template says. */
export class StackDeployment {
  readonly #stack: Stack;
  readonly #handlers: ReadonlyMap<string, ResourceHandler>;
  readonly #state: DeploymentState;
  readonly #resolver: Resolver;
  readonly #deployed: Map<string, DeployedResource>;
  readonly #changes: Changes = { created: 0, updated: 0, deleted: 0 };

  constructor(cloud: Cloud, stack: Stack, handlers: ReadonlyMap<string, ResourceHandler>) {
    const { account, region, store } = cloud;
    this.#stack = stack;
    this.#handlers = handlers;
    this.#state = new DeploymentState(store, stack.name);
    this.#deployed = this.#state.resources();
    this.#resolver = new Resolver(stack.template, {
      account,
      region,
      stackName: stack.name,
      stackId: `arn:aws:cloudformation:${region}:${account}:stack/${stack.name}/${stackUuid(stack.name)}`,
      parameters: stack.parameters,
      ref: (logicalId) => this.#known(logicalId).ref,
      attribute: (logicalId, attribute) => this.#attribute(logicalId, attribute),
      importValue: (name) => this.#import(name),
    });
  }

  /** @throws {ServiceError} of the resource that failed, with its stack and logical id; what was done before stays done */
  async run(): Promise<{ changes: Changes; outputs: Record<string, string> }> {
    const wanted = new Map(
      Object.entries(this.#stack.template.Resources).filter(
        ([, { Condition: condition }]) => condition === undefined || this.#resolver.condition(condition),
      ),
    );
    for (const logicalId of creationOrder(wanted)) await this.#apply(logicalId, wanted.get(logicalId)!);
    for (const resource of this.#deployed.values()) {
      if (!wanted.has(resource.logicalId)) this.#state.remove(resource);
    }
    await this.#deleteLeftovers();
    return { changes: this.#changes, outputs: this.#outputs() };
  }

  async #apply(logicalId: string, resource: TemplateResource): Promise<void> {
    const { Type: type } = resource;
    const before = this.#deployed.get(logicalId);
    const properties = this.#named(logicalId, type, () => this.#resolver.resolve(resource.Properties ?? {}));
    const retain = /^Retain/.test(resource.DeletionPolicy ?? '');
    if (before?.type === type && before.retain === retain && same(before.properties, properties)) return;

    const request = { logicalId, stackName: this.#stack.name, type, properties };
    const updates = before?.type === type;
    if (updates && same(before.properties, properties)) return this.#record({ ...before, retain });
    const handler = this.#handlers.get(type)!;
    const made = await this.#named(logicalId, type, () =>
      updates ? handler.update(request, provisioned(before)) : handler.create(request),
    );
    this.#changes[updates ? 'updated' : 'created']++;
    const order = updates && made.ref === before.ref ? before.order : this.#nextOrder();
    const after = { logicalId, type, properties, order, retain, ref: made.ref, attributes: made.attributes };
    if (!before || (updates && made.ref === before.ref)) return this.#record(after);
    this.#deployed.set(logicalId, after);
    this.#state.replace(before, after, resource.UpdateReplacePolicy === 'Retain');
  }

  #record(resource: DeployedResource): void {
    this.#deployed.set(resource.logicalId, resource);
    this.#state.put(resource);
  }

  async #deleteLeftovers(): Promise<void> {
    for (const leftover of this.#state.leftovers()) {
      const { logicalId, type, properties } = leftover;
      const handler = this.#handlers.get(type);
      if (!handler) throw new NotImplementedError(`cloudformation:${this.#stack.name}/${logicalId} ${type}`);
      const request: ResourceRequest = { logicalId, stackName: this.#stack.name, type, properties };
      await this.#named(logicalId, type, () => handler.delete(request, provisioned(leftover)));
      this.#state.deleted(leftover);
      this.#changes.deleted++;
    }
  }

  #outputs(): Record<string, string> {
    const outputs: Record<string, string> = {};
    const exports: Record<string, string> = {};
    for (const [name, output] of Object.entries(this.#stack.template.Outputs ?? {})) {
      if (output.Condition !== undefined && !this.#resolver.condition(output.Condition)) continue;
      outputs[name] = String(this.#resolver.resolve(output.Value));
      if (output.Export) exports[String(this.#resolver.resolve(output.Export.Name))] = outputs[name];
    }
    this.#state.putOutputs(outputs, exports);
    return outputs;
  }

  #known(logicalId: string): DeployedResource {
    const resource = this.#deployed.get(logicalId);
    if (!resource) throw new ServiceError('ValidationError', `expected a resource that exists, got ${logicalId}`);
    return resource;
  }

  #attribute(logicalId: string, attribute: string): string {
    const { attributes, type } = this.#known(logicalId);
    if (!Object.hasOwn(attributes, attribute)) {
      throw new NotImplementedError(`cloudformation:Fn::GetAtt ${logicalId} ${type} ${attribute}`);
    }
    return attributes[attribute]!;
  }

  #import(name: string): string {
    const value = this.#state.exported(name);
    if (value === undefined) throw new ServiceError('ValidationError', `expected an export, got ${name}`);
    return value;
  }

  #nextOrder(): number {
    return Math.max(0, ...[...this.#deployed.values()].map(({ order }) => order)) + 1;
  }

  /** Adds stack, logical id and type to whatever fails inside. */
  #named<T>(logicalId: string, type: string, work: () => T): T {
    const rename = (error: unknown): never => {
      const where = `${this.#stack.name}/${logicalId} (${type})`;
      if (error instanceof ServiceError) {
        const told = new ServiceError(error.code, `${where}: ${error.message}`, error.status, error.fields);
        throw Object.assign(told, { cause: error });
      }
      throw new Error(`${where}: ${error instanceof Error ? error.message : error}`, { cause: error });
    };
    try {
      const result = work();
      return result instanceof Promise ? (result.catch(rename) as T) : result;
    } catch (error) {
      return rename(error);
    }
  }
}

const provisioned = ({ ref, attributes }: DeployedResource): ProvisionedResource => ({ ref, attributes });

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** The same stack has the same id on every machine. */
function stackUuid(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex');
  return [8, 4, 4, 4, 12].map((length, index) => digest.slice(index * 8, index * 8 + length)).join('-');
}
