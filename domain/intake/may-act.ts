import type { DeployedConfig } from '../deployed-config.ts';

/** Who may act on a model that serves without being asked twice: its team, and whoever holds a role. */
export const mayAct = (
  { teams, roles }: Pick<DeployedConfig, 'teams' | 'roles'>,
  team: string,
  person: string | undefined,
): boolean =>
  person !== undefined &&
  ((teams[team]?.members.includes(person) ?? false) || Object.values(roles).some((people) => people.includes(person)));
