import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QUOTA_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { nextValues } from '../../../local/services/sagemaker/tuning/search.ts';
import { CloudWithFakes, ROLE } from './cloud-with-fakes.ts';

/** Says its depth as its score, and leaves it as the model. */
const TRAIN = '#!/bin/sh\necho "score=$SM_HP_DEPTH"; echo "$SM_HPS" > "$SM_MODEL_DIR/model.txt"';

/** So many training jobs. */
const before = (count: number) => Array.from({ length: count }, () => ({ values: {} }));

const CATEGORIES = { CategoricalParameterRanges: [{ Name: 'depth', Values: ['3', '9', '5'] }] };

const tuningRequest = (config: object = {}, definition: object = {}, name = 'search'): object => ({
  HyperParameterTuningJobName: name,
  HyperParameterTuningJobConfig: {
    Strategy: 'Grid',
    HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'score' },
    ResourceLimits: { MaxParallelTrainingJobs: 2 },
    ParameterRanges: CATEGORIES,
    ...config,
  },
  TrainingJobDefinition: {
    AlgorithmSpecification: {
      TrainingImage: 'tuned:1',
      TrainingInputMode: 'File',
      MetricDefinitions: [{ Name: 'score', Regex: 'score=([0-9.]+)' }],
    },
    StaticHyperParameters: { rounds: '10' },
    RoleArn: ROLE,
    OutputDataConfig: { S3OutputPath: 's3://artifacts/out' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
    ...definition,
  },
});

