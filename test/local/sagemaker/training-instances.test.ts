import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startGateway } from '../../../local/gateway/gateway.ts';
import { CAPACITY_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { CloudWithFakes, trainingRequest } from './cloud-with-fakes.ts';

const COPY = '#!/bin/sh\ncp "$SM_CHANNEL_TRAIN/train.csv" "$SM_MODEL_DIR"';

describe('where AWS is out of instances', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    fakes.put('data/train/train.csv', 'a,b\n1,2\n');
    fakes.image('copy', { train: COPY });
    fakes.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 0);
  });
  afterEach(() => fakes.close());

  const describeJob = () => fakes.call('DescribeTrainingJob', { TrainingJobName: 'job-1' });
  const create = async (over: object = {}) => {
    await fakes.call('CreateTrainingJob', trainingRequest('job-1', 'copy:1', over));
    await fakes.idle();
  };
  const spot = {
    EnableManagedSpotTraining: true,
    StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 3600 },
  };

  it('fails a job with a capacity error', async () => {
    await create();
    expect(await describeJob()).toMatchObject({
      TrainingJobStatus: 'Failed',
      FailureReason:
        'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
    });
  });

  it('lets a spot job wait until there are some', async () => {
    await create(spot);
    await fakes.cloud.clock.advance(1_800_000);
    expect(await describeJob()).toMatchObject({ TrainingJobStatus: 'InProgress', SecondaryStatus: 'Starting' });
    fakes.cloud.store.delete(CAPACITY_SPACE, 'ml.m5.large');
    await fakes.cloud.clock.advance(60_000);
    expect((await describeJob()).TrainingJobStatus).toBe('Completed');
  });

  it('stops a spot job that has waited for as long as it may, a restart in between or not', async () => {
    await create(spot);
    await fakes.cloud.clock.advance(1_800_000);
    await fakes.restart();
    await fakes.cloud.clock.advance(1_800_000);
    expect(await describeJob()).toMatchObject({
      TrainingJobStatus: 'Stopped',
      SecondaryStatus: 'MaxWaitTimeExceeded',
    });
    expect(fakes.objects.has('artifacts/out/job-1/output/model.tar.gz')).toBe(false);
  });

  it('stops a waiting spot job on request', async () => {
    await create(spot);
    await fakes.call('StopTrainingJob', { TrainingJobName: 'job-1' });
    await fakes.idle();
    expect(await describeJob()).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
  });
});

describe('limits from outside', () => {
  it('are set and taken away with a POST', async () => {
    const fakes = new CloudWithFakes();
    const gateway = await startGateway(fakes.cloud, { port: 0 });
    const limit = async (body: object) => {
      const headers = { 'content-type': 'application/json' };
      const url = `${gateway.url}/_launchway/sagemaker/limit`;
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    fakes.image('copy', { train: COPY });
    const create = (name: string) => fakes.call('CreateTrainingJob', trainingRequest(name, 'copy:1'));
    const quota = { kind: 'quota', name: 'ml.m5.large for training job usage' };
    expect(await limit({ ...quota, value: 0 })).toBe(204);
    await expect(create('job-1')).rejects.toMatchObject({ code: 'ResourceLimitExceeded' });
    expect(await limit({ ...quota, value: null })).toBe(204);
    await create('job-1');
    expect(await limit({ kind: 'spot', name: 'ml.m5.large', value: { meanSeconds: 60, seed: 1 } })).toBe(204);
    for (const wrong of [
      { kind: 'quota', name: 'a', value: -1 },
      { kind: 'rate', name: 'a', value: 0 },
      { kind: 'spot', name: 'a', value: 60 },
      { kind: 'luck', name: 'a', value: 1 },
      { kind: 'rate', name: 'a' },
    ]) {
      expect(await limit(wrong)).toBe(400);
    }
    await fakes.idle();
    await gateway.close();
    await fakes.close();
  });
});

describe('checkpoints', () => {
  it('go to S3 when a job ends, and to the next job that asks for them', async () => {
    const fakes = new CloudWithFakes();
    fakes.put('data/train/train.csv', 'a');
    const train = '#!/bin/sh\ncd "$SM_OPT_ML/checkpoints"; echo epoch >> epochs; cat epochs; [ $(wc -l < epochs) = 2 ]';
    const image = fakes.image('epochs', { train });
    const CheckpointConfig = { S3Uri: 's3://artifacts/checkpoints/flights', LocalPath: '/opt/ml/checkpoints' };
    const status = async (TrainingJobName: string) => {
      await fakes.call('CreateTrainingJob', trainingRequest(TrainingJobName, image, { CheckpointConfig }));
      await fakes.idle();
      return (await fakes.call('DescribeTrainingJob', { TrainingJobName })).TrainingJobStatus;
    };
    expect(await status('job-1')).toBe('Failed');
    expect(fakes.text('artifacts/checkpoints/flights/epochs')).toBe('epoch\n');
    expect(await status('job-2')).toBe('Completed');
    await fakes.close();
  });

  it('are refused elsewhere than where this local cloud puts them', async () => {
    const fakes = new CloudWithFakes();
    const elsewhere = { CheckpointConfig: { S3Uri: 's3://artifacts/c', LocalPath: '/mnt/checkpoints' } };
    await expect(fakes.call('CreateTrainingJob', trainingRequest('job-1', 'a:1', elsewhere))).rejects.toMatchObject({
      code: 'NotImplemented',
    });
    await fakes.close();
  });
});
