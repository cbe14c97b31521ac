import type { MetricDefinition } from '@aws-sdk/client-sagemaker';
import type { Clock } from '../../../clock.ts';
import type { TrainingJob } from './job.ts';

/** Reads metrics from a job's log lines by the caller's regular expressions; the last value of each counts. */
export function finalMetrics(definitions: readonly MetricDefinition[], clock: Clock) {
  const patterns = definitions.map(({ Name, Regex }) => ({ name: Name!, regex: new RegExp(Regex!) }));
  const latest = new Map<string, { value: number; at: number }>();
  return {
    read(line: string): void {
      for (const { name, regex } of patterns) {
        const value = Number(regex.exec(line)?.[1]);
        if (Number.isFinite(value)) latest.set(name, { value, at: clock.now() });
      }
    },
    values: (): TrainingJob['metrics'] => [...latest].map(([name, reading]) => ({ name, ...reading })),
  };
}
