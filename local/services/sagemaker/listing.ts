import type { Operation } from '../../service.ts';
import { validation } from './names.ts';

/** What every List operation may be asked for; times are epoch seconds or dates. */
export interface ListRequest {
  readonly NameContains?: string;
  readonly StatusEquals?: string;
  readonly CreationTimeAfter?: Date | number;
  readonly CreationTimeBefore?: Date | number;
  readonly SortBy?: string;
  readonly SortOrder?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

interface Listed {
  readonly name: string;
  readonly createdAt: number;
  readonly status?: string;
}

/** Members of every List operation but the status. */
export const LIST_MEMBERS = [
  'NameContains',
  'CreationTimeAfter',
  'CreationTimeBefore',
  'SortBy',
  'SortOrder',
  'MaxResults',
  'NextToken',
];

interface Listing<Item extends Listed> {
  /** For IAM: `ListModels`. */
  readonly action: string;
  /** What the answer calls its items. */
  readonly as: string;
  /** Whether `StatusEquals` may be asked for. */
  readonly byStatus: boolean;
  all(): readonly Item[];
  summary(item: Item): object;
}

/** A List operation as all of SageMaker's are. */
export const listOperation = <Item extends Listed>({
  action,
  as,
  byStatus,
  all,
  summary,
}: Listing<Item>): Operation => ({
  members: byStatus ? ['StatusEquals', ...LIST_MEMBERS] : LIST_MEMBERS,
  needs: () => [{ action: `sagemaker:${action}`, resource: '*' }],
  run: async ({ input }) => {
    const { items, nextToken } = listPage(all(), input);
    return { [as]: items.map(summary), ...(nextToken && { NextToken: nextToken }) };
  },
});

/** Filters, sorts (by creation time, newest first, unless asked otherwise) and cuts into pages of at most 100. */
export function listPage<Item extends Listed>(
  all: readonly Item[],
  request: ListRequest,
): { items: Item[]; nextToken?: string } {
  const { MaxResults: most = 10, NextToken: token } = request;
  if (!(most >= 1 && most <= 100)) throw validation(`expected MaxResults from 1 to 100, got ${most}`);
  if (token !== undefined && !/^\d+$/.test(token)) throw validation('Invalid NextToken');
  const matching = all.filter((item) => matches(item, request)).sort(order(request));
  const from = Number(token ?? 0);
  const items = matching.slice(from, from + most);
  return from + most < matching.length ? { items, nextToken: String(from + most) } : { items };
}

const milliseconds = (time: Date | number): number => (time instanceof Date ? time.getTime() : time * 1000);

const matches = (item: Listed, request: ListRequest): boolean =>
  item.name.includes(request.NameContains ?? '') &&
  (request.StatusEquals === undefined || item.status === request.StatusEquals) &&
  (request.CreationTimeAfter === undefined || item.createdAt > milliseconds(request.CreationTimeAfter)) &&
  (request.CreationTimeBefore === undefined || item.createdAt < milliseconds(request.CreationTimeBefore));

function order({ SortBy, SortOrder }: ListRequest): (a: Listed, b: Listed) => number {
  const direction = SortOrder === 'Ascending' ? 1 : -1;
  return SortBy === 'Name'
    ? (a, b) => direction * (a.name < b.name ? -1 : 1)
    : (a, b) => direction * (a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
}
