import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../../local/cloud.ts';
import type { Principal, Service } from '../../../../local/service.ts';
import { type Alarm, stateOf } from '../../../../local/services/monitoring/alarm.ts';
import { createMonitoringService } from '../../../../local/services/monitoring/index.ts';

let directory: string;
let cloud: LocalCloud;
let published: any[];

const topics: Service = {
  name: 'sns',
  operations: {
    Publish: {
      members: ['TopicArn', 'Subject', 'Message'],
      needs: () => [],
      run: async ({ input, principal }) => {
        published.push({ ...input, principal, Message: JSON.parse(input.Message) });
      },
    },
  },
};
const open = async () => {
  cloud = new LocalCloud({ stateDir: directory });
  cloud.register(createMonitoringService(cloud), topics);
  await cloud.resume();
};
beforeEach(async () => {
  published = [];
  directory = mkdtempSync(join(tmpdir(), 'monitoring-'));
  await open();
});
afterEach(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true });
});

const user: Principal = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/ada' };
const call = (operation: string, input: object, principal = user): Promise<any> =>
  cloud.call({ service: 'monitoring', operation, principal, input });
const Dimensions = [{ Name: 'model', Value: 'flights' }];
const measure = (datum: object) =>
  call('PutMetricData', { Namespace: 'Launchway', MetricData: [{ MetricName: 'drift', Dimensions, ...datum }] });
const minutes = (count: number) => cloud.clock.advance(count * 60_000);

describe('a metric', () => {
  it('is summed up by period, percentiles included', async () => {
    const minute = Math.floor(cloud.clock.now() / 300_000) * 300;
    for (const value of [1, 2, 3, 10]) await measure({ Value: value, Timestamp: minute });
    await measure({ Values: [4, 5], Counts: [1, 2], Timestamp: minute + 60 });
    const { Datapoints } = await call('GetMetricStatistics', {
      Namespace: 'Launchway',
      MetricName: 'drift',
      Dimensions,
      StartTime: minute,
      EndTime: minute + 300,
      Period: 300,
      Statistics: ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'],
      ExtendedStatistics: ['p50', 'p99'],
    });
    expect(Datapoints).toEqual([
      {
        Timestamp: new Date(minute * 1000),
        Unit: 'None',
        Sum: 30,
        Average: 30 / 7,
        Minimum: 1,
        Maximum: 10,
        SampleCount: 7,
        ExtendedStatistics: { p50: 4, p99: 10 },
      },
    ]);
    const query = {
      Id: 'a',
      MetricStat: { Metric: { Namespace: 'Launchway', MetricName: 'drift', Dimensions }, Period: 60, Stat: 'Sum' },
    };
    const { MetricDataResults } = await call('GetMetricData', {
      MetricDataQueries: [query],
      StartTime: minute,
      EndTime: minute + 300,
    });
    expect(MetricDataResults).toMatchObject([{ Id: 'a', Values: [14, 16] }]);
  });

  it('of AWS itself is written by services only', async () => {
    const input = { Namespace: 'AWS/SageMaker', MetricData: [{ MetricName: 'Invocations', Value: 1 }] };
    await expect(call('PutMetricData', input)).rejects.toThrow('reserved for AWS');
    await call('PutMetricData', input, { kind: 'service', arn: 'sagemaker.amazonaws.com' });
    expect((await call('ListMetrics', {})).Metrics).toEqual([
      { Namespace: 'AWS/SageMaker', MetricName: 'Invocations', Dimensions: [] },
    ]);
  });

  it('that is no number is refused', async () => {
    await expect(measure({ Value: 'x' })).rejects.toThrow('finite numbers');
  });
});

describe('an alarm', () => {
  const TopicArn = 'arn:aws:sns:eu-west-1:000000000000:alerts';
  const put = (more: object = {}) =>
    call('PutMetricAlarm', {
      AlarmName: 'drifted',
      Namespace: 'Launchway',
      MetricName: 'drift',
      Dimensions,
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0.2,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [TopicArn],
      OKActions: [TopicArn],
      ...more,
    });
  const state = async () => (await call('DescribeAlarms', { AlarmNames: ['drifted'] })).MetricAlarms[0].StateValue;

  it('goes off when the metric crosses its threshold, tells its topic, and settles again', async () => {
    await put();
    expect(await state()).toBe('INSUFFICIENT_DATA');
    await minutes(2);
    expect(await state()).toBe('OK');
    await measure({ Value: 0.5 });
    await minutes(1);
    await cloud.idle();
    expect(await state()).toBe('ALARM');
    await minutes(10);
    await cloud.idle();
    expect(await state()).toBe('OK');
    expect(published.map(({ Message }) => [Message.OldStateValue, Message.NewStateValue])).toEqual([
      ['INSUFFICIENT_DATA', 'OK'],
      ['OK', 'ALARM'],
      ['ALARM', 'OK'],
    ]);
    expect(published[1]).toMatchObject({
      TopicArn,
      Subject: 'ALARM: "drifted" in eu-west-1',
      principal: {
        kind: 'service',
        arn: 'cloudwatch.amazonaws.com',
        sourceArn: 'arn:aws:cloudwatch:eu-west-1:000000000000:alarm:drifted',
      },
    });
  });

  it('goes on watching after a restart', async () => {
    await put();
    await minutes(2);
    await measure({ Value: 0.5 });
    await cloud.stop();
    await open();
    await minutes(1);
    await cloud.idle();
    expect(await state()).toBe('ALARM');
  });

  it('sleeps once its data has gone by', async () => {
    await put();
    await measure({ Value: 0.1 });
    await minutes(60);
    expect(cloud.clock.nextDue).toBeUndefined();
    expect((await cloud.clock.advance(30 * 86_400_000)).fired).toBe(0);
  });

  it('can be set by hand, and announces each change', async () => {
    const events: unknown[] = [];
    cloud.onEvent(({ detail }) => events.push(detail));
    await put({ TreatMissingData: 'ignore' });
    await call('SetAlarmState', { AlarmName: 'drifted', StateValue: 'ALARM', StateReason: 'a test' });
    expect(await state()).toBe('ALARM');
    expect(events).toMatchObject([
      { state: { value: 'ALARM', reason: 'a test' }, previousState: { value: 'INSUFFICIENT_DATA' } },
    ]);
  });

  it('on what is not served is refused loudly', async () => {
    await expect(put({ Period: 10 })).rejects.toThrow('NotImplemented: monitoring:PutMetricAlarm Period 10');
    await expect(put({ AlarmActions: ['arn:aws:automate:eu-west-1:ec2:stop'] })).rejects.toThrow('NotImplemented');
  });
});

describe('missing data', () => {
  const alarm = (TreatMissingData: string, more: object = {}) =>
    ({
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData,
      state: 'OK',
      ...more,
    }) as Alarm;
  const X = 1;
  const _ = undefined;

  // Newest first; the rows of AWS's own table, where ignoring keeps the state, OK here.
  it.each([
    [[X, _, X, _, 0], 'OK', 'OK', 'OK', 'OK'],
    [[_, _, _, _, 0], 'OK', 'OK', 'OK', 'OK'],
    [[_, _, _, _, _], 'INSUFFICIENT_DATA', 'OK', 'ALARM', 'OK'],
    [[X, _, X, X, 0], 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    [[_, _, X, _, _], 'ALARM', 'OK', 'ALARM', 'OK'],
  ])('%j is missing: %s, ignore: %s, breaching: %s, notBreaching: %s', (values, ...expected) => {
    const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'];
    expect(treatments.map((treatment) => stateOf(alarm(treatment), values))).toEqual(expected);
  });
});
