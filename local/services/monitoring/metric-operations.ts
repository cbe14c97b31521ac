import type { Call, Cloud, Operation } from '../../service.ts';
import { NotImplementedError, ServiceError } from '../../service.ts';
import {
  type Bucket,
  checkStatistic,
  type Dimension,
  type Metric,
  mergeValues,
  milliseconds,
  statisticOf,
} from './metric.ts';
import { type MetricStore, MINUTE } from './metric-store.ts';

const MOST_DATA = 1000;
const MOST_DATAPOINTS = 1440;
const PAGE = 500;

/** PutMetricData, GetMetricData, GetMetricStatistics, ListMetrics. */
export function metricOperations(
  cloud: Cloud,
  metrics: MetricStore,
  onData: (metric: Metric) => void,
): Readonly<Record<string, Operation>> {
  const reading: Operation['needs'] = ({ operation }) => [{ action: `cloudwatch:${operation}`, resource: '*' }];
  return {
    PutMetricData: {
      members: ['Namespace', 'MetricData'],
      // A service's own metrics need nobody's permission.
      needs: ({ principal, input }) =>
        principal.kind === 'service'
          ? []
          : [
              {
                action: 'cloudwatch:PutMetricData',
                resource: '*',
                context: { 'cloudwatch:namespace': String(input.Namespace) },
              },
            ],
      run: async (call) => putMetricData(cloud, metrics, call, onData),
    },
    GetMetricStatistics: {
      members: [
        'Namespace',
        'MetricName',
        'Dimensions',
        'StartTime',
        'EndTime',
        'Period',
        'Statistics',
        'ExtendedStatistics',
        'Unit',
      ],
      needs: reading,
      run: async ({ input }) => getMetricStatistics(metrics, input),
    },
    GetMetricData: {
      members: ['MetricDataQueries', 'StartTime', 'EndTime', 'ScanBy'],
      needs: reading,
      run: async ({ input }) => getMetricData(metrics, input),
    },
    ListMetrics: {
      members: ['Namespace', 'MetricName', 'Dimensions', 'NextToken'],
      needs: reading,
      run: async ({ input }) => listMetrics(metrics, input),
    },
  };
}

function putMetricData(
  cloud: Cloud,
  metrics: MetricStore,
  { input, principal }: Call,
  onData: (metric: Metric) => void,
) {
  const { Namespace, MetricData } = input;
  if (typeof Namespace !== 'string' || Namespace === '') throw invalid('expected a Namespace, got none');
  if (Namespace.startsWith('AWS/') && principal.kind !== 'service') {
    throw invalid(`The value ${Namespace} for parameter Namespace is reserved for AWS.`);
  }
  if (!Array.isArray(MetricData) || MetricData.length === 0 || MetricData.length > MOST_DATA) {
    throw invalid(`expected 1 to ${MOST_DATA} MetricData, got ${MetricData?.length ?? 0}`);
  }
  const read = MetricData.map((datum) => ({
    metric: { Namespace, MetricName: String(datum.MetricName), Dimensions: datum.Dimensions ?? [] },
    bucket: bucketOf(datum, cloud.clock.now()),
  }));
  cloud.store.transaction(() => {
    for (const { metric, bucket } of read) metrics.add(metric, bucket);
  });
  for (const { metric } of read) onData(metric);
  return {};
}

const MOST_DIMENSIONS = 30;
const OLDEST = 14 * 86_400_000;
const LATEST = 2 * 3_600_000;

// biome-ignore lint/suspicious/noExplicitAny: a MetricDatum, checked here
function checkDatum({ Dimensions, Value, Values, StatisticValues }: any): void {
  if ((Dimensions ?? []).length > MOST_DIMENSIONS)
    throw invalid(`expected at most ${MOST_DIMENSIONS} Dimensions, got ${Dimensions.length}`);
  const given = Object.entries({ Value, Values, StatisticValues }).filter(([, value]) => value !== undefined);
  if (given.length < 2) return;
  const [one, other] = given.map(([name]) => `MetricData.member.${name}`);
  throw new ServiceError(
    'InvalidParameterCombination',
    `The parameters ${one} and ${other} are mutually exclusive and you have specified both.`,
  );
}

function checkTime(time: number, now: number): void {
  if (time < now - OLDEST) throw invalid('The parameter Timestamp must specify a time within the past two weeks.');
  if (time > now + LATEST)
    throw invalid('The parameter Timestamp must specify a time no more than two hours in the future.');
}

