import type { PolicyDocument } from '../service.ts';
import { ServiceError } from '../service.ts';
import type { Store } from '../store.ts';
import { type Statement, statementsOf } from './policy.ts';

/** A role as stored. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  /** `AROA` and the name: see principal-id.ts. */
  readonly id: string;
  readonly trust: PolicyDocument;
  /** Inline policies of the role's own definition, by name. */
  readonly inline: Readonly<Record<string, PolicyDocument>>;
  /** ARNs of managed policies. */
  readonly managed: readonly string[];
  readonly boundary?: string | undefined;
  readonly description?: string | undefined;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly tags: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A policy that a template attaches to roles from outside their definition. */
export interface AttachedPolicy {
  readonly name: string;
  /** Set for a managed policy, which a role may also name. */
  readonly arn?: string | undefined;
  readonly document: PolicyDocument;
  /** Role names. */
  readonly roles: readonly string[];
}

const ROLES = 'iam.roles';
const POLICIES = 'iam.policies';

/** Counts changes by store: what was read of an older count is stale, whoever changed it. */
const versions = new WeakMap<Store, number>();

/** Roles and the policies that apply to them, by name; everything is in the store, so a restart changes nothing. */
export class Roles {
  readonly #store: Store;
  readonly #statements = new Map<string, Statement[]>();
  #version = -1;

  constructor(store: Store) {
    this.#store = store;
  }

  put(role: Role): void {
    statementsOf(role.trust);
    for (const document of Object.values(role.inline)) statementsOf(document);
    this.#store.put(ROLES, role.name, role);
    this.#changed();
  }

  /** @param roleArn `arn:aws:iam::ACCOUNT:role/PATH/NAME` */
  find(roleArn: string): Role | undefined {
    const role = this.byName(roleArn.split('/').at(-1)!);
    return role?.arn === roleArn ? role : undefined;
  }

  byName(name: string): Role | undefined {
    return this.#store.get<Role>(ROLES, name);
  }

  list(): Role[] {
    return this.#store.list<Role>(ROLES).map(({ value }) => value);
  }

  delete(name: string): void {
    this.#store.delete(ROLES, name);
    this.#changed();
  }

  /** @param owner unique per policy resource; a second call replaces the first */
  attach(owner: string, policy: AttachedPolicy): void {
    statementsOf(policy.document);
    this.#store.put(POLICIES, owner, policy);
    this.#changed();
  }

  detach(owner: string): void {
    this.#store.delete(POLICIES, owner);
    this.#changed();
  }

  /** @throws {ServiceError} NoSuchEntity for a managed policy that does not exist */
  statements(role: Role): Statement[] {
    const version = versions.get(this.#store) ?? 0;
    if (version !== this.#version) this.#statements.clear();
    this.#version = version;
    const known = this.#statements.get(role.name) ?? this.#read(role);
    this.#statements.set(role.name, known);
    return known;
  }

  #read(role: Role): Statement[] {
    const attached = this.#attached();
    return [
      ...Object.values(role.inline).flatMap(statementsOf),
      ...attached.filter(({ roles }) => roles.includes(role.name)).flatMap(({ document }) => statementsOf(document)),
      ...role.managed.flatMap((arn) => statementsOf(managed(attached, arn))),
    ];
  }

  /** @returns undefined for a role without a boundary */
  boundary(role: Role): Statement[] | undefined {
    return role.boundary === undefined ? undefined : statementsOf(managed(this.#attached(), role.boundary));
  }

  #changed(): void {
    versions.set(this.#store, (versions.get(this.#store) ?? 0) + 1);
  }

  #attached(): AttachedPolicy[] {
    return this.#store.list<AttachedPolicy>(POLICIES).map(({ value }) => value);
  }
}

function managed(policies: readonly AttachedPolicy[], arn: string): PolicyDocument {
  const policy = policies.find((candidate) => candidate.arn === arn);
  if (!policy) throw new ServiceError('NoSuchEntity', `policy ${arn} was not found`, 404);
  return policy.document;
}
