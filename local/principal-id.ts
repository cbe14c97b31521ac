import type { Principal } from './service.ts';

/**
 * The unique id that AWS gives a principal (`aws:userid`, STS's UserId, S3's `userIdentity.principalId` after `AWS:`).
 *
 * AWS's are opaque: `AIDA…` for a user, `AROA…:SESSION` for an assumed role. Here they can be read back: a user's is its name, a role's
 * is `AROA` and its name, and a service principal's is its own name. `principalNamed` is the inverse.
 */
export function uniqueIdOf({ kind, arn, roleArn }: Principal): string {
  const last = arn.split('/').at(-1)!;
  if (kind !== 'role') return last;
  return `AROA${(roleArn ?? arn.split('/').slice(0, -1).join('/')).split('/').at(-1)}:${last}`;
}

/** A user's name, or a role's name and session. */
export type NamedPrincipal = { readonly user: string } | { readonly role: string; readonly session: string };

/** @param id with or without S3's `AWS:` before it */
export function principalNamed(id: string): NamedPrincipal {
  const bare = id.replace(/^AWS:/, '');
  const [, role, session] = /^AROA([^:]+):(.+)$/.exec(bare) ?? [];
  return role && session ? { role, session } : { user: bare };
}
