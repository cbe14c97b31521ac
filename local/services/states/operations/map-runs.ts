import { type Operation, ServiceError } from '../../../service.ts';
import type { Executions } from '../executions.ts';
import type { MapRunRecord } from '../records.ts';
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
      const count = (status: string) => children.filter((child) => child.status === status).length;
      const counts = {
        pending: found.count - children.length,
        running: count('RUNNING'),
        succeeded: count('SUCCEEDED'),
        failed: count('FAILED'),
        timedOut: count('TIMED_OUT'),
        aborted: count('ABORTED'),
        total: found.count,
        resultsWritten: 0,
      };
      return {
        ...summary(found),
        status: found.status,
        maxConcurrency: found.maxConcurrency,
        toleratedFailureCount: found.toleratedFailureCount,
        toleratedFailurePercentage: found.toleratedFailurePercentage,
        itemCounts: counts,
        executionCounts: counts,
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

const summary = ({ mapRunArn, executionArn, stateMachineArn, startDate, stopDate }: MapRunRecord) => ({
  mapRunArn,
  executionArn,
  stateMachineArn,
  startDate: dateOf(startDate),
  ...(stopDate !== undefined && { stopDate: dateOf(stopDate) }),
});
