import { createHash } from 'node:crypto';
import { NotImplementedError, ServiceError } from '../../service.ts';

export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** What identifies a metric. */
export interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly Dimension[];
}

/** Everything measured in one minute. */
export interface Bucket {
  /** Start of the minute, milliseconds since the epoch. */
  readonly at: number;
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  /** How often each value was measured; undefined where only a summary was given, so that no percentile is known. */
  readonly values?: readonly (readonly [value: number, count: number])[] | undefined;
  readonly unit: string;
}

/** Stable and short: the same dimensions in another order are the same metric. */
export function metricKey({ Namespace, MetricName, Dimensions }: Metric): string {
  const dimensions = Dimensions.map(({ Name, Value }) => [Name, Value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([Namespace, MetricName, dimensions]))
    .digest('hex')
    .slice(0, 24);
}

/** Several minutes as one. */
export function merge(buckets: readonly Bucket[]): Bucket | undefined {
  const [first, ...rest] = buckets;
  return first && rest.reduce(mergeTwo, first);
}

const mergeTwo = (a: Bucket, b: Bucket): Bucket => ({
  at: Math.min(a.at, b.at),
  count: a.count + b.count,
  sum: a.sum + b.sum,
  minimum: Math.min(a.minimum, b.minimum),
  maximum: Math.max(a.maximum, b.maximum),
  values: a.values && b.values && mergeValues([...a.values, ...b.values]),
  unit: a.unit,
});

export function mergeValues(pairs: readonly (readonly [number, number])[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const [value, count] of pairs) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

/** Checks a statistic's name before anything is computed from it. */
export function checkStatistic(statistic: string): string {
  if (/^(SampleCount|Average|Sum|Minimum|Maximum)$/.test(statistic) || /^p(\d{1,2}(\.\d+)?|100)$/.test(statistic)) {
    return statistic;
  }
  throw new NotImplementedError(`monitoring:Statistic ${statistic}`);
}

/** @returns undefined for a percentile of data that came as summaries */
export function statisticOf(bucket: Bucket, statistic: string): number | undefined {
  switch (checkStatistic(statistic)) {
    case 'SampleCount':
      return bucket.count;
    case 'Average':
      return bucket.count === 0 ? undefined : bucket.sum / bucket.count;
    case 'Sum':
      return bucket.sum;
    case 'Minimum':
      return bucket.minimum;
    case 'Maximum':
      return bucket.maximum;
    default:
      return percentile(bucket, Number(statistic.slice(1)));
  }
}

/** Nearest rank. */
function percentile({ values, count }: Bucket, percent: number): number | undefined {
  if (!values) return undefined;
  const rank = Math.max(1, Math.ceil((percent / 100) * count));
  let seen = 0;
  for (const [value, times] of values) {
    seen += times;
    if (seen >= rank) return value;
  }
  return values.at(-1)?.[0];
}

/** Epoch seconds, ISO 8601 or a Date, in milliseconds. */
export function milliseconds(value: unknown, member: string): number {
  const time =
    typeof value === 'number' ? value * 1000 : value instanceof Date ? value.getTime() : Date.parse(String(value));
  if (Number.isFinite(time)) return time;
  throw new ServiceError('InvalidParameterValue', `expected a time in ${member}, got ${value}`);
}
