import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bayesianValues, type Observation } from '../../../local/services/sagemaker/tuning/bayesian.ts';
import { shouldEnd } from '../../../local/services/sagemaker/tuning/early-stopping.ts';
import { GaussianProcess } from '../../../local/services/sagemaker/tuning/gaussian-process.ts';
import { nextValues } from '../../../local/services/sagemaker/tuning/search.ts';
import { coordinatesOf, dimensionsOf, type Values, valuesAt } from '../../../local/services/sagemaker/tuning/space.ts';
import { CloudWithFakes, ROLE } from './cloud-with-fakes.ts';

const RANGES = {
  IntegerParameterRanges: [{ Name: 'depth', MinValue: '2', MaxValue: '12', ScalingType: 'Linear' as const }],
  ContinuousParameterRanges: [
    { Name: 'eta', MinValue: '0.0001', MaxValue: '1', ScalingType: 'Logarithmic' as const },
    { Name: 'momentum', MinValue: '0.5', MaxValue: '0.999', ScalingType: 'ReverseLogarithmic' as const },
  ],
  CategoricalParameterRanges: [{ Name: 'loss', Values: ['log', 'hinge', 'square'] }],
};

/** Best, 0, at depth 7, eta 0.01, momentum 0.9 and hinge. */
const score = ({ depth, eta, momentum, loss }: Values): number =>
  -(((Number(depth) - 7) / 10) ** 2) -
  (Math.log10(Number(eta) / 0.01) / 4) ** 2 -
  (Math.log10((1 - Number(momentum)) / 0.1) / 2.7) ** 2 -
  (loss === 'hinge' ? 0 : 0.2);

function search(next: (before: readonly Observation[]) => Values, count: number): Observation[] {
  const before: Observation[] = [];
  for (let at = 0; at < count; at++) {
    const values = next(before);
    before.push({ values, objective: score(values) });
  }
  return before;
}

const bestOf = (observations: readonly Observation[]) => Math.max(...observations.map(({ objective }) => objective!));

describe('the space of a search', () => {
  it('finds each value where it came from', () => {
    const dimensions = dimensionsOf(RANGES);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.9999, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (places) => {
          const values = valuesAt(dimensions, (dimension) => places[dimensions.indexOf(dimension)]!);
          expect(valuesAt(dimensions, ({ name, placeOf }) => placeOf(values[name]!) + 1e-9)).toMatchObject({
            depth: values.depth,
            loss: values.loss,
          });
          expect(dimensions[1]!.placeOf(values.eta!)).toBeCloseTo(places[1]!, 9);
          expect(dimensions[2]!.placeOf(values.momentum!)).toBeCloseTo(places[2]!, 9);
          expect(coordinatesOf(dimensions, values)).toHaveLength(6);
        },
      ),
    );
  });
});

describe('a Gaussian process', () => {
  it('expects what it saw, and little elsewhere', () => {
    const process = new GaussianProcess([[0], [0.5], [1]], [1, 3, 2]);
    expect(process.predict([0.5]).mean).toBeCloseTo(3, 1);
    expect(process.predict([0.5]).deviation).toBeLessThan(0.2);
    expect(process.predict([9]).mean).toBeCloseTo(2, 1);
    expect(process.predict([9]).deviation).toBeGreaterThan(0.5);
  });

  it('bears the same point twice', () => {
    const process = new GaussianProcess([[0.5], [0.5]], [1, 1]);
    expect(process.predict([0.5])).toEqual({ mean: expect.closeTo(1), deviation: expect.any(Number) });
  });
});