describe('a tuning job', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    fakes.image('tuned', { train: TRAIN });
  });
  afterEach(() => fakes.close());

  const describeJob = () => fakes.call('DescribeHyperParameterTuningJob', { HyperParameterTuningJobName: 'search' });
  const run = async (config: object = {}, definition: object = {}) => {
    await fakes.call('CreateHyperParameterTuningJob', tuningRequest(config, definition));
    await fakes.idle();
    return describeJob();
  };
  const trials = async (over: object = {}) => {
    const input = { HyperParameterTuningJobName: 'search', ...over };
    return (await fakes.call('ListTrainingJobsForHyperParameterTuningJob', input)).TrainingJobSummaries;
  };

  it('trains every combination of a grid and names the best', async () => {
    const job = await run();
    expect(job).toMatchObject({
      HyperParameterTuningJobArn: 'arn:aws:sagemaker:eu-west-1:000000000000:hyper-parameter-tuning-job/search',
      HyperParameterTuningJobStatus: 'Completed',
      TrainingJobStatusCounters: { Completed: 3, InProgress: 0, NonRetryableError: 0, Stopped: 0, RetryableError: 0 },
      ObjectiveStatusCounters: { Succeeded: 3, Pending: 0, Failed: 0 },
      BestTrainingJob: {
        TunedHyperParameters: { depth: '9' },
        TrainingJobStatus: 'Completed',
        ObjectiveStatus: 'Succeeded',
        FinalHyperParameterTuningJobObjectiveMetric: { Type: 'Maximize', MetricName: 'score', Value: 9 },
      },
      HyperParameterTuningEndTime: expect.any(Date),
    });
    expect(job.BestTrainingJob.TrainingJobName).toMatch(/^search-002-[0-9a-f]{8}$/);
    const best = await fakes.call('DescribeTrainingJob', { TrainingJobName: job.BestTrainingJob.TrainingJobName });
    expect(best).toMatchObject({
      TuningJobArn: job.HyperParameterTuningJobArn,
      HyperParameters: { depth: '9', rounds: '10', _tuning_objective_metric: 'score' },
    });
  });

  it('starts no more at once than it may', async () => {
    let most = 0;
    const running = new Set<string>();
    fakes.cloud.onEvent(({ detail }) => {
      if (!detail.TrainingJobName) return;
      if (detail.TrainingJobStatus === 'InProgress') running.add(detail.TrainingJobName);
      else running.delete(detail.TrainingJobName);
      most = Math.max(most, running.size);
    });
    await run();
    expect(most).toBe(2);
  });

  it('draws the same values for the same seed', async () => {
    const ranges = {
      IntegerParameterRanges: [{ Name: 'depth', MinValue: '1', MaxValue: '9', ScalingType: 'Linear' }],
      ContinuousParameterRanges: [{ Name: 'eta', MinValue: '0.001', MaxValue: '1', ScalingType: 'Logarithmic' }],
    };
    const limits = { MaxNumberOfTrainingJobs: 4, MaxParallelTrainingJobs: 4 };
    const config = { Strategy: 'Random', ParameterRanges: ranges, ResourceLimits: limits, RandomSeed: 7 };
    await run(config);
    const drawn = (await trials()).map((trial: any) => trial.TunedHyperParameters);
    expect(drawn).toEqual([0, 1, 2, 3].map((index) => nextValues(config as any, '7', before(index))));
    expect(new Set(drawn.map((values: any) => values.eta)).size).toBe(4);
  });

  it('stops when its objective is good enough', async () => {
    const job = await run({
      ResourceLimits: { MaxParallelTrainingJobs: 1 },
      TuningJobCompletionCriteria: { TargetObjectiveMetricValue: 8 },
    });
    expect(job).toMatchObject({
      HyperParameterTuningJobStatus: 'Completed',
      TrainingJobStatusCounters: { Completed: 2 },
      BestTrainingJob: { TunedHyperParameters: { depth: '9' } },
    });
  });

  it('stops when the best gets no better', async () => {
    const job = await run({
      HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'score' },
      ResourceLimits: { MaxParallelTrainingJobs: 1 },
      TuningJobCompletionCriteria: { BestObjectiveNotImproving: { MaxNumberOfTrainingJobsNotImproving: 1 } },
    });
    expect(job.TrainingJobStatusCounters.Completed).toBe(2);
    expect(job.BestTrainingJob.TunedHyperParameters).toEqual({ depth: '3' });
  });

  it('fails where every training job failed, and where none says its objective', async () => {
    fakes.image('tuned', { train: '#!/bin/sh\nexit 1' });
    expect(await run()).toMatchObject({
      HyperParameterTuningJobStatus: 'Failed',
      FailureReason: expect.stringContaining('All training jobs failed.'),
      ObjectiveStatusCounters: { Failed: 3 },
    });
    fakes.image('mute', { train: '#!/bin/sh\nexit 0' });
    const specification = {
      TrainingImage: 'mute:1',
      TrainingInputMode: 'File',
      MetricDefinitions: [{ Name: 'score', Regex: 'score=(.*)' }],
    };
    await fakes.call(
      'CreateHyperParameterTuningJob',
      tuningRequest({}, { AlgorithmSpecification: specification }, 'mute'),
    );
    await fakes.idle();
    const mute = await fakes.call('DescribeHyperParameterTuningJob', { HyperParameterTuningJobName: 'mute' });
    expect(mute.FailureReason).toContain('No objective metrics found after running 3 training jobs.');
    expect(mute.BestTrainingJob).toBeUndefined();
  });

  it('stops its training jobs on request, and keeps what they had', async () => {
    fakes.image('tuned', { train: '#!/bin/sh\necho "score=$SM_HP_DEPTH"; exec sleep 600' });
    const training = new Promise<void>((resolve) => {
      fakes.cloud.onEvent(({ detail }) => detail.SecondaryStatus === 'Training' && setTimeout(resolve, 200));
    });
    await fakes.call('CreateHyperParameterTuningJob', tuningRequest());
    await training;
    await fakes.call('StopHyperParameterTuningJob', { HyperParameterTuningJobName: 'search' });
    expect((await describeJob()).HyperParameterTuningJobStatus).toBe('Stopping');
    await fakes.idle();
    expect(await describeJob()).toMatchObject({
      HyperParameterTuningJobStatus: 'Stopped',
      TrainingJobStatusCounters: { Stopped: 2, Completed: 0 },
    });
    const stopped = fakes.events.filter((event) => event.detail.HyperParameterTuningJobStatus);
    expect(stopped.map((event) => event.detail.HyperParameterTuningJobStatus)).toEqual([
      'InProgress',
      'Stopping',
      'Stopped',
    ]);
    expect(stopped[0]).toMatchObject({ 'detail-type': 'SageMaker HyperParameter Tuning Job State Change' });
  });

  it('goes on after a restart, without a training job twice', async () => {
    fakes.image('tuned', { train: '#!/bin/sh\nexec sleep 600' });
    await fakes.call('CreateHyperParameterTuningJob', tuningRequest());
    fakes.image('tuned', { train: TRAIN });
    await fakes.restart();
    await fakes.idle();
    expect((await describeJob()).TrainingJobStatusCounters.Completed).toBe(3);
    expect(await trials()).toHaveLength(3);
  });

  it('waits for room in the quota that others take', async () => {
    fakes.cloud.store.put(QUOTA_SPACE, 'ml.m5.large for training job usage', 1);
    await expect(run()).rejects.toMatchObject({ code: 'ResourceLimitExceeded' });
    fakes.cloud.store.put(QUOTA_SPACE, 'ml.m5.large for training job usage', 2);
    await fakes.call('CreateHyperParameterTuningJob', tuningRequest());
    fakes.cloud.store.put(QUOTA_SPACE, 'ml.m5.large for training job usage', 1);
    await fakes.idle();
    expect((await describeJob()).TrainingJobStatusCounters.Completed).toBe(3);
  });

  it('lists its training jobs by objective', async () => {
    await run();
    const values = (await trials({ SortBy: 'FinalObjectiveMetricValue', SortOrder: 'Descending' })).map(
      (trial: any) => trial.FinalHyperParameterTuningJobObjectiveMetric.Value,
    );
    expect(values).toEqual([9, 5, 3]);
    const { HyperParameterTuningJobSummaries: all } = await fakes.call('ListHyperParameterTuningJobs', {
      StatusEquals: 'Completed',
    });
    expect(all).toMatchObject([{ HyperParameterTuningJobName: 'search', Strategy: 'Grid' }]);
  });

  it('refuses what AWS refuses', async () => {
    const create = (request: object) => fakes.call('CreateHyperParameterTuningJob', request);
    const invalid = { code: 'ValidationException' };
    await expect(create(tuningRequest({}, {}, 'a'.repeat(33)))).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining('less than or equal to 32'),
    });
    const other = { HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'auc' } };
    await expect(create(tuningRequest(other))).rejects.toMatchObject(invalid);
    const integers = { IntegerParameterRanges: [{ Name: 'depth', MinValue: '9', MaxValue: '1' }] };
    await expect(create(tuningRequest({ ParameterRanges: integers }))).rejects.toMatchObject(invalid);
    await expect(create(tuningRequest({}, { StaticHyperParameters: { depth: '1' } }))).rejects.toMatchObject(invalid);
    await expect(create(tuningRequest({ Strategy: 'Annealing' }))).rejects.toMatchObject({ code: 'NotImplemented' });
    await run();
    await expect(create(tuningRequest())).rejects.toMatchObject({ code: 'ResourceInUse' });
    await expect(
      fakes.call('DescribeHyperParameterTuningJob', { HyperParameterTuningJobName: 'none' }),
    ).rejects.toMatchObject({ code: 'ResourceNotFound' });
  });
});

