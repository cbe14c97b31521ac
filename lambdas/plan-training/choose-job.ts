import type { LineageStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { INPUTS_TAG, type TrainingJobs } from '../../domain/training/training-jobs.ts';
import type { TuningJobs } from '../../domain/training/tuning-jobs.ts';
import { jobName, tuningJobName } from '../shared/job-name.ts';
import type { PlanTrainingOutput } from './contract.ts';

export interface ChooseJobDependencies {
  readonly lineage: LineageStore;
  readonly jobs: TrainingJobs;
  readonly tuningJobs: TuningJobs;
  readonly prefix: string;
}

/** Which job is to make the model. */
export type ChosenJob = Pick<PlanTrainingOutput, 'action' | 'jobName'> & { readonly isSearch?: true };

/** What adoption looks at, of a training job and of a search. */
interface Adoptable {
  readonly status: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** Names tried for one attempt before giving up: a name that is taken is taken for ever. */
const NAMES = 10;

/** Earlier releases that are looked at for a training with the same inputs. */
const EARLIER_RELEASES = 50;

/** A job with the same inputs that runs or has completed is adopted, whichever attempt or earlier release made it. */
export async function chooseJob(
  dependencies: ChooseJobDependencies,
  { model, release, steps, reproduces }: ReleaseRow,
  attempt: string,
  inputs: string,
  isSearch: boolean,
): Promise<ChosenJob> {
  if (steps.training) return { action: 'adopt', jobName: steps.training.jobName };
  const { jobs, tuningJobs, prefix } = dependencies;
  // To train again is what a reproduction is for.
  const reused = reproduces === undefined ? await completedBefore(dependencies, model, release, inputs) : undefined;
  if (reused !== undefined) return { action: 'adopt', jobName: reused };
  const base = `${prefix}-${model}-r${release}`;
  const nameOf = (suffix: string) =>
    isSearch ? tuningJobName(prefix, `${base}-${suffix}`) : jobName(`${base}-${suffix}`);
  const find = (name: string): Promise<Adoptable | undefined> => (isSearch ? tuningJobs : jobs).find(name);
  const kind = isSearch ? ({ isSearch } as const) : {};
  const adoptable = (job: Adoptable | undefined) =>
    job !== undefined && ['InProgress', 'Completed'].includes(job.status) && job.tags.get(INPUTS_TAG) === inputs;
  for (const earlier of attemptsBefore(attempt)) {
    const name = nameOf(earlier);
    if (adoptable(await find(name))) return { action: 'adopt', jobName: name, ...kind };
  }
  for (let time = 1; time <= NAMES; time++) {
    const name = nameOf(`${attempt}${time === 1 ? '' : `-${time}`}`);
    const job = await find(name);
    if (!job) return { action: isSearch ? 'search' : 'create', jobName: name, ...kind };
    if (adoptable(job)) return { action: 'adopt', jobName: name, ...kind };
  }
  throw new RangeError(`expected a free job name among ${NAMES} for attempt ${attempt} of ${base}, got none`);
}

/** The job of an earlier release that made a model of the same inputs: training again would pay twice for one answer. */
async function completedBefore(
  { lineage, jobs }: ChooseJobDependencies,
  model: string,
  release: number,
  inputs: string,
): Promise<string | undefined> {
  const earlier = (await lineage.listReleases(model))
    .filter((row) => row.release < release && row.reproduces === undefined && row.steps.training?.inputs === inputs)
    .toSorted((a, b) => b.release - a.release)
    .slice(0, EARLIER_RELEASES);
  for (const { steps } of earlier) {
    const job = await jobs.find(steps.training!.jobName);
    if (job?.status === 'Completed' && job.tags.get(INPUTS_TAG) === inputs) return job.name;
  }
  return undefined;
}

/** `1-2` → `1-1`, `1-0`, and the last redrive's first: `0-0`. */
function attemptsBefore(attempt: string): string[] {
  const [redrive = 0, retry = 0] = attempt.split('-').map(Number);
  const retries = Array.from({ length: Math.min(retry, 10) }, (_, i) => `${redrive}-${retry - 1 - i}`);
  return redrive > 0 ? [...retries, `${redrive - 1}-0`] : retries;
}
