import { type Operation, ServiceError } from '../../../service.ts';
import type { Executions } from '../executions.ts';
import type { ExecutionRecord, HistoryEvent } from '../records.ts';
import { dateOf, need, page } from './permissions.ts';

/** StartExecution and its kin. */
export const executionOperations = (executions: Executions): Record<string, Operation> => ({
  StartExecution: {
    members: ['stateMachineArn', 'name', 'input', 'traceHeader'],
    needs: ({ input }) => [need('StartExecution', input.stateMachineArn)],
    async run({ input }) {
      const machine = executions.machines.get(input.stateMachineArn);
      const { executionArn, startDate } = executions.start(machine, input.name, input.input);
      return { executionArn, startDate: dateOf(startDate) };
    },
  },
  StopExecution: {
    members: ['executionArn', 'error', 'cause'],
    needs: ({ input }) => [need('StopExecution', input.executionArn)],
    async run({ input }) {
      const { stopDate } = executions.stop(input.executionArn, input.error, input.cause);
      return { stopDate: dateOf(stopDate ?? 0) };
    },
  },
  RedriveExecution: {
    members: ['executionArn', 'clientToken'],
    needs: ({ input }) => [need('RedriveExecution', input.executionArn)],
    run: async ({ input }) => ({ redriveDate: dateOf(executions.redrive(input.executionArn).redriveDate ?? 0) }),
  },
  ...readOperations(executions),
});

const readOperations = (executions: Executions): Record<string, Operation> => ({
  DescribeExecution: {
    members: ['executionArn', 'includedData'],
    needs: ({ input }) => [need('DescribeExecution', input.executionArn)],
    run: async ({ input }) => describe(executions, describable(executions.get(input.executionArn))),
  },
  DescribeStateMachineForExecution: {
    members: ['executionArn', 'includedData'],
    needs: ({ input }) => [need('DescribeStateMachineForExecution', input.executionArn)],
    run: async ({ input }) => describeMachine(executions, executions.get(input.executionArn)),
  },
  ListExecutions: {
    members: ['stateMachineArn', 'mapRunArn', 'statusFilter', 'redriveFilter', 'maxResults', 'nextToken'],
    needs: ({ input }) => [need('ListExecutions', input.stateMachineArn ?? input.mapRunArn)],
    async run({ input }) {
      const all = list(executions, input);
      const { items, nextToken } = page(all, input.nextToken, input.maxResults);
      return { executions: items.map(summary), ...(nextToken && { nextToken }) };
    },
  },
  GetExecutionHistory: {
    members: ['executionArn', 'maxResults', 'reverseOrder', 'nextToken', 'includeExecutionData'],
    needs: ({ input }) => [need('GetExecutionHistory', input.executionArn)],
    async run({ input }) {
      describable(executions.get(input.executionArn));
      const all = executions.journal.history(input.executionArn);
      if (input.reverseOrder) all.reverse();
      const { items, nextToken } = page(all, input.nextToken, input.maxResults);
      const withData = input.includeExecutionData !== false;
      return { events: items.map((event) => eventOf(event, withData)), ...(nextToken && { nextToken }) };
    },
  },
});

/** @throws {ServiceError} an express execution is not kept for asking */
function describable(record: ExecutionRecord): ExecutionRecord {
  if (record.type === 'STANDARD') return record;
  throw new ServiceError('InvalidArn', `Invalid Arn: '${record.executionArn}' is an express execution`);
}

function list(executions: Executions, input: Record<string, string>): ExecutionRecord[] {
  const { stateMachineArn, mapRunArn, statusFilter, redriveFilter } = input;
  if (!stateMachineArn === !mapRunArn) {
    throw new ServiceError('ValidationException', 'expected either stateMachineArn or mapRunArn');
  }
  if (stateMachineArn) executions.machines.get(stateMachineArn);
  const prefix = stateMachineArn ? `${stateMachineArn.replace(':stateMachine:', ':execution:')}:` : '';
  return executions.journal
    .executions(prefix)
    .filter((record) => record.mapRunArn === mapRunArn)
    .filter(({ status }) => statusFilter === undefined || status === statusFilter)
    .filter(({ redriveCount }) => redriveFilter === undefined || (redriveFilter === 'REDRIVEN') === redriveCount > 0)
    .sort((a, b) => b.startDate - a.startDate);
}

const summary = (record: ExecutionRecord) => ({
  executionArn: record.executionArn,
  stateMachineArn: record.stateMachineArn,
  name: record.name,
  status: record.status,
  startDate: dateOf(record.startDate),
  ...(record.stopDate !== undefined && { stopDate: dateOf(record.stopDate) }),
  ...(record.mapRunArn !== undefined && { mapRunArn: record.mapRunArn }),
  ...(record.redriveCount > 0 && { redriveCount: record.redriveCount, redriveDate: dateOf(record.redriveDate ?? 0) }),
});

function describe(executions: Executions, record: ExecutionRecord) {
  const refusal = executions.redriveRefusal(record);
  return {
    ...summary(record),
    input: record.input,
    inputDetails: { included: true },
    ...(record.output !== undefined && { output: record.output, outputDetails: { included: true } }),
    ...(record.error !== undefined && { error: record.error }),
    ...(record.cause !== undefined && { cause: record.cause }),
    redriveCount: record.redriveCount,
    redriveStatus: refusal === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(refusal !== undefined && { redriveStatusReason: refusal }),
  };
}

function describeMachine(executions: Executions, record: ExecutionRecord) {
  const { definition, roleArn } = executions.machines.revision(record);
  const machine = executions.machines.find(record.stateMachineArn);
  return {
    stateMachineArn: record.stateMachineArn,
    name: record.stateMachineArn.split(':').at(-1),
    definition,
    roleArn,
    revisionId: record.revisionId,
    updateDate: dateOf(machine?.updateDate ?? record.startDate),
    ...(machine && {
      loggingConfiguration: machine.loggingConfiguration,
      tracingConfiguration: machine.tracingConfiguration,
    }),
    ...(record.mapRunArn !== undefined && { mapRunArn: record.mapRunArn, label: String(record.block.at(-1)) }),
  };
}

/** Members that hold execution data, left out on request. */
const DATA = new Set(['input', 'output', 'parameters', 'assignedVariables']);

function eventOf(event: HistoryEvent, withData: boolean): Record<string, unknown> {
  const whole = { ...event, timestamp: dateOf(event.timestamp) };
  if (withData) return whole;
  return Object.fromEntries(
    Object.entries(whole).map(([key, value]) => [
      key,
      key.endsWith('EventDetails')
        ? Object.fromEntries(Object.entries(value as object).filter(([member]) => !DATA.has(member)))
        : value,
    ]),
  );
}
