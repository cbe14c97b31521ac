/** One namespace's metrics of one log line, as PutMetricData takes them. */
export interface EmbeddedMetrics {
  readonly Namespace: string;
  readonly MetricData: readonly {
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    /** Seconds since the epoch. */
    readonly Timestamp: number;
    readonly Values: readonly number[];
    readonly Unit?: string;
  }[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The metrics a line carries in embedded metric format; a line that is no such document, or a wrong one, carries none, as on AWS.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(message: string): EmbeddedMetrics[] {
  if (!message.includes('"CloudWatchMetrics"')) return [];
  const root = parse(message);
  const metadata = root?._aws;
  if (!root || !isObject(metadata) || typeof metadata.Timestamp !== 'number') return [];
  const seconds = metadata.Timestamp / 1000;
  return list(metadata.CloudWatchMetrics).flatMap((directive) => {
    if (!isObject(directive) || typeof directive.Namespace !== 'string') return [];
    const sets = list(directive.Dimensions).map((names) => list(names).map(String));
    const MetricData = list(directive.Metrics).flatMap((metric) => {
      if (!isObject(metric) || typeof metric.Name !== 'string') return [];
      const Values = numbers(root[metric.Name]);
      if (Values.length === 0) return [];
      const datum = {
        MetricName: metric.Name,
        Timestamp: seconds,
        Values,
        ...(typeof metric.Unit === 'string' && { Unit: metric.Unit }),
      };
      return (sets.length ? sets : [[]]).map((names) => ({ ...datum, Dimensions: dimensions(root, names) }));
    });
    return MetricData.length > 0 ? [{ Namespace: directive.Namespace, MetricData }] : [];
  });
}

function parse(message: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const dimensions = (root: Json, names: readonly string[]) =>
  names.flatMap((Name) => (root[Name] === undefined ? [] : [{ Name, Value: String(root[Name]) }]));

const numbers = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).filter((member) => typeof member === 'number');

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
