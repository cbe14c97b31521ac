import type { Store } from '../store.ts';

const USAGE = 'iam.usage';
/** Resources kept per role and action; a role may touch thousands of objects. */
const MOST_RESOURCES = 25;

/** What a role did with an action. */
export interface ActionUse {
  readonly resources: readonly string[];
  /** True where there were more resources than are listed. */
  readonly more: boolean;
}

/** Which permissions were used, by role and action; kept across restarts. */
export class UsageRecord {
  readonly #store: Store;
  readonly #uses = new Map<string, ActionUse>();

  constructor(store: Store) {
    this.#store = store;
    for (const { key, value } of store.list<ActionUse>(USAGE)) this.#uses.set(key, value);
  }

  add(role: string, action: string, resource: string): void {
    const key = `${role} ${action}`;
    const use = this.#uses.get(key) ?? { resources: [], more: false };
    if (use.more || use.resources.includes(resource)) return;
    const full = use.resources.length === MOST_RESOURCES;
    const next = full ? { ...use, more: true } : { resources: [...use.resources, resource], more: false };
    this.#uses.set(key, next);
    this.#store.put(USAGE, key, next);
  }

  /** Used actions of a role, by name. */
  of(role: string): Map<string, ActionUse> {
    const prefix = `${role} `;
    return new Map(
      [...this.#uses].filter(([key]) => key.startsWith(prefix)).map(([key, use]) => [key.slice(prefix.length), use]),
    );
  }
}
