import type { Platform } from '../platform.ts';
import { hasEnded } from '../training/job.ts';
import type { Training } from '../training/operations.ts';
import { shouldEnd } from './early-stopping.ts';
import { moreIsBetter, type TuningJob, type TuningJobs } from './job.ts';

const SPACE = 'sagemaker.tuning-curves';

/** What training jobs say their objective is while they run, and the end of those that others do better than. */
export class Curves {
  readonly #platform: Platform;
  readonly #jobs: TuningJobs;
  readonly #training: Training;

  constructor(platform: Platform, jobs: TuningJobs, training: Training) {
    this.#platform = platform;
    this.#jobs = jobs;
    this.#training = training;
    training.onMetric((name, metric, value) => this.#onValue(name, metric, value));
  }

  /** What a killed process was training starts again, and so does its curve. */
  resume(): void {
    for (const { started } of this.#jobs.all()) {
      for (const name of started) if (!hasEnded(this.#training.find(name)!.status)) this.#forget(name);
    }
  }

  forget(job: TuningJob): void {
    for (const name of job.started) this.#forget(name);
  }

  #forget(name: string): void {
    this.#platform.cloud.store.delete(SPACE, name);
  }

  #onValue(name: string, metric: string, value: number): void {
    const { tuning, status } = this.#training.find(name)!;
    if (!tuning || status !== 'InProgress') return;
    const job = this.#jobs.find(tuning.arn.slice(tuning.arn.lastIndexOf('/') + 1))!;
    if (job.request.HyperParameterTuningJobConfig!.HyperParameterTuningJobObjective!.MetricName !== metric) return;
    this.#platform.cloud.store.put(SPACE, name, [...this.#curve(name), value]);
    const curves = job.started.map((one) => this.#curve(one).map((said) => moreIsBetter(job, said)));
    if (shouldEnd(job.request, curves, job.started.indexOf(name))) this.#training.halt(name);
  }

  #curve(name: string): readonly number[] {
    return this.#platform.cloud.store.get<number[]>(SPACE, name) ?? [];
  }
}
