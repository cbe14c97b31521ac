import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { TimeWindow } from '../domain/drift/persistence.ts';
import type { ServiceMeter } from '../domain/monitoring/ports.ts';
import { median, type ServiceCounts } from '../domain/monitoring/service.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const MICROSECONDS = 1_000;

const METRICS = {
  calls: ['Invocations', 'Sum'],
  errors4xx: ['Invocation4XXErrors', 'Sum'],
  errors5xx: ['Invocation5XXErrors', 'Sum'],
  p50: ['ModelLatency', 'p50'],
  p99: ['ModelLatency', 'p99'],
} as const;

/** SageMaker's own metrics of a variant, `AWS/SageMaker`; `ModelLatency` is in microseconds. */
export class CloudWatchServiceMeter implements ServiceMeter {
  readonly #client: CloudWatchClient;

  constructor(client: CloudWatchClient = new CloudWatchClient({})) {
    this.#client = client;
  }

  /** One call for all windows: CloudWatch bills the metrics that are asked for, not how long ago they are. */
  async measure(endpointName: string, variant: string, during: readonly TimeWindow[]): Promise<ServiceCounts[]> {
    const points: Point[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new GetMetricDataCommand({
          StartTime: new Date(Math.min(...during.map(({ start }) => Date.parse(start)))),
          EndTime: new Date(Math.max(...during.map(({ end }) => Date.parse(end)))),
          MetricDataQueries: queriesOf(endpointName, variant, periodOf(during[0]!)),
          ...(NextToken !== undefined && { NextToken }),
        }),
      );
      for (const { Id = '', Timestamps = [], Values = [] } of page.MetricDataResults ?? [])
        Values.forEach((value, i) => void points.push({ id: Id, at: Timestamps[i]!.getTime(), value }));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return during.map((window) => countsOf(points, window));
  }
}

/** What was measured in the period that begins `at`. */
interface Point {
  readonly id: string;
  readonly at: number;
  readonly value: number;
}

function countsOf(points: readonly Point[], { start, end }: TimeWindow): ServiceCounts {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const of = (id: keyof typeof METRICS): number[] =>
    points.filter((point) => point.id === id && point.at >= from && point.at < to).map(({ value }) => value);
  const sum = (id: keyof typeof METRICS): number => of(id).reduce((a, b) => a + b, 0);
  const [p50, p99] = [of('p50'), of('p99')];
  return {
    ...{ calls: sum('calls'), errors4xx: sum('errors4xx'), errors5xx: sum('errors5xx') },
    ...(p50.length > 0 && { p50Ms: median(p50) / MICROSECONDS }),
    ...(p99.length > 0 && { p99Ms: median(p99) / MICROSECONDS }),
  };
}

const queriesOf = (endpointName: string, variant: string, Period: number): MetricDataQuery[] =>
  Object.entries(METRICS).map(([Id, [MetricName, Stat]]) => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/SageMaker',
        MetricName,
        Dimensions: [
          { Name: 'EndpointName', Value: endpointName },
          { Name: 'VariantName', Value: variant },
        ],
      },
      Period,
      Stat,
    },
  }));

/** Periods lie on multiples of their length, as windows that divide a day do; others are made of days, or of hours. */
function periodOf({ start, end }: TimeWindow): number {
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000;
  if (DAY_SECONDS % seconds === 0 && seconds >= HOUR_SECONDS) return seconds;
  return seconds % DAY_SECONDS === 0 ? DAY_SECONDS : HOUR_SECONDS;
}
