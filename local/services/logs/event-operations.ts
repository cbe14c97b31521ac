import type { Call, Cloud, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { filterPattern } from './filter-pattern.ts';
import type { LogStore } from './log-store.ts';
import { logArn, logPage } from './naming.ts';

const MOST_EVENTS = 10_000;
const LONGEST_EVENT = 1_048_576;
const OLDEST = 14 * 86_400_000;
const NEWEST = 2 * 3_600_000;

interface InputEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** PutLogEvents, GetLogEvents and FilterLogEvents. */
export function eventOperations(cloud: Cloud, logs: LogStore): Readonly<Record<string, Operation>> {
  const onStream: Operation['needs'] = ({ operation, input }) => [
    { action: `logs:${operation}`, resource: logArn(cloud, input.logGroupName, input.logStreamName) },
  ];
  return {
    PutLogEvents: {
      members: ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken'],
      needs: onStream,
      run: (call) => putLogEvents(cloud, logs, call),
    },
    GetLogEvents: {
      members: ['logGroupName', 'logStreamName', 'startTime', 'endTime', 'limit', 'nextToken', 'startFromHead'],
      needs: onStream,
      run: async (call) => getLogEvents(logs, call),
    },
    FilterLogEvents: {
      members: [
        'logGroupName',
        'logStreamNames',
        'logStreamNamePrefix',
        'startTime',
        'endTime',
        'filterPattern',
        'limit',
        'nextToken',
        'interleaved',
      ],
      needs: ({ input }) => [{ action: 'logs:FilterLogEvents', resource: logArn(cloud, input.logGroupName, '') }],
      run: async (call) => filterLogEvents(logs, call),
    },
  };
}

async function putLogEvents(cloud: Cloud, logs: LogStore, { input }: Call): Promise<object> {
  const { logGroupName, logStreamName, logEvents } = input;
  const stream = logs.stream(logGroupName, logStreamName);
  const events: readonly InputEvent[] = checked(logEvents);
  const now = cloud.clock.now();
  const tooOld = events.filter(({ timestamp }) => timestamp < now - OLDEST).length;
  const fresh = events.filter(({ timestamp }) => timestamp >= now - OLDEST && timestamp <= now + NEWEST);
  if (fresh.length > 0) logs.append(logGroupName, stream, fresh);
  for (const { Namespace, MetricData } of fresh.flatMap(({ message }) => embeddedMetrics(message))) {
    const principal = { kind: 'service', arn: 'logs.amazonaws.com' } as const;
    await cloud.call({
      service: 'monitoring',
      operation: 'PutMetricData',
      principal,
      input: { Namespace, MetricData },
    });
  }
  const rejected = {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(tooOld + fresh.length < events.length && { tooNewLogEventStartIndex: tooOld + fresh.length }),
  };
  return {
    nextSequenceToken: String(now),
    ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
  };
}

function checked(events: unknown): readonly InputEvent[] {
  if (!Array.isArray(events) || events.length === 0 || events.length > MOST_EVENTS) {
    throw invalid(
      `expected 1 to ${MOST_EVENTS} logEvents, got ${Array.isArray(events) ? events.length : typeof events}`,
    );
  }
  let last = 0;
  for (const { timestamp, message } of events) {
    if (typeof timestamp !== 'number' || typeof message !== 'string' || message === '') {
      throw invalid('expected logEvents with timestamp and message');
    }
    if (Buffer.byteLength(message) > LONGEST_EVENT) throw invalid(`expected messages up to ${LONGEST_EVENT} bytes`);
    if (timestamp < last) {
      throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
    }
    last = timestamp;
  }
  return events;
}

function getLogEvents(logs: LogStore, { input }: Call): object {
  logs.stream(input.logGroupName, input.logStreamName);
  const events = logs
    .events(input.logGroupName, input.logStreamName)
    .map(({ event }) => event)
    .filter(within(input));
  const limit = Math.min(input.limit ?? MOST_EVENTS, MOST_EVENTS);
  const [, direction, position] = /^([fb])\/(\d+)$/.exec(input.nextToken ?? '') ?? [];
  if (input.nextToken !== undefined && direction === undefined) throw invalid('The specified nextToken is invalid.');
  const fromHead = direction === undefined ? input.startFromHead === true : direction === 'f';
  const anchor = position === undefined ? (fromHead ? 0 : events.length) : Number(position);
  const start = fromHead ? anchor : Math.max(0, anchor - limit);
  const end = fromHead ? Math.min(events.length, anchor + limit) : anchor;
  return {
    events: events.slice(start, end).map(({ timestamp, message, ingestedAt }) => ({
      timestamp,
      message,
      ingestionTime: ingestedAt,
    })),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
}

function filterLogEvents(logs: LogStore, { input }: Call): object {
  const { logGroupName } = input;
  logs.group(logGroupName);
  const matches = filterPattern(input.filterPattern);
  const names: readonly string[] =
    input.logStreamNames ?? logs.streams(logGroupName, input.logStreamNamePrefix).map(({ name }) => name);
  const found = names
    .flatMap((logStreamName) => logs.events(logGroupName, logStreamName).map((entry) => ({ logStreamName, ...entry })))
    .filter(({ event }) => within(input)(event) && matches(event.message))
    .sort((a, b) => a.event.timestamp - b.event.timestamp || (a.id < b.id ? -1 : 1));
  const { items, nextToken } = logPage(found, input.nextToken, input.limit ?? MOST_EVENTS);
  return {
    events: items.map(({ logStreamName, id, event }) => ({
      logStreamName,
      eventId: id,
      timestamp: event.timestamp,
      message: event.message,
      ingestionTime: event.ingestedAt,
    })),
    ...(nextToken !== undefined && { nextToken }),
    searchedLogStreams: [],
  };
}

/** The end is not part of it. */
const within =
  ({ startTime = 0, endTime = Number.POSITIVE_INFINITY }: { startTime?: number; endTime?: number }) =>
  ({ timestamp }: InputEvent): boolean =>
    timestamp >= startTime && timestamp < endTime;

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterException', message);
