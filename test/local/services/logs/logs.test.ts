import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../../local/cloud.ts';
import type { Principal } from '../../../../local/service.ts';
import { createLogsService } from '../../../../local/services/logs/index.ts';
import { createMonitoringService } from '../../../../local/services/monitoring/index.ts';

let directory: string;
let cloud: LocalCloud;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'logs-'));
  cloud = new LocalCloud({ stateDir: directory });
  cloud.register(createLogsService(cloud), createMonitoringService(cloud));
});
afterEach(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true });
});

const user: Principal = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/ada' };
const call = (operation: string, input: object, principal = user, service = 'logs'): Promise<any> =>
  cloud.call({ service, operation, principal, input });
const logGroupName = '/aws/lambda/check-drift';
const logStreamName = '2026/01/01/[$LATEST]1';
const create = async () => {
  await call('CreateLogGroup', { logGroupName });
  await call('CreateLogStream', { logGroupName, logStreamName });
};
const write = (...messages: string[]) => {
  const timestamp = cloud.clock.now();
  const logEvents = messages.map((message, index) => ({ timestamp: timestamp + index, message }));
  return call('PutLogEvents', { logGroupName, logStreamName, logEvents });
};
const read = async (more: object = {}) =>
  (await call('FilterLogEvents', { logGroupName, ...more })).events.map(({ message }: any) => message);

describe('a log stream', () => {
  it('gives back its lines in order, page by page', async () => {
    await create();
    await write('1', '2', '3');
    const get = (more: object) => call('GetLogEvents', { logGroupName, logStreamName, limit: 2, ...more });
    const first = await get({ startFromHead: true });
    expect(first.events.map(({ message }: any) => message)).toEqual(['1', '2']);
    const second = await get({ nextToken: first.nextForwardToken });
    expect(second.events.map(({ message }: any) => message)).toEqual(['3']);
    expect((await get({ nextToken: second.nextForwardToken })).nextForwardToken).toBe(second.nextForwardToken);
    expect((await get({})).events.map(({ message }: any) => message)).toEqual(['2', '3']);
  });

  it('that is missing is told apart from a missing group', async () => {
    await expect(write('x')).rejects.toThrow('The specified log group does not exist.');
    await call('CreateLogGroup', { logGroupName });
    await expect(write('x')).rejects.toThrow('The specified log stream does not exist.');
    await expect(call('CreateLogGroup', { logGroupName })).rejects.toMatchObject({
      code: 'ResourceAlreadyExistsException',
    });
  });

  it('refuses lines out of order and skips those that are too old', async () => {
    await create();
    const now = cloud.clock.now();
    const put = (...times: number[]) =>
      call('PutLogEvents', {
        logGroupName,
        logStreamName,
        logEvents: times.map((timestamp) => ({ timestamp, message: 'x' })),
      });
    await expect(put(now, now - 1)).rejects.toThrow('chronological order');
    expect(await put(now - 15 * 86_400_000, now, now + 3 * 3_600_000)).toMatchObject({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 2 },
    });
    expect(await read()).toHaveLength(1);
  });
});

describe('a search', () => {
  it.each([
    [undefined, ['ERROR a', 'WARN b', 'INFO a']],
    ['ERROR', ['ERROR a']],
    ['?ERROR ?WARN', ['ERROR a', 'WARN b']],
    ['a -INFO', ['ERROR a']],
    ['"WARN b"', ['WARN b']],
  ])('for %j finds %j', async (filterPattern, expected) => {
    await create();
    await write('ERROR a', 'WARN b', 'INFO a');
    expect(await read({ filterPattern })).toEqual(expected);
  });

  it('by fields of JSON is refused loudly', async () => {
    await create();
    await expect(read({ filterPattern: '{ $.level = "ERROR" }' })).rejects.toThrow('NotImplemented');
  });
});

describe('a log group', () => {
  it('forgets what is older than its retention', async () => {
    await create();
    await call('PutRetentionPolicy', { logGroupName, retentionInDays: 1 });
    await write('old');
    await cloud.clock.advance(2 * 86_400_000);
    expect(await read()).toEqual([]);
    expect(cloud.store.list('logs.events')).toEqual([]);
  });

  it('comes from a template, and is written to by log delivery', async () => {
    const handler = cloud.services[0]!.resources!['AWS::Logs::LogGroup']!;
    const request = {
      stackName: 'App',
      logicalId: 'Logs',
      type: 'AWS::Logs::LogGroup',
      properties: { RetentionInDays: 90 },
    };
    const { ref, attributes } = await handler.create(request);
    expect(attributes.Arn).toBe(`arn:aws:logs:eu-west-1:000000000000:log-group:${ref}:*`);
    expect((await call('DescribeLogGroups', {})).logGroups).toMatchObject([{ logGroupName: ref, retentionInDays: 90 }]);
    const delivery: Principal = { kind: 'service', arn: 'delivery.logs.amazonaws.com' };
    await call('CreateLogStream', { logGroupName: ref, logStreamName: 'api' }, delivery);
    const other: Principal = { kind: 'service', arn: 'events.amazonaws.com' };
    await expect(call('CreateLogStream', { logGroupName: ref, logStreamName: 'x' }, other)).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});

describe('a line in embedded metric format', () => {
  it('becomes a metric per set of dimensions', async () => {
    await create();
    const now = cloud.clock.now();
    const line = {
      _aws: {
        Timestamp: now,
        CloudWatchMetrics: [
          { Namespace: 'Launchway', Dimensions: [['model'], []], Metrics: [{ Name: 'drift', Unit: 'None' }] },
        ],
      },
      model: 'flights',
      drift: [0.1, 0.3],
    };
    await write('plain', '{"CloudWatchMetrics"', JSON.stringify(line));
    const { Metrics } = await call('ListMetrics', { Namespace: 'Launchway' }, user, 'monitoring');
    expect(Metrics).toHaveLength(2);
    const { Datapoints } = await call(
      'GetMetricStatistics',
      {
        Namespace: 'Launchway',
        MetricName: 'drift',
        Dimensions: [{ Name: 'model', Value: 'flights' }],
        StartTime: now / 1000 - 120,
        EndTime: now / 1000 + 120,
        Period: 60,
        Statistics: ['Sum', 'SampleCount'],
      },
      user,
      'monitoring',
    );
    expect(Datapoints).toMatchObject([{ Sum: 0.4, SampleCount: 2 }]);
  });
});
