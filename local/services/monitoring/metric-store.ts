import type { Cloud } from '../../service.ts';
import { type Bucket, type Metric, merge, metricKey } from './metric.ts';

const METRICS = 'cloudwatch.metrics';
const BUCKETS = 'cloudwatch.buckets';

/** The smallest period that is kept. */
export const MINUTE = 60_000;

/** Measurements by metric and minute. */
export class MetricStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  add(metric: Metric, measured: Bucket): void {
    const { store } = this.#cloud;
    const key = metricKey(metric);
    const place = bucketKey(key, measured.at);
    const before = store.get<Bucket>(BUCKETS, place);
    if (!store.get(METRICS, key)) store.put(METRICS, key, metric);
    store.put(BUCKETS, place, before ? merge([before, measured]) : measured);
  }

  metrics(): Metric[] {
    return this.#cloud.store.list<Metric>(METRICS).map(({ value }) => value);
  }

  /** Minutes from `start` up to, not including, `end`, in order. */
  minutes(metric: Metric, start: number, end: number, unit?: string): Bucket[] {
    const key = metricKey(metric);
    // The digits that start and end share are as much as a prefix can narrow the search.
    const prefix = commonPrefix(bucketKey(key, start), bucketKey(key, end));
    return this.#cloud.store
      .list<Bucket>(BUCKETS, prefix)
      .map(({ value }) => value)
      .filter((bucket) => bucket.at >= start && bucket.at < end && (unit === undefined || bucket.unit === unit));
  }

  /** One bucket per period that has data; periods start at multiples of their length. */
  periods(metric: Metric, start: number, end: number, seconds: number, unit?: string): Bucket[] {
    const length = seconds * 1000;
    const groups = Map.groupBy(this.minutes(metric, start, end, unit), ({ at }) => Math.floor(at / length) * length);
    return [...groups].map(([at, buckets]) => ({ ...merge(buckets)!, at }));
  }
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

const bucketKey = (metric: string, at: number): string =>
  `${metric}/${String(Math.max(0, Math.floor(at))).padStart(15, '0')}`;
