import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CAPACITY_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { describe as describeStored, type TrainingJob } from '../../../local/services/sagemaker/training/job.ts';
import { SPOT_SPACE } from '../../../local/services/sagemaker/training/spot.ts';
import { CloudWithFakes, trainingRequest } from './cloud-with-fakes.ts';

/** Counts its starts in its checkpoints, and is done at the third. */
const THREE_STARTS = `#!/bin/sh
cd "$SM_OPT_ML/checkpoints"; echo start >> starts; echo "starts=$(grep -c . starts)"
[ $(grep -c . starts) -ge 3 ] && exit 0
trap 'exit 0' TERM
sleep 600 & wait`;

const SPOT = {
  EnableManagedSpotTraining: true,
  StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 3600 },
  CheckpointConfig: { S3Uri: 's3://artifacts/checkpoints', LocalPath: '/opt/ml/checkpoints' },
};

describe('a training job on spot instances', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    fakes.put('data/train/train.csv', 'a');
    fakes.image('starts', { train: THREE_STARTS });
    fakes.image('once', { train: '#!/bin/sh\ntrue' });
  });
  afterEach(() => fakes.close());

  const describeJob = () => fakes.call('DescribeTrainingJob', { TrainingJobName: 'job-1' });
  const create = (image = 'starts:1', over: object = {}) =>
    fakes.call('CreateTrainingJob', trainingRequest('job-1', image, { ...SPOT, ...over }));
  const market = (meanSeconds: number, seed = 1) =>
    fakes.cloud.store.put(SPOT_SPACE, 'ml.m5.large', { meanSeconds, seed });
  /** Starts a job that AWS takes its instances from, and has no others. */
  const loseAll = async () => {
    market(0.05);
    fakes.image('slow', { train: '#!/bin/sh\nexec sleep 600' });
    const training = fakes.reached('Training');
    await create('slow:1');
    await training;
    fakes.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 0);
    await fakes.idle();
  };
  const statuses = async () =>
    (await describeJob()).SecondaryStatusTransitions.map(({ Status }: { Status: string }) => Status);

  it('loses its instances and goes on from its checkpoints', async () => {
    market(0.3);
    await create();
    await fakes.idle();
    expect(await describeJob()).toMatchObject({ TrainingJobStatus: 'Completed', SecondaryStatus: 'Completed' });
    expect(fakes.text('artifacts/checkpoints/starts')).toMatch(/^(start\n){3,}$/);
    expect((await statuses()).filter((status: string) => status === 'Interrupted').length).toBeGreaterThanOrEqual(2);
    expect((await statuses()).slice(0, 4)).toEqual(['Starting', 'Downloading', 'Training', 'Interrupted']);
  });

  it('is not interrupted on instances that nobody takes back, nor where it pays the full price', async () => {
    market(0.000_001);
    await create('once:1', { EnableManagedSpotTraining: false, StoppingCondition: { MaxRuntimeInSeconds: 600 } });
    await fakes.idle();
    expect(await statuses()).not.toContain('Interrupted');
  });

  it('pays for less than it trained', async () => {
    await create('once:1');
    await fakes.idle();
    const job = fakes.cloud.store.get<TrainingJob>('sagemaker.training-jobs', 'job-1')!;
    expect(describeStored({ ...job, trainedMilliseconds: 600_000 })).toMatchObject({
      TrainingTimeInSeconds: 600,
      BillableTimeInSeconds: 180,
    });
  });

  it('gives up where its instances do not come back in time', async () => {
    await loseAll();
    expect(await describeJob()).toMatchObject({ TrainingJobStatus: 'InProgress', SecondaryStatus: 'Interrupted' });
    await fakes.restart();
    await fakes.cloud.clock.advance(3_600_000);
    expect(await describeJob()).toMatchObject({
      TrainingJobStatus: 'Stopped',
      SecondaryStatus: 'MaxWaitTimeExceeded',
    });
  });

  it('can be stopped while it waits for new ones', async () => {
    await loseAll();
    await fakes.call('StopTrainingJob', { TrainingJobName: 'job-1' });
    await fakes.idle();
    const job = await describeJob();
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
    expect(job.ModelArtifacts).toBeUndefined();
  });

  it('needs a wait that its training fits in', async () => {
    await expect(create('once:1', { StoppingCondition: { MaxRuntimeInSeconds: 600 } })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    const short = { StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 599 } };
    await expect(create('once:1', short)).rejects.toMatchObject({ code: 'ValidationException' });
  });
});
