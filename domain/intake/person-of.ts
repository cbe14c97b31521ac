import type { DeployedConfig } from '../deployed-config.ts';

/**
 * The person behind an S3 notification's `userIdentity.principalId`.
 *
 * AWS names unique ids there: `AWS:AIDA…` for a user, `AWS:AROA…:session` for an assumed role. So a person's `principals` may list
 * unique ids (`AIDA…`, `AROA…` for the role with any session, `AROA…:session` for one; `AWS:` before them or not). ARNs match
 * where the id can be read back, as in the local cloud: a user's id is its name, a role's is `AROA` and its name.
 *
 * @returns undefined where no person or more than one matches
 */
export function personOf(principalId: string, config: Pick<DeployedConfig, 'people'>): string | undefined {
  const matching = peopleBehind(principalId, config);
  return matching.length === 1 ? matching[0] : undefined;
}

/** Everyone who may be behind a principal id, as `personOf` reads it: several where people share a role. */
export function peopleBehind(principalId: string, { people }: Pick<DeployedConfig, 'people'>): string[] {
  const id = bare(principalId);
  return Object.entries(people)
    .filter(([, { principals }]) =>
      principals.some((principal) => uniqueIds(principal).some((known) => id === known || id.startsWith(`${known}:`))),
    )
    .map(([person]) => person);
}

const bare = (id: string): string => id.replace(/^AWS:/, '');

const ARN = /^arn:[^:]+:(?:iam|sts)::[^:]*:(user|role|assumed-role)\/(.+)$/;

function uniqueIds(principal: string): string[] {
  const [, kind, path = ''] = ARN.exec(principal) ?? [];
  if (kind === undefined) return [bare(principal)];
  if (kind === 'user') return [path.split('/').at(-1)!];
  // An assumed role's ARN may name a session; a role's may have a path.
  const [role, session] = kind === 'assumed-role' ? path.split('/') : [path.split('/').at(-1)!];
  return [session ? `AROA${role}:${session}` : `AROA${role}`];
}
