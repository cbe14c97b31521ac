import type { Cloud } from '../../service.ts';
import { ServiceError } from '../../service.ts';

type Place = Pick<Cloud, 'account' | 'region'>;

/** What IAM is asked about: every action names a stream, if only an empty one. */
export const logArn = ({ region, account }: Place, group = '', stream = ''): string =>
  `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${stream}`;

/** A group's own ARN, as CloudFormation gives it. */
export const groupArn = ({ region, account }: Place, group: string): string =>
  `arn:aws:logs:${region}:${account}:log-group:${group}:*`;

/** One page of a list, by position. */
export function logPage<T>(all: readonly T[], token: string | undefined, limit: number) {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new ServiceError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  const end = start + limit;
  return { items: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
}
