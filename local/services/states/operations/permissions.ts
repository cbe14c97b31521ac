import type { Need } from '../../../service.ts';

/** The permission to call an operation of this API on one resource. */
export const need = (operation: string, resource: string): Need => ({ action: `states:${operation}`, resource });

/** The permission to hand a role to Step Functions. */
export const passRole = (roleArn: string): Need => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': 'states.amazonaws.com' },
});

/** One page of a list, and the token for the next. */
export function page<T>(
  items: readonly T[],
  nextToken: string | undefined,
  maxResults: number | undefined,
): { items: readonly T[]; nextToken?: string } {
  const from = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64url').toString());
  const to = from + (maxResults || 100);
  return {
    items: items.slice(from, to),
    ...(to < items.length && { nextToken: Buffer.from(String(to)).toString('base64url') }),
  };
}

export const dateOf = (milliseconds: number): Date => new Date(milliseconds);
