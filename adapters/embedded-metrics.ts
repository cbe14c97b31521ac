import { METRIC_NAMESPACE, METRIC_UNITS, type MetricName, type MetricSet } from '../domain/monitoring/metrics.ts';
import type { MetricRecorder } from '../domain/monitoring/ports.ts';

/**
 * Metrics as lines of a function's log: CloudWatch makes them of the embedded metric format, so that recording one is no call that
 * could fail. Dimensions are the deployment and, where there is one, the model.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class EmbeddedMetrics implements MetricRecorder {
  readonly #deployment: string;
  readonly #write: (line: string) => void;

  /** @param deployment `namePrefix-stage` @param write takes a line past the runtime's console, which would wrap it */
  constructor(deployment: string, write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)) {
    this.#deployment = deployment;
    this.#write = write;
  }

  record({ model, version, at, values }: MetricSet): void {
    const Metrics = (Object.keys(values) as MetricName[]).map((Name) => ({ Name, Unit: METRIC_UNITS[Name] }));
    const Dimensions = [['Deployment', ...(model === undefined ? [] : ['Model'])]];
    this.#write(
      JSON.stringify({
        _aws: {
          Timestamp: at.getTime(),
          CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions, Metrics }],
        },
        Deployment: this.#deployment,
        ...(model !== undefined && { Model: model }),
        ...(version !== undefined && { version }),
        ...values,
      }),
    );
  }
}
