import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findPython } from '../../../local/services/sagemaker/container/image.ts';
import { CloudWithFakes, ROLE, trainingRequest } from './cloud-with-fakes.ts';

const IMAGE = '141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1';
const python = await findPython('xgboost');
if (!python) console.warn('skipped: no Python here imports xgboost');
const onXgboost = python ? describe : describe.skip;

/** Rows of a label and three numbers, some missing; the label follows the first and the third. */
const ROWS = Array.from({ length: 400 }, (_, i) => {
  const [a, b, c] = [(i * 37) % 101, (i * 53) % 89, (i * 71) % 97];
  return `${a + c > 98 ? 1 : 0},${a},${i % 7 === 0 ? '' : b / 8},${c}`;
});
const ASKED = ['3,4.5,90', '100,,96', '50,1,', '0,0,0'];

/** The same training by the library alone, from a matrix; no file, no request. */
const PREDICT = `
import json, sys, numpy, xgboost
rows, asked = json.load(sys.stdin)
table = lambda lines: numpy.array([[float(cell) if cell else float("nan") for cell in line.split(",")] for line in lines])
rows = table(rows)
model = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "eta": 0.3}, xgboost.DMatrix(rows[:, 1:], label=rows[:, 0]), 12)
print(json.dumps(model.predict(xgboost.DMatrix(table(asked))).tolist()))
`;

onXgboost("the XGBoost image's own algorithm", () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    fakes.put('data/train/train.csv', `${ROWS.join('\n')}\n`);
  });
  afterEach(() => fakes.close());

  const train = async (hyperparameters: object, ContentType = 'text/csv', over: object = {}) => {
    const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: 's3://data/train/' };
    const request = trainingRequest('job-1', IMAGE, {
      InputDataConfig: [{ ChannelName: 'train', ContentType, DataSource: { S3DataSource } }],
      HyperParameters: hyperparameters,
      ...over,
    });
    await fakes.call('CreateTrainingJob', request);
    await fakes.idle();
    return fakes.call('DescribeTrainingJob', { TrainingJobName: 'job-1' });
  };
  const serve = async (Environment: object) => {
    const PrimaryContainer = {
      Image: IMAGE,
      ModelDataUrl: 's3://artifacts/out/job-1/output/model.tar.gz',
      Environment,
    };
    await fakes.call('CreateModel', { ModelName: 'v1', ExecutionRoleArn: ROLE, PrimaryContainer });
    const variant = { VariantName: 'live', ModelName: 'v1', InstanceType: 'ml.m5.large', InitialInstanceCount: 1 };
    await fakes.call('CreateEndpointConfig', { EndpointConfigName: 'v1', ProductionVariants: [variant] });
    await fakes.call('CreateEndpoint', { EndpointName: 'e', EndpointConfigName: 'v1' });
    await fakes.idle();
    expect(await fakes.call('DescribeEndpoint', { EndpointName: 'e' })).toMatchObject({ EndpointStatus: 'InService' });
  };
  const ask = async (body: string, ContentType = 'text/csv') => {
    const { Body } = await fakes.call('InvokeEndpoint', { EndpointName: 'e', Body: Buffer.from(body), ContentType });
    return Buffer.from(Body).toString();
  };
  const GOOD = { objective: 'binary:logistic', num_round: '12', max_depth: '3', eta: '0.3' };

  it('trains on rows with the label first, and answers a line per row with what the library predicts', async () => {
    expect(await train(GOOD)).toMatchObject({ TrainingJobStatus: 'Completed' });
    const lines = [...fakes.logs].filter(([stream]) => stream.includes('job-1')).flatMap(([, log]) => log);
    expect(lines.join('\n')).toMatch(/Train matrix has 400 rows and 3 columns[\s\S]*\[11\]\ttrain-logloss:0\.\d+/);
    await serve({ SAGEMAKER_INFERENCE_OUTPUT: 'probability', SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT: 'text/csv' });
    const answer = await ask(`${ASKED.join('\n')}\n`);
    const expected = JSON.parse(
      execFileSync(python!, ['-c', PREDICT], { input: JSON.stringify([ROWS, ASKED]), encoding: 'utf8' }),
    );
    expect(answer.split('\n').map(Number)).toEqual(expected);
    expect(expected[1]).toBeGreaterThan(0.9);
  });

  it('puts all rows on one line where it is not told otherwise, and refuses what it cannot read', async () => {
    await train(GOOD);
    await serve({});
    expect((await ask('3,4.5,90\n50,1,2')).split(',')).toHaveLength(2);
    await expect(ask('1,2')).rejects.toMatchObject({
      fields: { OriginalStatusCode: 400, OriginalMessage: expect.stringContaining('Feature size') },
    });
    await expect(ask('a,b,c')).rejects.toMatchObject({ fields: { OriginalStatusCode: 400 } });
    await expect(ask('{"instances":[]}', 'application/json')).rejects.toMatchObject({
      fields: { OriginalStatusCode: 415 },
    });
  });

  it('answers a request with one very long number in as much memory as its rows need', async () => {
    await train(GOOD);
    await serve({ SAGEMAKER_INFERENCE_OUTPUT: 'probability' });
    const long = `0.${'0'.repeat(200_000)}1,4.5,90\n`;
    // As texts of one width these would be 24 GB.
    expect((await ask(long + '3,4.5,90\n'.repeat(9_999))).split('\n')).toHaveLength(10_000);
  });

  it.each([
    ['a hyperparameter that it does not know', { ...GOOD, max_dept: '3' }, 'Extraneous hyperparameter found: max_dept'],
    ['no number of rounds', { objective: 'binary:logistic' }, 'Missing required hyperparameter: num_round'],
    ['a value out of its range', { ...GOOD, subsample: '1.5' }, 'Hyperparameter subsample: 1.5 is not in [0, 1]'],
    ['text for a number', { ...GOOD, eta: 'fast' }, 'Hyperparameter eta: could not parse fast'],
    ['another objective', { ...GOOD, objective: 'binary:magic' }, 'Hyperparameter objective: binary:magic is not in'],
  ])('fails with %s', async (_, hyperparameters, reason) => {
    const { FailureReason } = await train(hyperparameters);
    expect(FailureReason).toMatch(/^AlgorithmError: framework error:\nUserError: /);
    expect(FailureReason).toContain(reason);
  });

  it('fails on several instances, whose trees would not be one model', async () => {
    const ResourceConfig = { InstanceType: 'ml.m5.large', InstanceCount: 2, VolumeSizeInGB: 10 };
    expect((await train(GOOD, 'text/csv', { ResourceConfig })).FailureReason).toContain('expected one instance, got 2');
  });

  it('fails with files of another type, as libsvm is what it reads by itself', async () => {
    expect((await train(GOOD, 'application/x-parquet')).FailureReason).toContain('expected files of text/csv');
  });
});
