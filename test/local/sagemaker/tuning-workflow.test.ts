import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createStatesService } from '../../../local/services/states/index.ts';
import { CloudWithFakes, ROLE, trainRole } from './cloud-with-fakes.ts';

const MACHINE_ROLE = 'arn:aws:iam::000000000000:role/machine';

describe('a workflow that tunes', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    fakes.cloud.register(createStatesService(fakes.cloud));
    fakes.cloud.iam.roles.put({
      ...trainRole,
      name: 'machine',
      arn: MACHINE_ROLE,
      trust: {
        Statement: { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' },
      },
    });
  });
  afterEach(() => fakes.close());

  const run = async (train: string) => {
    fakes.image('tuned', { train });
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Tune',
      States: {
        Tune: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync',
          Arguments: {
            HyperParameterTuningJobName: 'search',
            HyperParameterTuningJobConfig: {
              Strategy: 'Grid',
              HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'score' },
              ResourceLimits: { MaxParallelTrainingJobs: 2 },
              ParameterRanges: { CategoricalParameterRanges: [{ Name: 'depth', Values: ['4', '2'] }] },
            },
            TrainingJobDefinition: {
              AlgorithmSpecification: {
                TrainingImage: 'tuned:1',
                TrainingInputMode: 'File',
                MetricDefinitions: [{ Name: 'score', Regex: 'score=([0-9]+)' }],
              },
              RoleArn: ROLE,
              OutputDataConfig: { S3OutputPath: 's3://artifacts/out' },
              ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
              StoppingCondition: { MaxRuntimeInSeconds: 600 },
            },
          },
          Output: '{% $states.result.BestTrainingJob.TunedHyperParameters %}',
          End: true,
        },
      },
    };
    const machine = { name: 'tune', definition: JSON.stringify(definition), roleArn: MACHINE_ROLE };
    const { stateMachineArn } = await fakes.call('CreateStateMachine', machine, 'states');
    const { executionArn } = await fakes.call('StartExecution', { stateMachineArn }, 'states');
    await fakes.idle();
    await fakes.cloud.clock.advance(60_000);
    return fakes.call('DescribeExecution', { executionArn }, 'states');
  };

  it('waits for the search and gets its best training job', async () => {
    const execution = await run('#!/bin/sh\necho "score=$SM_HP_DEPTH"');
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{"depth":"4"}' });
  });

  it('fails with the reason of the search', async () => {
    const execution = await run('#!/bin/sh\nexit 1');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(execution.cause).toContain('All training jobs failed.');
  });
});