describe('a Bayesian search', () => {
  it('comes nearer than a random one with as many training jobs', () => {
    const config = { Strategy: 'Random' as const, ParameterRanges: RANGES } as Parameters<typeof nextValues>[0];
    const seeds = ['1', '2', '3', '4', '5'];
    const bayesian = seeds.map((seed) => bestOf(search((before) => bayesianValues(RANGES, before, seed), 25)));
    const random = seeds.map((seed) => bestOf(search((before) => nextValues(config, seed, before), 25)));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(bayesian)).toBeGreaterThan(mean(random) / 3);
    expect(Math.min(...bayesian)).toBeGreaterThan(-0.05);
  });

  it('is the same for the same seed and results', () => {
    const once = search((before) => bayesianValues(RANGES, before, 'a'), 8);
    expect(search((before) => bayesianValues(RANGES, before, 'a'), 8)).toEqual(once);
    expect(search((before) => bayesianValues(RANGES, before, 'b'), 8)).not.toEqual(once);
  });

  it('sends training jobs that run at once to different places, and tries no values twice', () => {
    const known = search((before) => bayesianValues(RANGES, before, 'a'), 6);
    const running: Observation[] = [];
    for (let at = 0; at < 5; at++) running.push({ values: bayesianValues(RANGES, [...known, ...running], 'a') });
    const eta = running.map(({ values }) => values.eta);
    expect(new Set(eta).size).toBe(5);
    const few = { CategoricalParameterRanges: [{ Name: 'loss', Values: ['log', 'hinge', 'square'] }] };
    const all: Observation[] = [];
    for (let at = 0; at < 4; at++) all.push({ values: bayesianValues(few, all, 'a'), objective: at });
    expect(all).toHaveLength(4);
  });
});

describe('early stopping', () => {
  const request = (config: object, fixed: Record<string, string> = {}) =>
    ({
      HyperParameterTuningJobConfig: config,
      TrainingJobDefinition: { StaticHyperParameters: fixed },
    }) as Parameters<typeof shouldEnd>[0];
  const auto = request({ Strategy: 'Random', TrainingJobEarlyStoppingType: 'Auto' });
  const hyperband = (MinResource: number, MaxResource: number) =>
    request({ Strategy: 'Hyperband', StrategyConfig: { HyperbandStrategyConfig: { MinResource, MaxResource } } });

  it("ends what is worse than the median of the others' averages so far", () => {
    // Averages at the second epoch: 1.5, 3, 5.
    const others = [
      [1, 2, 9],
      [2, 4],
      [5, 5],
    ];
    expect(shouldEnd(auto, [...others, [9, 2.9]], 3)).toBe(true);
    expect(shouldEnd(auto, [...others, [0, 3]], 3)).toBe(false);
    expect(shouldEnd(auto, [...others, [0]], 0)).toBe(false);
    expect(shouldEnd(request({ Strategy: 'Random' }), [...others, [0, 0]], 3)).toBe(false);
  });

  it('lets only those go on that came that far, at the looks of Hyperband', () => {
    // Looks after 1 and 3 epochs; every third job is of the first bracket.
    const first = (...own: number[][]) => own.flatMap((curve) => [curve, [], []]);
    expect(shouldEnd(hyperband(1, 9), first([1], [2], [3]), 0)).toBe(true);
    expect(shouldEnd(hyperband(1, 9), first([1], [2], [3]), 6)).toBe(false);
    expect(shouldEnd(hyperband(1, 9), first([1], [2]), 0)).toBe(false);
    expect(shouldEnd(hyperband(1, 9), first([1, 0], [2], [3]), 0)).toBe(false);
    expect(shouldEnd(hyperband(1, 9), first([1, 1, 1], [2, 2, 2], [3, 3, 3]), 3)).toBe(true);
  });

  it('gives no training job more than it may have', () => {
    const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(shouldEnd(hyperband(1, 9), [nine], 0)).toBe(true);
    const epochs = request({ Strategy: 'Hyperband' }, { n_epochs: '9' });
    expect(shouldEnd(epochs, [nine], 0)).toBe(true);
    expect(shouldEnd(epochs, [nine.slice(1)], 0)).toBe(false);
  });
});

