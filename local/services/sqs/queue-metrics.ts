import type { Timer } from '../../clock.ts';
import type { Cloud } from '../../service.ts';
import type { Queue } from './queue.ts';

/** After a change; in milliseconds. */
const SOON = 60_000;

/**
 * While messages lie in a queue, in milliseconds. AWS measures every minute; five keep an alarm on a dead-letter queue informed, and let days
 * pass quickly on the clock.
 */
const WHILE_FILLED = 300_000;

/** Tells CloudWatch how full the queues are: after each change, then again while messages lie there. An empty queue is silent. */
export class QueueMetrics {
  readonly #cloud: Cloud;
  readonly #timers = new Map<string, Timer>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  changed(queue: Queue): void {
    if (!this.#timers.has(queue.record.name)) this.#arm(queue, SOON);
  }

  forget(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  #arm(queue: Queue, delay: number): void {
    const measure = () => void this.#cloud.track(this.#measure(queue));
    this.#timers.set(queue.record.name, this.#cloud.clock.after(delay, measure));
  }

  async #measure(queue: Queue): Promise<void> {
    const { name } = queue.record;
    this.#timers.delete(name);
    const now = this.#cloud.clock.now();
    const { visible, inFlight, delayed } = queue.depth(now);
    if (visible + inFlight + delayed > 0) this.#arm(queue, WHILE_FILLED);
    const oldest = Math.min(now, ...queue.messages.map((message) => message.sentAt));
    const values = {
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesNotVisible: inFlight,
      ApproximateNumberOfMessagesDelayed: delayed,
      ApproximateAgeOfOldestMessage: Math.round((now - oldest) / 1000),
    };
    await this.#cloud.call({
      service: 'monitoring',
      operation: 'PutMetricData',
      principal: { kind: 'service', arn: 'sqs.amazonaws.com' },
      input: {
        Namespace: 'AWS/SQS',
        MetricData: Object.entries(values).map(([MetricName, Value]) => ({
          MetricName,
          Value,
          Unit: MetricName.startsWith('ApproximateAge') ? 'Seconds' : 'Count',
          Dimensions: [{ Name: 'QueueName', Value: name }],
        })),
      },
    });
  }
}
