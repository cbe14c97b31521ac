import { type Cloud, type Principal, ServiceError } from '../../service.ts';
import type { Journal } from './journal.ts';
import type { Machines } from './machines.ts';
import type { ExecutionRecord, HistoryEvent } from './records.ts';

/** Members of event details that are execution data: left out unless includeExecutionData. */
const DATA = new Set(['input', 'output', 'parameters', 'cause', 'error', 'assignedVariables']);

/** Writes what happened in an execution to the machine's log group, as its LoggingConfiguration asks. */
export class ExecutionLog {
  readonly #cloud: Cloud;
  readonly #machines: Machines;
  readonly #journal: Journal;

  constructor(cloud: Cloud, machines: Machines, journal: Journal) {
    this.#cloud = cloud;
    this.#machines = machines;
    this.#journal = journal;
  }

  /** Once an execution has ended, its history goes to the log in one batch. */
  statusChanged(record: ExecutionRecord): void {
    const configuration = this.#machines.find(record.stateMachineArn)?.loggingConfiguration;
    const group = configuration?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn;
    const level = configuration?.level ?? 'OFF';
    if (record.status === 'RUNNING' || !group || level === 'OFF') return;
    const history = this.#journal.history(record.executionArn);
    // What went before a redrive is in the log already.
    const from = Math.max(
      0,
      history.findLastIndex(({ type }) => type === 'ExecutionRedriven'),
    );
    const events = history.slice(from).filter(({ type }) => wanted(level, type));
    const withData = configuration?.includeExecutionData === true;
    if (events.length > 0) void this.#cloud.track(this.#put(record, group, events, withData));
  }

  async #put(
    record: ExecutionRecord,
    group: string,
    events: readonly HistoryEvent[],
    withData: boolean,
  ): Promise<void> {
    const logGroupName = group.split(':log-group:')[1]?.replace(/:\*$/, '') ?? group;
    const logStreamName = `states/${record.stateMachineArn.split(':').at(-1)}/${record.name}`;
    // AWS delivers under a resource policy that it keeps itself, whatever the machine's role may do.
    const principal: Principal = {
      kind: 'service',
      arn: 'delivery.logs.amazonaws.com',
      sourceArn: record.stateMachineArn,
    };
    await this.#createStream(principal, { logGroupName, logStreamName });
    const input = {
      logGroupName,
      logStreamName,
      logEvents: events.map((event) => ({
        timestamp: event.timestamp,
        message: JSON.stringify(lineOf(record, event, withData)),
      })),
    };
    await this.#cloud.call({ service: 'logs', operation: 'PutLogEvents', principal, input });
  }

  async #createStream(principal: Principal, input: { logGroupName: string; logStreamName: string }): Promise<void> {
    try {
      await this.#cloud.call({ service: 'logs', operation: 'CreateLogStream', principal, input });
    } catch (error) {
      // A redriven execution goes on in its stream.
      if (!(error instanceof ServiceError) || error.code !== 'ResourceAlreadyExistsException') throw error;
    }
  }
}

const wanted = (level: string, type: string): boolean => {
  if (level === 'ALL') return true;
  const fatal = /^Execution(Failed|TimedOut|Aborted)$/.test(type);
  return level === 'FATAL' ? fatal : fatal || /(Failed|TimedOut|Aborted)$/.test(type);
};

function lineOf(record: ExecutionRecord, event: HistoryEvent, withData: boolean): Record<string, unknown> {
  const [, given] = Object.entries(event).find(([key]) => key.endsWith('EventDetails')) ?? [];
  const details = Object.entries((given ?? {}) as object).filter(([key]) => withData || !DATA.has(key));
  return {
    id: String(event.id),
    type: event.type,
    details: Object.fromEntries(details),
    previous_event_id: String(event.previousEventId),
    event_timestamp: String(event.timestamp),
    execution_arn: record.executionArn,
    redrive_count: String(record.redriveCount),
  };
}