describe('a tuning job that stops what is hopeless', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    fakes.image('tuned', {
      train: '#!/bin/sh\nfor epoch in 1 2 3 4 5 6; do echo "score=$SM_HP_DEPTH"; sleep 0.2; done',
    });
  });
  afterEach(() => fakes.close());

  const tuningRequest = (config: object, fixed: Record<string, string> = {}): object => ({
    HyperParameterTuningJobName: 'search',
    HyperParameterTuningJobConfig: {
      Strategy: 'Random',
      HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'score' },
      ResourceLimits: { MaxParallelTrainingJobs: 1, MaxNumberOfTrainingJobs: 4 },
      ParameterRanges: { IntegerParameterRanges: [{ Name: 'depth', MinValue: '1', MaxValue: '1000' }] },
      RandomSeed: 3,
      ...config,
    },
    TrainingJobDefinition: {
      AlgorithmSpecification: {
        TrainingImage: 'tuned:1',
        TrainingInputMode: 'File',
        MetricDefinitions: [{ Name: 'score', Regex: 'score=([0-9.]+)' }],
      },
      StaticHyperParameters: fixed,
      RoleArn: ROLE,
      OutputDataConfig: { S3OutputPath: 's3://artifacts/out' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    },
  });
  const create = (config: object, fixed?: Record<string, string>) =>
    fakes.call('CreateHyperParameterTuningJob', tuningRequest(config, fixed));
  const run = async (config: object, fixed?: Record<string, string>) => {
    await create(config, fixed);
    await fakes.idle();
    return fakes.call('DescribeHyperParameterTuningJob', { HyperParameterTuningJobName: 'search' });
  };
  const trials = async () =>
    (await fakes.call('ListTrainingJobsForHyperParameterTuningJob', { HyperParameterTuningJobName: 'search' }))
      .TrainingJobSummaries;

  it('counts a stopped training job with the objective it had', async () => {
    const job = await run({
      Strategy: 'Grid',
      TrainingJobEarlyStoppingType: 'Auto',
      ResourceLimits: { MaxParallelTrainingJobs: 1 },
      ParameterRanges: { CategoricalParameterRanges: [{ Name: 'depth', Values: ['50', '900', '20', '700'] }] },
    });
    const statuses = (await trials()).map((trial: any) => trial.TrainingJobStatus);
    expect(job.HyperParameterTuningJobStatus).toBe('Completed');
    expect(statuses).toEqual(['Completed', 'Stopped', 'Completed', 'Stopped']);
    expect(job.TrainingJobStatusCounters).toMatchObject({ Completed: 2, Stopped: 2 });
    expect(job.ObjectiveStatusCounters.Succeeded).toBe(4);
    expect(job.BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value).toBe(20);
  });

  it('stops what had all of its epochs in Hyperband', async () => {
    const job = await run({ Strategy: 'Hyperband' }, { epochs: '3' });
    expect(job.HyperParameterTuningJobStatus).toBe('Completed');
    expect(job.TrainingJobStatusCounters).toMatchObject({ Stopped: 4, Completed: 0 });
  });

  it('searches with the results it has in a Bayesian search, the same way again', async () => {
    const config = { Strategy: 'Bayesian', ResourceLimits: { MaxParallelTrainingJobs: 1, MaxNumberOfTrainingJobs: 5 } };
    fakes.image('tuned', { train: '#!/bin/sh\necho "score=$SM_HP_DEPTH"' });
    await run(config);
    const values = (await trials()).map((trial: any) => trial.TunedHyperParameters);
    const before: Observation[] = [];
    for (const chosen of values) {
      expect(nextValues((tuningRequest(config) as any).HyperParameterTuningJobConfig, '3', before)).toEqual(chosen);
      before.push({ values: chosen, objective: -Number(chosen.depth) });
    }
  });

  it('refuses Hyperband without its number of epochs, or with a second way to stop', async () => {
    const refused = { code: 'ValidationException' };
    await expect(create({ Strategy: 'Hyperband' })).rejects.toMatchObject(refused);
    await expect(
      create({ Strategy: 'Hyperband', TrainingJobEarlyStoppingType: 'Auto' }, { epochs: '3' }),
    ).rejects.toMatchObject(refused);
    const StrategyConfig = { HyperbandStrategyConfig: { MinResource: 1, MaxResource: 9 } };
    await expect(create({ StrategyConfig })).rejects.toMatchObject(refused);
  });
});
