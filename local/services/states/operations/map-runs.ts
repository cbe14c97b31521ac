import { type Operation, ServiceError } from '../../../service.ts';
import type { Executions } from '../executions.ts';
import type { Json } from '../json.ts';
import { itemsIn } from '../map-run/counts.ts';
import type { ExecutionRecord, ExecutionStatus, MapRunRecord } from '../records.ts';
import { dateOf, need, page } from './permissions.ts';

/** DescribeMapRun and ListMapRuns. */
export const mapRunOperations = ({ journal }: Executions): Record<string, Operation> => ({
  DescribeMapRun: {
    members: ['mapRunArn'],
    needs: ({ input }) => [need('DescribeMapRun', input.mapRunArn)],
    async run({ input }) {
      const found = journal.mapRun(input.mapRunArn);
      if (!found) throw new ServiceError('ResourceNotFound', `Map Run Does Not Exist: '${input.mapRunArn}'`);
      const children = journal.executions().filter(({ mapRunArn }) => mapRunArn === found.mapRunArn);
      const batches = Array.from({ length: found.count ?? 0 }, (_, i) =>
        itemsIn(found, journal.mapInput(found.mapRunArn, i)),
      );
      return {
        ...summary(found),
        status: found.status,
        maxConcurrency: found.maxConcurrency,
        toleratedFailureCount: found.toleratedFailureCount,
        toleratedFailurePercentage: found.toleratedFailurePercentage,
        itemCounts: counts(
          children,
          batches.reduce((sum, items) => sum + items, 0),
          ({ input }) => itemsIn(found, JSON.parse(input) as Json),
        ),
        executionCounts: counts(children, batches.length, () => 1),
        redriveCount: found.redriveCount,
      };
    },
  },
  ListMapRuns: {
    members: ['executionArn', 'maxResults', 'nextToken'],
    needs: ({ input }) => [need('ListMapRuns', input.executionArn)],
    async run({ input }) {
      const all = journal.mapRuns().filter(({ executionArn }) => executionArn === input.executionArn);
      const { items, nextToken } = page(all, input.nextToken, input.maxResults);
      return { mapRuns: items.map(summary), ...(nextToken && { nextToken }) };
    },
  },
});

/** @param weigh how much a child counts */
function counts(children: readonly ExecutionRecord[], total: number, weigh: (child: ExecutionRecord) => number) {
  const sum = (status?: ExecutionStatus) =>
    children
      .filter((child) => status === undefined || child.status === status)
      .reduce((all, child) => all + weigh(child), 0);
  return {
    pending: total - sum(),
    running: sum('RUNNING'),
    succeeded: sum('SUCCEEDED'),
    failed: sum('FAILED'),
    timedOut: sum('TIMED_OUT'),
    aborted: sum('ABORTED'),
    total,
    resultsWritten: 0,
  };
}

const summary = ({ mapRunArn, executionArn, stateMachineArn, startDate, stopDate }: MapRunRecord) => ({
  mapRunArn,
  executionArn,
  stateMachineArn,
  startDate: dateOf(startDate),
  ...(stopDate !== undefined && { stopDate: dateOf(stopDate) }),
});
