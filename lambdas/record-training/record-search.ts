import {
  CapacityUnavailableError,
  NotFoundError,
  TrainingStoppedError,
  TuningFailedError,
} from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import { isWithoutCapacity } from '../../domain/training/end-of-job.ts';
import type { Trial, TuningJob } from '../../domain/training/tuning-jobs.ts';
import type { RecordTrainingInput, RecordTrainingOutput } from './contract.ts';
import { type RecordTrainingDependencies, recordFailure, recordModel } from './record-outcome.ts';

/** Adopts the best training job of a search, and keeps what came of all of them. */
export async function recordSearch(
  dependencies: RecordTrainingDependencies,
  input: RecordTrainingInput,
): Promise<RecordTrainingOutput> {
  const { jobs, tuningJobs } = dependencies;
  const search = await tuningJobs.find(input.jobName);
  if (!search) throw new NotFoundError(`expected tuning job ${input.jobName}, got none`);
  if (search.status === 'InProgress' || search.status === 'Stopping') return { status: 'InProgress' };
  const trials = await tuningJobs.trials(search.name);
  if (search.status !== 'Completed' || search.best === undefined) return fail(dependencies, input, search, trials);
  const best = trials.find(({ jobName }) => jobName === search.best);
  const job = await jobs.find(search.best);
  if (best?.objective === undefined || !job)
    throw new NotFoundError(`expected training job ${search.best}, the best of ${search.name}, got none`);
  const document = await keepTrials(dependencies, input, search, trials);
  await recordModel(dependencies, input, job, {
    jobName: search.name,
    metric: search.metric,
    goal: search.goal,
    objective: best.objective,
    tuned: best.tuned,
    trials: trials.length,
    completed: trials.filter(({ objective }) => objective !== undefined).length,
    document,
    seconds: total(trials),
  });
  return { status: 'Completed' };
}

const total = (trials: readonly Trial[]): number => trials.reduce((sum, { seconds }) => sum + seconds, 0);

async function fail(
  dependencies: RecordTrainingDependencies,
  input: RecordTrainingInput,
  search: TuningJob,
  trials: readonly Trial[],
): Promise<RecordTrainingOutput> {
  if (trials.length > 0 && trials.every(({ failureReason }) => isWithoutCapacity(failureReason))) {
    if ((input.typesLeft ?? 0) > 0) return { status: 'NoCapacity' };
    throw new CapacityUnavailableError(`AWS has no such instances now: ${trials[0]!.failureReason}`);
  }
  const error = whyNothing(search, trials);
  const last = trials.at(-1);
  const job = last && (await dependencies.jobs.find(last.jobName));
  if (job) await recordFailure(dependencies, input, job, error.name, total(trials));
  throw error;
}

function whyNothing(search: TuningJob, trials: readonly Trial[]): TuningFailedError | TrainingStoppedError {
  if (search.status === 'Stopped') return new TrainingStoppedError(`somebody stopped the search ${search.name}`);
  const reason = trials.find(({ failureReason }) => failureReason !== undefined)?.failureReason;
  return new TuningFailedError(
    `none of ${trials.length} trials completed with ${search.metric}: ${reason ?? search.failureReason ?? 'no reason given'}`,
  );
}

async function keepTrials(
  { lineage, objects, artifactsBucket }: RecordTrainingDependencies,
  { model, release }: RecordTrainingInput,
  { name, metric, goal, best }: TuningJob,
  trials: readonly Trial[],
): Promise<ObjectRef> {
  const { team } = await lineage.getRelease(model, release);
  const key = `${team}/${model}/releases/${release}/search.json`;
  const document = { schema: 'launchway/search/v1', jobName: name, metric, goal, best, trials };
  return objects.put({ bucket: artifactsBucket, key }, JSON.stringify(document), 'application/json');
}
