import type { DeployedConfig } from '../deployed-config.ts';

/**
 * The person whom an issuer's subject names, compared as it is written: subjects are opaque.
 *
 * @returns undefined where no person or more than one has it
 */
export function personOfSubject(subject: string, { people }: Pick<DeployedConfig, 'people'>): string | undefined {
  const matching = Object.entries(people).filter(([, { subjects }]) => subjects?.includes(subject));
  return matching.length === 1 ? matching[0]![0] : undefined;
}

/**
 * Groups that the issuer must have put a person in, for each of the roles they are asked as, and has not.
 *
 * @param roles of the person in one request
 */
export function missingGroups(
  roles: readonly string[],
  inGroups: readonly string[],
  { issuer }: Pick<DeployedConfig, 'issuer'>,
): string[] {
  const needed = new Map(Object.entries(issuer?.groups?.roles ?? {}));
  return [...new Set(roles.flatMap((role) => needed.get(role) ?? []))].filter((group) => !inGroups.includes(group));
}