// biome-ignore lint/suspicious/noExplicitAny: a MetricDatum, checked here
function bucketOf(datum: any, now: number): Bucket {
  const known = [
    'MetricName',
    'Dimensions',
    'Timestamp',
    'Value',
    'Values',
    'Counts',
    'StatisticValues',
    'Unit',
    'StorageResolution',
  ];
  const unknown = Object.keys(datum).find((member) => !known.includes(member));
  if (unknown) throw new NotImplementedError(`monitoring:PutMetricData ${unknown}`);
  if (datum.StorageResolution === 1) throw new NotImplementedError('monitoring:PutMetricData StorageResolution 1');
  checkDatum(datum);
  const time = datum.Timestamp === undefined ? now : milliseconds(datum.Timestamp, 'Timestamp');
  checkTime(time, now);
  const at = Math.floor(time / MINUTE) * MINUTE;
  const unit = datum.Unit ?? 'None';
  if (datum.StatisticValues) {
    const { SampleCount, Sum, Minimum, Maximum } = datum.StatisticValues;
    return { at, unit, count: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum };
  }
  const given: unknown[] = datum.Values ?? [datum.Value];
  const pairs = given.map((value, index) => [value, datum.Counts?.[index] ?? 1] as [number, number]);
  if (pairs.length === 0 || !pairs.flat().every(Number.isFinite)) {
    throw invalid(`expected finite numbers in Value or Values of ${datum.MetricName}`);
  }
  const values = mergeValues(pairs);
  return {
    at,
    unit,
    values,
    count: values.reduce((sum, [, times]) => sum + times, 0),
    sum: values.reduce((sum, [value, times]) => sum + value * times, 0),
    minimum: values[0]![0],
    maximum: values.at(-1)![0],
  };
}

// biome-ignore lint/suspicious/noExplicitAny: GetMetricStatistics' input
function getMetricStatistics(metrics: MetricStore, input: any) {
  const metric: Metric = {
    Namespace: input.Namespace,
    MetricName: input.MetricName,
    Dimensions: input.Dimensions ?? [],
  };
  const { start, end, period } = windowOf(input, input.Period);
  const asked = Math.ceil((end - start) / (period * 1000));
  if (asked > MOST_DATAPOINTS) {
    throw new ServiceError(
      'InvalidParameterCombination',
      `You have requested up to ${asked} datapoints, which exceeds the limit of ${MOST_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const statistics: string[] = (input.Statistics ?? []).map(checkStatistic);
  const extended: string[] = (input.ExtendedStatistics ?? []).map(checkStatistic);
  return {
    Label: metric.MetricName,
    Datapoints: metrics.periods(metric, start, end, period, input.Unit).map((bucket) => ({
      Timestamp: new Date(bucket.at),
      Unit: bucket.unit,
      ...Object.fromEntries(statistics.map((name) => [name, statisticOf(bucket, name)])),
      ...(extended.length > 0 && {
        ExtendedStatistics: Object.fromEntries(extended.map((name) => [name, statisticOf(bucket, name)])),
      }),
    })),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: GetMetricData's input
function getMetricData(metrics: MetricStore, input: any) {
  // biome-ignore lint/suspicious/noExplicitAny: a MetricDataQuery
  const results = (input.MetricDataQueries ?? []).map((query: any) => {
    if (query.Expression !== undefined || !query.MetricStat)
      throw new NotImplementedError('monitoring:GetMetricData Expression');
    if (!/^[a-z]\w*$/.test(query.Id ?? ''))
      throw new ServiceError(
        'ValidationException',
        `The value ${query.Id} for parameter Id is not matching ^[a-z][a-zA-Z0-9_]*$.`,
      );
    const { Metric: named, Period, Stat, Unit } = query.MetricStat;
    const metric: Metric = {
      Namespace: named.Namespace,
      MetricName: named.MetricName,
      Dimensions: named.Dimensions ?? [],
    };
    const { start, end, period } = windowOf(input, Period);
    const points = metrics.periods(metric, start, end, period, Unit).flatMap((bucket) => {
      const value = statisticOf(bucket, Stat);
      return value === undefined ? [] : [{ at: new Date(bucket.at), value }];
    });
    if (input.ScanBy !== 'TimestampAscending') points.reverse();
    return {
      Id: query.Id,
      Label: query.Label ?? metric.MetricName,
      Timestamps: points.map(({ at }) => at),
      Values: points.map(({ value }) => value),
      StatusCode: 'Complete',
      returned: query.ReturnData !== false,
    };
  });
  return {
    MetricDataResults: results
      .filter(({ returned }: { returned: boolean }) => returned)
      .map(({ returned: _, ...result }: { returned: boolean }) => result),
    Messages: [],
  };
}

// biome-ignore lint/suspicious/noExplicitAny: ListMetrics' input
function listMetrics(metrics: MetricStore, input: any) {
  const wanted: readonly Partial<Dimension>[] = input.Dimensions ?? [];
  const found = metrics
    .metrics()
    .filter(
      (metric) =>
        (input.Namespace === undefined || metric.Namespace === input.Namespace) &&
        (input.MetricName === undefined || metric.MetricName === input.MetricName) &&
        wanted.every(({ Name, Value }) =>
          metric.Dimensions.some((given) => given.Name === Name && (Value === undefined || given.Value === Value)),
        ),
    );
  const start = Number(input.NextToken ?? 0);
  const end = start + PAGE;
  return { Metrics: found.slice(start, end), ...(end < found.length && { NextToken: String(end) }) };
}

function windowOf(input: { StartTime?: unknown; EndTime?: unknown }, period: unknown) {
  if (typeof period !== 'number' || period < 60 || period % 60 !== 0) {
    throw new NotImplementedError(`monitoring:Period ${period}: only multiples of 60 seconds are kept`);
  }
  const [start, end] = [milliseconds(input.StartTime, 'StartTime'), milliseconds(input.EndTime, 'EndTime')];
  if (start >= end) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  return { start, end, period };
}

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterValue', message);
