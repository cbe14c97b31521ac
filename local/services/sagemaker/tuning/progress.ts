import { createHash } from 'node:crypto';
import { ServiceError } from '../../../service.ts';
import type { Platform } from '../platform.ts';
import { hasEnded } from '../training/job.ts';
import type { Training } from '../training/operations.ts';
import { isBetter, moreIsBetter, type Trial, type TuningJob, type TuningJobs, trialOf } from './job.ts';
import { trainingRequestOf } from './request.ts';
import { nextValues, searchSize } from './search.ts';

/** SageMaker gives a search up where this many training jobs had no objective. */
const HOPELESS_AFTER = 5;

/**
 * Takes tuning jobs a step further whenever a training job ends.
 *
 * A step reads everything from the store, and a training job is stored with what it was started for: so a step may be taken
 * twice, or after a crash.
 */
export class TuningProgress {
  readonly #platform: Platform;
  readonly #jobs: TuningJobs;
  readonly #training: Training;

  constructor(platform: Platform, jobs: TuningJobs, training: Training) {
    this.#platform = platform;
    this.#jobs = jobs;
    this.#training = training;
    platform.cloud.onEvent((event) => {
      if (event['detail-type'] !== 'SageMaker Training Job State Change') return;
      // Any job's end may free the instance that a search waits for. Not at once: every listener hears of the end first.
      if (hasEnded(event.detail.TrainingJobStatus)) void platform.cloud.track(this.#proceedSoon());
    });
  }

  async #proceedSoon(): Promise<void> {
    await Promise.resolve();
    if (!this.#platform.stopped) this.proceedAll();
  }

  proceedAll(): void {
    for (const job of this.#jobs.all()) if (!isOver(job)) this.proceed(job.name);
  }

  trials(job: TuningJob): Trial[] {
    return job.started.map((name) => trialOf(this.#training.find(name)!, job));
  }

  proceed(name: string): void {
    const job = this.#jobs.find(name);
    if (!job || isOver(job)) return;
    const trials = this.trials(job);
    const running = trials.filter(({ objective }) => objective === 'Pending');
    const verdict = job.verdict ?? verdictOn(job, trials);
    if (!verdict) {
      this.#startMore(job, running.length);
      return;
    }
    if (!job.verdict) {
      job.verdict = verdict;
      this.#jobs.save(job, trials);
    }
    // The last one to end comes back here.
    if (running.length === 0) this.#end(job);
    for (const trial of running) this.#training.halt(trial.job.name);
  }

  #startMore(job: TuningJob, running: number): void {
    const config = job.request.HyperParameterTuningJobConfig!;
    const room = config.ResourceLimits!.MaxParallelTrainingJobs! - running;
    const left = searchSize(config) - job.started.length;
    for (let more = Math.min(room, left); more > 0; more--) if (!this.#startOne(job)) return;
  }

  /** @returns false where the quota has no room, which another job's end may change */
  #startOne(job: TuningJob): boolean {
    const { cloud } = this.#platform;
    const index = job.started.length;
    const name = trialName(job, index);
    const before = this.trials(job).map(({ job: { tuning }, value }) => ({
      values: tuning!.values,
      ...(value !== undefined && { objective: moreIsBetter(job, value) }),
    }));
    const values = nextValues(job.request.HyperParameterTuningJobConfig!, job.seed, before);
    try {
      cloud.store.transaction(() => {
        job.started.push(name);
        this.#jobs.save(job, []);
        this.#training.begin(trainingRequestOf(job.request, name, values), { arn: job.arn, values });
      });
      return true;
    } catch (error) {
      job.started.pop();
      if (error instanceof ServiceError && error.code === 'ResourceLimitExceeded') return false;
      throw error;
    }
  }

  #end(job: TuningJob): void {
    const { status, reason } = job.verdict!;
    job.status = status;
    job.endedAt = this.#platform.cloud.clock.now();
    if (reason !== undefined) job.failureReason = reason;
    this.#jobs.save(job, this.trials(job));
  }
}

export const isOver = ({ status }: TuningJob): boolean => hasEnded(status);

/** `search-007-1f3a9c2e`, as AWS names them; another search of that name, later, has others. */
function trialName(job: TuningJob, index: number): string {
  const digest = createHash('sha256').update(`${job.arn}/${job.createdAt}/${index}`).digest('hex').slice(0, 8);
  return `${job.name}-${String(index + 1).padStart(3, '0')}-${digest}`;
}

/** How the search ends, where it is decided. */
function verdictOn(job: TuningJob, trials: readonly Trial[]): TuningJob['verdict'] {
  const ended = trials.filter(({ objective }) => objective !== 'Pending');
  const all = ended.length === searchSize(job.request.HyperParameterTuningJobConfig!);
  const objectives = ended.some(({ objective }) => objective === 'Succeeded');
  if (!objectives && (all || ended.length >= HOPELESS_AFTER)) return { status: 'Failed', reason: whyHopeless(ended) };
  return all || isGoodEnough(job, ended) ? { status: 'Completed' } : undefined;
}

const whyHopeless = (ended: readonly Trial[]): string =>
  ended.every(({ job }) => job.status === 'Failed')
    ? 'All training jobs failed. Please take a look at the training jobs failures to get more details.'
    : `No objective metrics found after running ${ended.length} training jobs. Please ensure that the custom algorithm is emitting the objective metric as defined by the regular expression provided.`;

function isGoodEnough(job: TuningJob, ended: readonly Trial[]): boolean {
  const criteria = job.request.HyperParameterTuningJobConfig!.TuningJobCompletionCriteria;
  const target = criteria?.TargetObjectiveMetricValue;
  const patience = criteria?.BestObjectiveNotImproving?.MaxNumberOfTrainingJobsNotImproving;
  const values = ended
    .toSorted((a, b) => a.job.modifiedAt - b.job.modifiedAt)
    .flatMap(({ value }) => (value === undefined ? [] : [value]));
  if (target !== undefined && values.some((value) => value === target || isBetter(job, value, target))) return true;
  if (patience === undefined) return false;
  const best = values.reduce((at, value, index) => (isBetter(job, value, values[at]!) ? index : at), 0);
  return values.length - 1 - best >= patience;
}
