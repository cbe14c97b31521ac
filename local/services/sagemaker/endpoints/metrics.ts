import type { Platform } from '../platform.ts';
import type { Endpoint } from './endpoint.ts';
import type { Route } from './traffic.ts';

const FLUSH_AFTER_MS = 1_000;
const MINUTE_MS = 60_000;
/** PutMetricData takes at most 1,000 metrics, each of at most 150 values. */
const MOST_VALUES = 150;
const MOST_METRICS = 1_000;

/** What one request counts. */
export interface Invocation {
  /** Of the container; undefined where it did not answer. */
  readonly status: number | undefined;
  readonly modelMicroseconds: number;
  readonly overheadMicroseconds: number;
}

interface Series {
  readonly metric: string;
  readonly unit: 'None' | 'Microseconds';
  readonly dimensions: readonly { Name: string; Value: string }[];
  readonly minute: number;
  /** How often each value came. */
  readonly values: Map<number, number>;
}

/** CloudWatch metrics of endpoints, by variant and again by configuration, sent a second after they were counted. */
export class EndpointMetrics {
  readonly #platform: Platform;
  readonly #series = new Map<string, Series>();
  #armed = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  count(endpoint: Endpoint, { fleet, variant }: Route, invocation: Invocation): void {
    const { status = 500 } = invocation;
    const byVariant = [
      { Name: 'EndpointName', Value: endpoint.name },
      { Name: 'VariantName', Value: variant.name },
    ];
    const byConfig = [...byVariant, { Name: 'EndpointConfigName', Value: fleet.configName }];
    for (const dimensions of [byVariant, byConfig]) {
      this.#add(dimensions, 'Invocations', 'None', 1);
      this.#add(dimensions, 'InvocationsPerInstance', 'None', 1 / Math.max(1, variant.instanceCount));
      this.#add(dimensions, 'Invocation4XXErrors', 'None', status >= 400 && status < 500 ? 1 : 0);
      this.#add(dimensions, 'Invocation5XXErrors', 'None', status >= 500 ? 1 : 0);
      this.#add(dimensions, 'ModelLatency', 'Microseconds', invocation.modelMicroseconds);
      this.#add(dimensions, 'OverheadLatency', 'Microseconds', invocation.overheadMicroseconds);
    }
    this.#arm(endpoint.arn);
  }

  /** Sends what is counted. */
  async flush(sourceArn: string): Promise<void> {
    const data = [...this.#series.values()].flatMap((series) => [...metricData(series)]);
    this.#series.clear();
    for (let from = 0; from < data.length; from += MOST_METRICS) {
      await this.#platform.cloud.call({
        service: 'monitoring',
        operation: 'PutMetricData',
        principal: { kind: 'service', arn: 'sagemaker.amazonaws.com', sourceArn },
        input: { Namespace: 'AWS/SageMaker', MetricData: data.slice(from, from + MOST_METRICS) },
      });
    }
  }

  #arm(sourceArn: string): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#platform.cloud.clock.after(FLUSH_AFTER_MS, () => {
      this.#armed = false;
      void this.#platform.cloud.track(this.flush(sourceArn));
    });
  }

  #add(dimensions: Series['dimensions'], metric: string, unit: Series['unit'], value: number): void {
    const now = this.#platform.cloud.clock.now();
    const minute = now - (now % MINUTE_MS);
    const key = JSON.stringify([metric, minute, dimensions]);
    const series = this.#series.get(key) ?? { metric, unit, dimensions, minute, values: new Map<number, number>() };
    series.values.set(value, (series.values.get(value) ?? 0) + 1);
    this.#series.set(key, series);
  }
}

function* metricData(series: Series) {
  const values = [...series.values];
  for (let from = 0; from < values.length; from += MOST_VALUES) {
    const some = values.slice(from, from + MOST_VALUES);
    yield {
      MetricName: series.metric,
      Dimensions: series.dimensions,
      Timestamp: series.minute / 1000,
      Unit: series.unit,
      Values: some.map(([value]) => value),
      Counts: some.map(([, count]) => count),
    };
  }
}
