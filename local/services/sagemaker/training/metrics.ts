import type { MetricDefinition } from '@aws-sdk/client-sagemaker';
import type { Clock } from '../../../clock.ts';
import type { TrainingJob } from './job.ts';

/**
 * Reads metrics from a job's log lines by the caller's regular expressions; the last value of each counts.
 *
 * @param before what was read before an interruption
 * @param onValue told of each
 */
export function finalMetrics(
  definitions: readonly MetricDefinition[],
  clock: Clock,
  before: TrainingJob['metrics'],
  onValue: (name: string, value: number) => void,
) {
  const patterns = definitions.map(({ Name, Regex }) => ({ name: Name!, regex: new RegExp(Regex!) }));
  const latest = new Map(before.map(({ name, value, at }) => [name, { value, at }]));
  return {
    read(line: string): void {
      for (const { name, regex } of patterns) {
        const value = Number(regex.exec(line)?.[1]);
        if (!Number.isFinite(value)) continue;
        latest.set(name, { value, at: clock.now() });
        onValue(name, value);
      }
    },
    values: (): TrainingJob['metrics'] => [...latest].map(([name, reading]) => ({ name, ...reading })),
  };
}