describe('random values', () => {
  it('stay within their ranges, whatever the scaling', () => {
    const scaling = fc.constantFrom('Auto', 'Linear', 'Logarithmic');
    const bounds = fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }));
    fc.assert(
      fc.property(bounds, scaling, fc.string(), fc.nat(500), ([low, width], ScalingType, seed, index) => {
        const range = { MinValue: String(low), MaxValue: String(low + width), ScalingType };
        const config = {
          Strategy: 'Random',
          ParameterRanges: {
            IntegerParameterRanges: [{ Name: 'n', ...range }],
            ContinuousParameterRanges: [
              { Name: 'x', ...range },
              { Name: 'r', MinValue: '0.1', MaxValue: '0.999', ScalingType: 'ReverseLogarithmic' },
            ],
          },
        };
        const { n, x, r } = nextValues(config as any, seed, before(index));
        expect(Number.isInteger(Number(n))).toBe(true);
        for (const value of [n, x].map(Number)) {
          expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-12));
          expect(value).toBeLessThanOrEqual((low + width) * (1 + 1e-12));
        }
        expect(Number(r)).toBeGreaterThanOrEqual(0.1 - 1e-9);
        expect(Number(r)).toBeLessThanOrEqual(0.999 + 1e-9);
      }),
    );
  });
});
