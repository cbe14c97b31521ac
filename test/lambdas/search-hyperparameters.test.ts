import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Trial, TuningJob } from '../../domain/training/tuning-jobs.ts';
import { ARTIFACTS, definitionText, flights, ReleaseWorld, trainingJob } from '../support/release-world.ts';

const AT = { model: 'flight-delays', release: 1 };
const TUNING =
  'tuning: { metric: auc, pattern: "auc=([0-9.]+)", goal: maximize, maxJobs: 3, maxParallelJobs: 2, ranges: { depth: { integer: [1, 9] } } }';
const tuned = (more = '') => definitionText((text) => text.replace('delays:1"', `delays:1", ${TUNING}${more}`));

describe('a release that searches for hyperparameters', () => {
  let world: ReleaseWorld;
  let plan: Awaited<ReturnType<ReleaseWorld['planTraining']>>;
  beforeEach(async () => {
    world = await new ReleaseWorld().withModel(tuned());
    await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(1000)));
    await world.prepare(1);
    plan = await world.planTraining({ ...AT, attempt: '0-0' });
  });

  const tags = () => new Map(plan.tags.map(({ Key, Value }) => [Key, Value]));
  const search = (change: Partial<TuningJob>, trials: readonly Trial[] = []) =>
    world.searches.set(plan.jobName, {
      job: { name: plan.jobName, status: 'Completed', metric: 'auc', goal: 'maximize', tags: tags(), ...change },
      trials: [...trials],
    });
  const trial = (nth: number, more: Partial<Trial> = {}): Trial => ({
    jobName: `${plan.jobName}-00${nth}-ab`,
    status: 'Completed',
    tuned: { depth: String(nth) },
    seconds: 60,
    ...more,
  });
  const record = (more = {}) => world.recordTraining({ ...AT, jobName: plan.jobName, isSearch: true, ...more });

  it('plans it under a name of at most 32 characters, which its trials’ names begin with', () => {
    expect(plan).toMatchObject({ action: 'search', isSearch: true, search: { config: { Strategy: 'Random' } } });
    expect(plan.jobName).toMatch(/^launchway-test-[0-9a-f]{11}$/);
    expect('launchway-production-'.length + 11).toBeLessThanOrEqual(32);
  });

  it('searches in the same way for the same inputs, and by the model’s own seed where it has one', async () => {
    const seedOf = (found: typeof plan) => found.search!.config.RandomSeed;
    expect(seedOf(await world.planTraining({ ...AT, attempt: '1-0' }))).toBe(seedOf(plan));
    const seeded = await new ReleaseWorld().withModel(tuned(', hyperparameters: { seed: 42 }'));
    await seeded.deliver(await seeded.upload('models/flight-delays/data/train.csv', flights(1000)));
    await seeded.prepare(1);
    expect(seedOf(await seeded.planTraining({ ...AT, attempt: '0-0' }))).toBe(42);
  });

  it('adopts the best training, and keeps every trial', async () => {
    search({ status: 'InProgress' });
    expect(await record()).toEqual({ status: 'InProgress' });
    const best = trial(2, { objective: 0.71 });
    search({ best: best.jobName }, [
      trial(1, { objective: 0.6 }),
      best,
      trial(3, { status: 'Failed', failureReason: 'x' }),
    ]);
    world.jobs.set(best.jobName, trainingJob(best.jobName, { artifactUri: 's3://a/m.tar.gz', tags: tags() }));
    expect(await record()).toEqual({ status: 'Completed' });

    const { training } = (await world.ledger.getRelease('flight-delays', 1)).steps;
    expect(training).toMatchObject({
      jobName: best.jobName,
      seconds: 180,
      costUsd: expect.closeTo((0.128 * 180) / 3600, 10),
      search: { jobName: plan.jobName, objective: 0.71, tuned: { depth: '2' }, trials: 3, completed: 2 },
    });
    const key = 'operations/flight-delays/releases/1/search.json';
    expect(training?.search?.document).toMatchObject({ bucket: ARTIFACTS, key });
    const { trials } = JSON.parse(await world.objects.readText({ bucket: ARTIFACTS, key }));
    expect(trials).toHaveLength(3);
  });

  it('is not paid for again where an equal one has completed', async () => {
    const best = trial(1, { objective: 0.6 });
    search({ best: best.jobName }, [best]);
    world.jobs.set(best.jobName, trainingJob(best.jobName, { artifactUri: 's3://a/m.tar.gz', tags: tags() }));
    expect(await world.planTraining({ ...AT, attempt: '0-1' })).toMatchObject({ action: 'adopt', isSearch: true });
    await record();
    await world.closeRelease({ ...AT, outcome: 'Failed', error: { Error: 'X' } });
    await world.deliver(await world.upload('models/flight-delays/data/again.csv', flights(1000)));
    await world.prepare(2);
    const again = await world.planTraining({ ...AT, release: 2, attempt: '0-0' });
    expect(again).toMatchObject({ action: 'adopt', jobName: best.jobName });
    expect(again.isSearch).toBeUndefined();
    await world.recordTraining({ ...AT, release: 2, jobName: best.jobName });
    expect((await world.ledger.getRelease('flight-delays', 2)).steps.training).toMatchObject({
      reusedFrom: 1,
      costUsd: 0,
    });
  });

  it('fails by its own name where no trial completed, and says what it cost', async () => {
    const failed = trial(1, { status: 'Failed', failureReason: "AlgorithmError: KeyError: 'origin'" });
    search({ status: 'Failed', failureReason: 'All training jobs failed.' }, [failed]);
    world.jobs.set(failed.jobName, trainingJob(failed.jobName, { status: 'Failed' }));
    await expect(record()).rejects.toMatchObject({
      name: 'TuningFailedError',
      message: "none of 1 trials completed with auc: AlgorithmError: KeyError: 'origin'",
    });
    const { failedTraining } = (await world.ledger.getRelease('flight-delays', 1)).steps;
    expect(failedTraining).toMatchObject({ jobName: failed.jobName, seconds: 60 });
  });

  it('fails where trials completed and the pattern found no metric', async () => {
    search({ status: 'Completed' }, [trial(1)]);
    world.jobs.set(trial(1).jobName, trainingJob(trial(1).jobName));
    await expect(record()).rejects.toThrow('none of 1 trials completed with auc: no reason given');
  });

  it('tries the next instance type where every trial had no capacity', async () => {
    search({ status: 'Failed' }, [trial(1, { status: 'Failed', failureReason: 'CapacityError: none', seconds: 0 })]);
    expect(await record({ typesLeft: 1 })).toEqual({ status: 'NoCapacity' });
    await expect(record({ typesLeft: 0 })).rejects.toMatchObject({ name: 'CapacityUnavailableError' });
  });

  it('says that somebody stopped it', async () => {
    search({ status: 'Stopped' }, []);
    await expect(record()).rejects.toMatchObject({ name: 'TrainingStoppedError' });
  });
});
