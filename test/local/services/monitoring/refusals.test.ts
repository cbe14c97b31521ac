import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  type MetricDatum,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SmallCloud } from '../../support/small-cloud.ts';

const DAY = 86_400_000;
let small: SmallCloud;
let cloudwatch: CloudWatchClient;
beforeAll(async () => {
  small = await SmallCloud.start();
  cloudwatch = new CloudWatchClient(small.client);
});
afterAll(async () => {
  cloudwatch.destroy();
  await small.stop();
});

const after = (milliseconds: number) => new Date(small.cloud.clock.now() + milliseconds);
const put = (...data: Partial<MetricDatum>[]) =>
  cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Launchway',
      MetricData: data.map((datum) => ({ MetricName: 'Drift', Value: 1, ...datum })),
    }),
  );
const statistics = (StartTime: Date, EndTime: Date) =>
  new GetMetricStatisticsCommand({
    Namespace: 'Launchway',
    MetricName: 'Drift',
    StartTime,
    EndTime,
    Period: 60,
    Statistics: ['SampleCount'],
  });

it('takes a thousand values, which the SDK compresses', async () => {
  await put(...Array.from({ length: 1000 }, () => ({})));
  const { Datapoints } = await cloudwatch.send(statistics(after(-DAY / 2), after(60_000)));
  expect(Datapoints!.reduce((sum, { SampleCount }) => sum + SampleCount!, 0)).toBe(1000);
  await expect(put(...Array.from({ length: 1001 }, () => ({})))).rejects.toThrow('expected 1 to 1000 MetricData');
});

it.each([
  [() => ({ Timestamp: after(-15 * DAY) }), 'within the past two weeks'],
  [() => ({ Timestamp: after(DAY) }), 'no more than two hours in the future'],
  [
    () => ({ StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } }),
    'are mutually exclusive and you have specified both',
  ],
  [
    () => ({ Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `d${i}`, Value: 'x' })) }),
    'expected at most 30 Dimensions, got 31',
  ],
])('refuses a value: %s', async (datum, message) => {
  await expect(put(datum())).rejects.toThrow(message);
});

it('refuses a window that ends before it begins, or has too many periods', async () => {
  await expect(cloudwatch.send(statistics(after(0), after(-60_000)))).rejects.toThrow(
    'The parameter StartTime must be less than the parameter EndTime.',
  );
  await expect(cloudwatch.send(statistics(after(-2 * DAY), after(0)))).rejects.toThrow(
    'You have requested up to 2880 datapoints, which exceeds the limit of 1440.',
  );
});

it('refuses the id of a query that begins with a capital', async () => {
  const MetricStat = { Metric: { Namespace: 'Launchway', MetricName: 'Drift' }, Period: 60, Stat: 'Sum' };
  const query = { StartTime: after(-DAY), EndTime: after(0), MetricDataQueries: [{ Id: 'Drift', MetricStat }] };
  await expect(cloudwatch.send(new GetMetricDataCommand(query))).rejects.toMatchObject({ name: 'ValidationException' });
});

it('refuses an alarm over more than a day of minutes', async () => {
  const alarm = (EvaluationPeriods: number) =>
    new PutMetricAlarmCommand({
      AlarmName: 'drift',
      Namespace: 'Launchway',
      MetricName: 'Drift',
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 1,
      Period: 60,
      EvaluationPeriods,
    });
  await cloudwatch.send(alarm(1440));
  await expect(cloudwatch.send(alarm(1441))).rejects.toThrow('expected at most 86400 seconds');
});
