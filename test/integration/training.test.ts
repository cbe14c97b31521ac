import { GetObjectCommand } from '@aws-sdk/client-s3';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import type { Operation } from '../../local/service.ts';
import { ServiceError } from '../../local/service.ts';
import { findPython } from '../../local/services/sagemaker/container/image.ts';
import { CAPACITY_SPACE, QUOTA_SPACE } from '../../local/services/sagemaker/limits.ts';
import { januaryFlights, ModelRoom } from '../support/model-room.ts';

/** Session of requests that are to be denied. */
const PLANTED = 'planted-violation';

const hasXgboost = (await findPython('xgboost')) !== undefined;
if (!hasXgboost) console.warn('skipped: no Python here imports xgboost');
const onXgboost = hasXgboost ? it : it.skip;
let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.cloud.remove());

afterEach(() => {
  const { denials } = room.cloud.cloud.iam;
  expect(denials.filter((denial) => !JSON.stringify(denial).includes(PLANTED))).toEqual([]);
  expect(room.cloud.reported.filter((line) => line.includes('background work failed'))).toEqual([]);
});

const operation = (name: string): Operation =>
  room.cloud.cloud.services.find((service) => service.name === 'sagemaker')!.operations[name]!;

describe('a training job', () => {
  it('is found again where the answer to its making was lost, and not paid for twice', async () => {
    const create = operation('CreateTrainingJob');
    const run = create.run;
    const made: string[] = [];
    create.run = async (call) => {
      await run.call(create, call);
      made.push(call.input.TrainingJobName);
      throw new ServiceError('InternalFailure', 'the connection broke after the job was made', 500);
    };
    await room.define('unanswered');
    const release = await room.release('unanswered', await room.upload('unanswered'), 'AwaitingApproval');
    create.run = run;
    expect(made).toEqual([release.steps.training!.jobName]);
  }, 120_000);

  it('runs on the next instance type where the first has no capacity', async () => {
    room.cloud.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 0);
    await room.define('patient', { training: 'instance: { types: [ml.m5.large, ml.m6i.large] }' });
    const release = await room.release('patient', await room.upload('patient'), 'AwaitingApproval');
    room.cloud.cloud.store.delete(CAPACITY_SPACE, 'ml.m5.large');
    expect(release.steps.training).toMatchObject({ instanceType: 'ml.m6i.large', withoutCapacity: ['ml.m5.large'] });
  }, 120_000);

  onXgboost(
    "is one of AWS's own algorithm, whose model is judged, approved and served",
    async () => {
      await room.define('bought', { withAlgorithm: true });
      const upload = await room.upload('bought');
      const { steps } = await room.release('bought', upload, 'AwaitingApproval');
      expect(steps.evaluation!.metrics.auc).toBeGreaterThan(0.5);
      await approveByMail(room.cloud.url, 'ada@example.com', 'as tests say');
      const { Body } = await room.release('bought', upload, 'Deployed').then(({ steps: { deployment } }) =>
        new SageMakerRuntimeClient(room.connection.client).send(
          new InvokeEndpointCommand({
            EndpointName: deployment!.endpointName,
            Body: Buffer.from('17,867\n6,94'),
            ContentType: 'text/csv',
            Accept: 'text/csv',
          }),
        ),
      );
      const scores = Buffer.from(Body!).toString().trim().split('\n').map(Number);
      expect(scores).toHaveLength(2);
      for (const score of scores) expect(score > 0 && score < 1).toBe(true);
    },
    120_000,
  );

  it('is none where the model was trained elsewhere, which is judged, and told to who approves', async () => {
    const { steps } = await room.release(
      'patient',
      { versionId: (await room.connection.lineage.getRelease('patient', 1)).inputs.dataset.versionId! },
      'AwaitingApproval',
    );
    const { Body } = await room.connection.s3.send(
      new GetObjectCommand({ Bucket: steps.artifact!.object.bucket, Key: steps.artifact!.object.key }),
    );
    await room.define('brought', { isBrought: true });
    await room.put('models/brought/model.tar.gz', await Body!.transformToByteArray());
    const [header, ...rows] = januaryFlights().trimEnd().split('\n');
    await room.put('models/brought/data/test.csv', [header, ...rows.slice(2000), ''].join('\n'));
    const data = await room.upload('brought', [header, ...rows.slice(0, 2000), ''].join('\n'));
    const release = await room.release('brought', data, 'AwaitingApproval');
    expect(release.steps).not.toHaveProperty('training');
    const { object, findings } = release.steps.artifact!;
    expect({ object, finding: findings[0] }).toEqual({
      object: { ...object, sha256: steps.artifact!.object.sha256 },
      finding: expect.stringContaining('Not trained here'),
    });
    expect(release.steps.evaluation?.metrics.auc).toBeGreaterThan(0.5);
    expect((await room.mail('[brought] version 1: the first one')).text).toContain('Not trained here');
  }, 120_000);

  it('is the best of a search where the model asks for one, and every trial is kept', async () => {
    await room.define('seeking', {
      training:
        'tuning: { metric: spread, pattern: "spread=([0-9.]+)", goal: maximize, maxJobs: 3, maxParallelJobs: 2, ranges: { prior: { integer: [2, 400], scaling: logarithmic } } }',
    });
    const release = await room.release('seeking', await room.upload('seeking'), 'AwaitingApproval');
    const { search, jobName } = release.steps.training!;
    expect(search).toMatchObject({ metric: 'spread', trials: 3, completed: 3 });
    expect(jobName).toContain(search!.jobName);
    const { s3 } = room.connection;
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: search!.document.bucket, Key: search!.document.key }),
    );
    const { trials } = JSON.parse(await Body!.transformToString()) as { trials: { objective: number }[] };
    expect(search!.objective).toBe(Math.max(...trials.map(({ objective }) => objective)));
  }, 120_000);

  it('waits in turn for the instances that the quota allows, and is never refused for want of one', async () => {
    const { store } = room.cloud.cloud;
    store.put(QUOTA_SPACE, 'ml.m6i.large for training job usage', 2);
    const create = operation('CreateTrainingJob');
    const { run } = create;
    const running = new Set<string>();
    let most = 0;
    const refused: unknown[] = [];
    create.run = async (call) => {
      running.add(call.input.TrainingJobName);
      most = Math.max(most, running.size);
      return run.call(create, call).catch((error) => {
        refused.push(error);
        throw error;
      });
    };
    const stop = room.cloud.cloud.onEvent(({ detail }) => {
      if (['Completed', 'Failed'].includes(detail?.TrainingJobStatus)) running.delete(detail.TrainingJobName);
    });
    const models = ['crowd-a', 'crowd-b', 'crowd-c', 'crowd-d', 'crowd-e'];
    const training = 'instance: { types: [ml.m6i.large] }';
    for (const model of models) await room.define(model, { training, hyperparameters: 'pause: 1' });
    const uploads = await Promise.all(models.map((model) => room.upload(model)));
    const releases = await Promise.all(models.map((model, i) => room.release(model, uploads[i]!, 'AwaitingApproval')));
    stop();
    create.run = run;
    store.delete(QUOTA_SPACE, 'ml.m6i.large for training job usage');
    expect(releases.map(({ steps }) => steps.training?.instanceType)).toEqual(models.map(() => 'ml.m6i.large'));
    expect({ most, refused }).toEqual({ most: 2, refused: [] });
    const rows = await room.connection.table.query<{ held?: unknown[]; waiting?: unknown[] }>(
      'SLOTS',
      'POOL#training#ml.m6i',
    );
    expect(rows).toMatchObject([{ held: [], waiting: [] }]);
    expect(await room.connection.table.query('SLOTS', 'JOB#')).toEqual([]);
  }, 240_000);

  it.each([
    [
      'on another instance type',
      { ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 1, VolumeSizeInGB: 1 } },
    ],
    ['with a network', { EnableNetworkIsolation: false }],
    ['without saying that it has none', { EnableNetworkIsolation: undefined }],
    ['with plain traffic between its instances', { EnableInterContainerTrafficEncryption: false }],
    ['under a name that is not this deployment’s', { TrainingJobName: 'other-job' }],
    [
      'under a role that is not for training',
      { RoleArn: 'arn:aws:iam::000000000000:role/launchway-local-operations-serve' },
    ],
    ['unless it keeps to all of that', {}],
  ])('is not made %s, whatever a workflow asks', async (_what, planted) => {
    const { cloud } = room.cloud;
    const role = cloud.iam.roles.list().find(({ name }) => /TrainModelRole/.test(name))!;
    const principal = await cloud.assume(
      role.arn,
      PLANTED,
      'states.amazonaws.com',
      'arn:aws:states:eu-west-1:000000000000:stateMachine:launchway-local-train-model',
    );
    const lawful = {
      TrainingJobName: 'launchway-local-planted',
      AlgorithmSpecification: { TrainingImage: 'launchway/flight-delays:1', TrainingInputMode: 'File' },
      RoleArn: 'arn:aws:iam::000000000000:role/launchway-local-operations-train',
      OutputDataConfig: { S3OutputPath: 's3://launchway-local-artifacts-000000000000/operations/x/training' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
      EnableNetworkIsolation: true,
      EnableInterContainerTrafficEncryption: true,
    };
    const create = (input: object) =>
      cloud.call({ service: 'sagemaker', operation: 'CreateTrainingJob', principal, input });
    if (Object.keys(planted).length === 0) return expect(create(lawful)).resolves.toHaveProperty('TrainingJobArn');
    await expect(create({ ...lawful, ...planted })).rejects.toMatchObject({
      code: expect.stringContaining('AccessDenied'),
    });
  });

  it('that gets no spot instances ends by its own name, and its mail says what to do', async () => {
    room.cloud.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 0);
    await room.define('thrifty', { training: 'spot: true' });
    const release = await room.release('thrifty', await room.upload('thrifty'));
    room.cloud.cloud.store.delete(CAPACITY_SPACE, 'ml.m5.large');
    expect(release.outcome).toMatchObject({ error: 'SpotWaitExceededError', whose: 'quota or capacity' });
    const mail = await room.mail('[thrifty] release 1');
    expect(mail.subject).toContain('training got no spot instances within 120 min');
    expect(mail.text).toMatch(/^Spent +nothing: no instance ran$/m);
    expect(mail.text).toContain('launchway resume thrifty/1 --from train');
  }, 120_000);

  it('trains on spot instances once there are some', async () => {
    await room.define('thrifty', { training: 'spot: true\n  maxWaitMinutes: 90' });
    const release = await room.release('thrifty', await room.upload('thrifty'), 'AwaitingApproval');
    expect(release.steps.training).toMatchObject({ isSpot: true, interruptions: 0 });
  }, 120_000);
});
