import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CAPACITY_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { CloudWithFakes } from './cloud-with-fakes.ts';
import { createModel } from './served-models.ts';

describe('a batch transform', () => {
  let fakes: CloudWithFakes;
  beforeEach(async () => {
    fakes = new CloudWithFakes();
    await createModel(fakes, 'v1');
  });
  afterEach(() => fakes.close());

  const request = (over: object = {}) => ({
    TransformJobName: 'transform-1',
    ModelName: 'v1',
    BatchStrategy: 'MultiRecord',
    MaxPayloadInMB: 1,
    TransformInput: {
      ContentType: 'text/csv',
      SplitType: 'Line',
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/holdout.csv' } },
    },
    TransformOutput: { Accept: 'text/csv', AssembleWith: 'Line', S3OutputPath: 's3://artifacts/scores' },
    TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
    ...over,
  });
  const run = async (over: object = {}) => {
    await fakes.call('CreateTransformJob', request(over));
    await fakes.idle();
    return fakes.call('DescribeTransformJob', { TransformJobName: 'transform-1' });
  };

  it('answers one line per record, in order, under the name of the input', async () => {
    fakes.put('data/holdout.csv', 'a\nb\nc\n');
    expect(await run()).toMatchObject({ TransformJobStatus: 'Completed' });
    expect(fakes.text('artifacts/scores/holdout.csv.out')).toBe('v1:a\nv1:b\nv1:c\n');
    expect(fakes.puts.at(-1)!.principal).toContain('assumed-role/train');
  });

  it('fails with a capacity error where AWS is out of instances', async () => {
    fakes.put('data/holdout.csv', 'a\n');
    fakes.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 0);
    expect(await run()).toMatchObject({
      TransformJobStatus: 'Failed',
      FailureReason: expect.stringMatching(/^CapacityError: /),
    });
  });

  it('cuts an object larger than a request into several, with the same answer', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i},${'x'.repeat(60)}`);
    fakes.put('data/holdout.csv', lines.join('\n'));
    await run();
    expect(fakes.text('artifacts/scores/holdout.csv.out')).toBe(lines.map((line) => `v1:${line}\n`).join(''));
  });

  it('sends single records, and keeps the folders below a prefix', async () => {
    fakes.put('data/holdout.csv/deep/a.csv', 'a\nb\n');
    await run({
      BatchStrategy: 'SingleRecord',
      TransformInput: {
        ...request().TransformInput,
        DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/holdout.csv/' } },
      },
    });
    expect(fakes.text('artifacts/scores/deep/a.csv.out')).toBe('v1:a\nv1:b\n');
  });

  it.each([
    ['fail', 'ClientError: See job logs for more information'],
    ['die', 'AlgorithmError: See job logs for more information'],
    ['crash', 'AlgorithmError: The container did not answer. See job logs for more information'],
  ])('fails without output where the container answers %s', async (record, reason) => {
    fakes.put('data/holdout.csv', `${record}\n`);
    expect(await run()).toMatchObject({ TransformJobStatus: 'Failed', FailureReason: reason });
    expect([...fakes.objects.keys()].some((key) => key.startsWith('artifacts/scores'))).toBe(false);
    expect([...fakes.logs.keys()].some((stream) => /TransformJobs\/transform-1\/.*data-log$/.test(stream))).toBe(true);
  });

  it('fails where the model does not come up or nothing is there to transform', async () => {
    expect((await run()).FailureReason).toBe('ClientError: No objects under s3://data/holdout.csv');
    await createModel(fakes, 'v2', 'broken');
    fakes.put('data/holdout.csv', 'a\n');
    await fakes.call('CreateTransformJob', request({ TransformJobName: 'transform-2', ModelName: 'v2' }));
    await fakes.idle();
    const job = await fakes.call('DescribeTransformJob', { TransformJobName: 'transform-2' });
    expect(job.FailureReason).toBe("AlgorithmError: The model's container exited with code 1 before it answered /ping");
  });

  it('starts again after a restart, also when its model is gone by then', async () => {
    fakes.put('data/holdout.csv', 'a\n');
    await fakes.call('CreateTransformJob', request());
    await fakes.call('DeleteModel', { ModelName: 'v1' });
    await fakes.restart();
    await fakes.idle();
    expect(fakes.text('artifacts/scores/holdout.csv.out')).toBe('v1:a\n');
  });

  it('tells EventBridge how it went', async () => {
    fakes.put('data/holdout.csv', 'a\n');
    await run();
    const events = fakes.events.filter((event) => event['detail-type'] === 'SageMaker Transform Job State Change');
    expect(events.at(-1)!.detail).toMatchObject({ TransformJobName: 'transform-1', TransformJobStatus: 'Completed' });
  });

  it('refuses what it cannot do', async () => {
    await expect(run({ DataProcessing: { InputFilter: '$[1:]' } })).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(run({ ModelName: 'nothing' })).rejects.toMatchObject({
      message: expect.stringContaining('Could not find model'),
    });
  });
});
