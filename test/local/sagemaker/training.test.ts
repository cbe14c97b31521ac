import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { extractArchive, filesBelow } from '../../../local/services/sagemaker/archive.ts';
import { QUOTA_SPACE, RATE_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { CloudWithFakes, ROLE, trainingRequest } from './cloud-with-fakes.ts';

const COPY =
  '#!/bin/sh\ncat "$SM_CHANNEL_TRAIN/train.csv" > "$SM_MODEL_DIR/model.txt"\necho "validation:auc=0.5"; echo "validation:auc=0.7"';

describe('a training job', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    fakes.put('data/train/train.csv', 'a,b\n1,2\n');
  });
  afterEach(() => fakes.close());

  const describeJob = (name = 'job-1') => fakes.call('DescribeTrainingJob', { TrainingJobName: name });
  const run = async (request: object) => {
    await fakes.call('CreateTrainingJob', request);
    await fakes.idle();
    return describeJob();
  };

  it("runs the image's train program over the channel and leaves a model archive", async () => {
    const job = await run(trainingRequest('job-1', fakes.image('copy', { train: COPY })));
    expect(job).toMatchObject({
      TrainingJobStatus: 'Completed',
      SecondaryStatus: 'Completed',
      TrainingJobArn: 'arn:aws:sagemaker:eu-west-1:000000000000:training-job/job-1',
      ModelArtifacts: { S3ModelArtifacts: 's3://artifacts/out/job-1/output/model.tar.gz' },
      BillableTimeInSeconds: 1,
    });
    const directory = mkdtempSync(join(tmpdir(), 'launchway-model-'));
    await extractArchive(Readable.from([fakes.objects.get('artifacts/out/job-1/output/model.tar.gz')!]), directory);
    expect(await filesBelow(directory)).toEqual(['model.txt']);
    expect(readFileSync(join(directory, 'model.txt'), 'utf8')).toBe('a,b\n1,2\n');
    expect(fakes.objects.has('artifacts/out/job-1/output/output.tar.gz')).toBe(false);
  });

  it('writes the same archive bytes every time', async () => {
    const image = fakes.image('copy', { train: COPY });
    await run(trainingRequest('job-1', image));
    await run(trainingRequest('job-2', image));
    expect(fakes.objects.get('artifacts/out/job-1/output/model.tar.gz')).toEqual(
      fakes.objects.get('artifacts/out/job-2/output/model.tar.gz'),
    );
  });

  it('acts in S3 as the role that was passed', async () => {
    await run(trainingRequest('job-1', fakes.image('copy', { train: COPY })));
    expect(fakes.puts.map((put) => put.principal)).toEqual(['arn:aws:sts::000000000000:assumed-role/train/SageMaker']);
  });

  it('gives the program the container contract and none of our environment', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'canary';
    const train = `#!/bin/sh\nenv; cat "$SM_INPUT_CONFIG_DIR/hyperparameters.json"; ls "$SM_OPT_ML" "$SM_OPT_ML/input/config"; echo arg=$1`;
    await run(trainingRequest('job-1', fakes.image('env', { train }), { HyperParameters: { seed: '7' } }));
    delete process.env.AWS_SECRET_ACCESS_KEY;
    const [stream, lines] = [...fakes.logs][0]!;
    const log = lines.join('\n');
    expect(stream).toMatch(/^\/aws\/sagemaker\/TrainingJobs\/job-1\/algo-1-\d+$/);
    expect(log).not.toContain('canary');
    expect(log).not.toMatch(/^AWS_/m);
    expect(log).toContain('"seed": "7"');
    expect(log).toContain('SM_HP_SEED=7');
    expect(log).toContain('SM_CHANNELS=["train"]');
    expect(log).toContain('TRAINING_JOB_NAME=job-1');
    expect(log).toContain('resourceconfig.json');
    expect(log).toContain('arg=train');
  });

  it('reads the last value of each metric from the log', async () => {
    const job = await run(
      trainingRequest('job-1', fakes.image('copy', { train: COPY }), {
        AlgorithmSpecification: {
          TrainingImage: 'copy:1',
          TrainingInputMode: 'File',
          MetricDefinitions: [{ Name: 'auc', Regex: 'validation:auc=([0-9.]+)' }],
        },
      }),
    );
    expect(job.FinalMetricDataList).toMatchObject([{ MetricName: 'auc', Value: 0.7 }]);
  });

  it('says what the program wrote to output/failure, with its exit code', async () => {
    const train = '#!/bin/sh\necho "expected a column origin" > "$SM_OUTPUT_DIR/failure"\nexit 3';
    const job = await run(trainingRequest('job-1', fakes.image('bad', { train })));
    expect(job.TrainingJobStatus).toBe('Failed');
    expect(job.FailureReason).toBe('AlgorithmError: expected a column origin, exit code: 3');
    expect(job.ModelArtifacts).toBeUndefined();
  });

  it('fails with a client error where the channel is empty or the image has no train', async () => {
    const image = fakes.image('empty', {});
    fakes.image('copy', { train: COPY });
    expect((await run(trainingRequest('job-1', image))).FailureReason).toBe(
      'ClientError: expected an executable train in the directory of image empty:1',
    );
    fakes.objects.clear();
    await fakes.call('CreateTrainingJob', trainingRequest('job-2', 'copy:1'));
    await fakes.idle();
    expect((await describeJob('job-2')).FailureReason).toContain('matched no files on s3');
  });

  it('tells EventBridge of every change of status', async () => {
    await run(trainingRequest('job-1', fakes.image('copy', { train: COPY })));
    expect(fakes.events.map((event) => event.detail.SecondaryStatus)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    expect(fakes.events[0]).toMatchObject({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker Training Job State Change',
      detail: { CreationTime: expect.any(Number) },
    });
  });

  it('ends a program that takes longer than MaxRuntimeInSeconds', async () => {
    const image = fakes.image('slow', { train: '#!/bin/sh\nexec sleep 600' });
    const job = await run(trainingRequest('job-1', image, { StoppingCondition: { MaxRuntimeInSeconds: 1 } }));
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
  });

  it('stops on request and uploads what there is', async () => {
    const image = fakes.image('slow', { train: '#!/bin/sh\necho part > "$SM_MODEL_DIR/part"; exec sleep 600' });
    const started = new Promise<void>((resolve) => {
      fakes.cloud.onEvent((event) => event.detail.SecondaryStatus === 'Training' && setTimeout(resolve, 100));
    });
    await fakes.call('CreateTrainingJob', trainingRequest('job-1', image));
    await started;
    await fakes.call('StopTrainingJob', { TrainingJobName: 'job-1' });
    expect(await describeJob()).toMatchObject({ TrainingJobStatus: 'Stopping' });
    await fakes.idle();
    expect(await describeJob()).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
    expect(fakes.objects.has('artifacts/out/job-1/output/model.tar.gz')).toBe(true);
  });

  it('starts again from the beginning where the local cloud ended with it', async () => {
    const image = fakes.image('once', { train: '#!/bin/sh\nexec sleep 600' });
    await fakes.call('CreateTrainingJob', trainingRequest('job-1', image));
    fakes.image('once', { train: COPY });
    await fakes.restart();
    await fakes.idle();
    expect((await describeJob()).TrainingJobStatus).toBe('Completed');
  });

  it('refuses a name twice, bad names, and what is not implemented', async () => {
    const image = fakes.image('copy', { train: COPY });
    await run(trainingRequest('job-1', image));
    await expect(fakes.call('CreateTrainingJob', trainingRequest('job-1', image))).rejects.toMatchObject({
      code: 'ResourceInUse',
    });
    for (const name of ['-a', 'a_b', 'x'.repeat(64)]) {
      await expect(fakes.call('CreateTrainingJob', trainingRequest(name, image))).rejects.toMatchObject({
        code: 'ValidationException',
      });
    }
    const piped = { AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'Pipe' } };
    await expect(fakes.call('CreateTrainingJob', trainingRequest('job-2', image, piped))).rejects.toMatchObject({
      code: 'NotImplemented',
    });
    await expect(describeJob('nothing')).rejects.toMatchObject({ message: 'Requested resource not found.' });
  });

  it('keeps to the quota of each instance type', async () => {
    fakes.cloud.store.put(QUOTA_SPACE, 'ml.m5.large for training job usage', 1);
    const image = fakes.image('copy', { train: COPY });
    await fakes.call('CreateTrainingJob', trainingRequest('job-1', image));
    await expect(fakes.call('CreateTrainingJob', trainingRequest('job-2', image))).rejects.toMatchObject({
      code: 'ResourceLimitExceeded',
    });
    await fakes.idle();
    await fakes.call('CreateTrainingJob', trainingRequest('job-2', image));
    await fakes.idle();
  });

  it('answers more than two lists a second with ThrottlingException', async () => {
    await fakes.call('ListTrainingJobs', {});
    await fakes.call('ListTrainingJobs', {});
    await expect(fakes.call('ListTrainingJobs', {})).rejects.toMatchObject({ code: 'ThrottlingException' });
    await fakes.cloud.clock.advance(1000);
    expect(await fakes.call('ListTrainingJobs', {})).toEqual({ TrainingJobSummaries: [] });
    fakes.cloud.store.put(RATE_SPACE, 'DescribeTrainingJob', 1);
    await expect(describeJob()).rejects.toMatchObject({ message: 'Requested resource not found.' });
    await expect(describeJob()).rejects.toMatchObject({ message: 'Rate exceeded' });
  });

  it('asks IAM for the job with its conditions and for the role', () => {
    const operation = fakes.cloud.services.find((service) => service.name === 'sagemaker')!.operations
      .CreateTrainingJob!;
    const input = trainingRequest('job-1', 'copy:1', { Tags: [{ Key: 'run', Value: 'r1' }] });
    const needs = operation.needs({
      service: 'sagemaker',
      operation: 'CreateTrainingJob',
      principal: {} as never,
      input,
    });
    expect(needs).toMatchObject([
      {
        action: 'sagemaker:CreateTrainingJob',
        context: {
          'sagemaker:NetworkIsolation': 'true',
          'sagemaker:InstanceTypes': ['ml.m5.large'],
          'aws:RequestTag/run': 'r1',
        },
      },
      { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      { action: 'sagemaker:AddTags' },
    ]);
  });
});
