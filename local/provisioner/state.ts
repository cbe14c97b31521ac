import type { ProvisionedResource } from '../service.ts';
import type { Store } from '../store.ts';

/** A resource as it was last deployed. */
export interface DeployedResource extends ProvisionedResource {
  readonly logicalId: string;
  readonly type: string;
  /** Intrinsics resolved. */
  readonly properties: unknown;
  /** Place in the order of creation; deletion goes backwards. */
  readonly order: number;
  /** True where the template wants the resource kept when it goes. */
  readonly retain: boolean;
}

const RESOURCES = 'cloudformation.resources';
const LEFTOVERS = 'cloudformation.leftovers';
const OUTPUTS = 'cloudformation.outputs';
const EXPORTS = 'cloudformation.exports';
const PLACE = 'cloudformation.place';

/** Output values by stack and output name. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What is deployed, recorded after each resource, so that an interrupted deployment continues where it was. */
export class DeploymentState {
  readonly #store: Store;
  readonly #stack: string;

  constructor(store: Store, stack: string) {
    this.#store = store;
    this.#stack = stack;
  }

  resources(): Map<string, DeployedResource> {
    const entries = this.#store.list<DeployedResource>(RESOURCES, `${this.#stack}/`);
    return new Map(entries.map(({ value }) => [value.logicalId, value]));
  }

  put(resource: DeployedResource): void {
    this.#store.put(RESOURCES, `${this.#stack}/${resource.logicalId}`, resource);
  }

  /** Records a replacement; what was there before is left over until the stack is complete. */
  replace(before: DeployedResource, after: DeployedResource, keep: boolean): void {
    this.#store.transaction(() => {
      if (!keep) this.#store.put(LEFTOVERS, this.#leftoverKey(before), before);
      this.put(after);
    });
  }

  /** The template no longer has it. */
  remove(resource: DeployedResource): void {
    this.#store.transaction(() => {
      if (!resource.retain) this.#store.put(LEFTOVERS, this.#leftoverKey(resource), resource);
      this.#store.delete(RESOURCES, `${this.#stack}/${resource.logicalId}`);
    });
  }

  /** To be deleted, last created first. */
  leftovers(): DeployedResource[] {
    return this.#store
      .list<DeployedResource>(LEFTOVERS, `${this.#stack}/`)
      .map(({ value }) => value)
      .sort((a, b) => b.order - a.order);
  }

  deleted(resource: DeployedResource): void {
    this.#store.delete(LEFTOVERS, this.#leftoverKey(resource));
  }

  putOutputs(outputs: Readonly<Record<string, string>>, exports: Readonly<Record<string, string>>): void {
    this.#store.transaction(() => {
      this.#store.put(OUTPUTS, this.#stack, outputs);
      for (const [name, value] of Object.entries(exports)) this.#store.put(EXPORTS, name, value);
    });
  }

  exported(name: string): string | undefined {
    return this.#store.get<string>(EXPORTS, name);
  }

  #leftoverKey({ logicalId, ref }: DeployedResource): string {
    return `${this.#stack}/${logicalId}/${ref}`;
  }
}

/**
 * Notes where the cloud is served. Queue URLs and API addresses begin with that, so after a start on another port what is recorded
 * of resources moves along, and whatever was given an old address is updated by the deployment that follows.
 *
 * @param url `http://127.0.0.1:PORT`; empty while nothing is served
 */
export function relocate(store: Store, url: string): void {
  const before = store.get<string>(PLACE, 'url');
  if (url === '' || url === before) return;
  store.transaction(() => {
    for (const { key, value } of before === undefined ? [] : store.list<DeployedResource>(RESOURCES)) {
      const { ref, attributes } = value;
      const moved = JSON.parse(JSON.stringify({ ref, attributes }).replaceAll(before!, url));
      store.put(RESOURCES, key, { ...value, ...moved });
    }
    store.put(PLACE, 'url', url);
  });
}

/** Outputs of every stack that was deployed. */
export const outputsOf = (store: Store): Outputs =>
  Object.fromEntries(store.list<Record<string, string>>(OUTPUTS).map(({ key, value }) => [key, value]));

/** Every deployed resource with its stack, in the order of their names. */
export const deployedResources = (store: Store): { readonly stack: string; readonly resource: DeployedResource }[] =>
  store.list<DeployedResource>(RESOURCES).map(({ key, value }) => ({ stack: key.split('/')[0]!, resource: value }));
