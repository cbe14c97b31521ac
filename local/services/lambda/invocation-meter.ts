import type { Cloud } from '../../service.ts';

/** How often a function ran, failed and was refused since the state was fresh. */
export interface InvocationCount {
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
}

const COUNTS = 'lambda.counts';
const NONE: InvocationCount = { invocations: 0, errors: 0, throttles: 0 };

/** Counts invocations for the run's summary, and tells CloudWatch of each. */
export class InvocationMeter {
  readonly counts: Map<string, InvocationCount>;
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.counts = new Map(cloud.store.list<InvocationCount>(COUNTS).map(({ key, value }) => [key, value]));
  }

  /** @param duration of an invocation, in real milliseconds */
  add(name: string, more: Partial<InvocationCount>, duration?: number): void {
    const before = this.counts.get(name) ?? NONE;
    const count = {
      invocations: before.invocations + (more.invocations ?? 0),
      errors: before.errors + (more.errors ?? 0),
      throttles: before.throttles + (more.throttles ?? 0),
    };
    this.counts.set(name, count);
    this.#cloud.store.put(COUNTS, name, count);
    void this.#cloud.track(this.#publish(name, more, duration));
  }

  async #publish(name: string, more: Partial<InvocationCount>, duration: number | undefined): Promise<void> {
    const values: readonly [string, number | undefined, string][] = [
      ['Invocations', more.invocations, 'Count'],
      ['Errors', more.errors, 'Count'],
      ['Throttles', more.throttles ?? 0, 'Count'],
      ['Duration', duration, 'Milliseconds'],
    ];
    await this.#cloud.call({
      service: 'monitoring',
      operation: 'PutMetricData',
      principal: { kind: 'service', arn: 'lambda.amazonaws.com' },
      input: {
        Namespace: 'AWS/Lambda',
        MetricData: values
          .filter(([, Value]) => Value !== undefined)
          .map(([MetricName, Value, Unit]) => ({
            MetricName,
            Value,
            Unit,
            Dimensions: [{ Name: 'FunctionName', Value: name }],
          })),
      },
    });
  }
}
