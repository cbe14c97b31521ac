import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toDataset } from '../../../examples/bank-marketing/contacts.ts';
import { findPython } from '../../../local/services/sagemaker/container/image.ts';
import { CloudWithFakes, ROLE, trainingRequest } from './cloud-with-fakes.ts';
import { archive } from './served-models.ts';

const IMAGE = '141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3';
const BANK = '../shared/data/bank-marketing/bank-additional-full.csv';
const python = await findPython('sklearn');
if (!python) console.warn('skipped: no Python here imports sklearn');
const onPython = python ? it : it.skip;
/** Debian's Python comes without pip. */
const hasPip = python && spawnSync(python, ['-m', 'pip', '--version']).status === 0;
const onPip = hasPip ? it : it.skip;

/** Learns the mean of the target; serves it. */
const SCRIPT = `
import argparse, os, shutil
parser = argparse.ArgumentParser()
parser.add_argument("--bias", type=float)
parser.add_argument("--broken", default="no")
arguments = parser.parse_args()
rows = open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv")).read().split()[1:]
if arguments.broken == "yes":
    {}["origin"]
if __name__ == "__main__":
    mean = sum(float(row.split(",")[-1]) for row in rows) / len(rows) + arguments.bias
    open(os.path.join(os.environ["SM_MODEL_DIR"], "mean.txt"), "w").write(str(mean))
    os.makedirs(os.path.join(os.environ["SM_MODEL_DIR"], "code"))
    shutil.copy("inference.py", os.path.join(os.environ["SM_MODEL_DIR"], "code"))
`;
const INFERENCE = `
import os
class Mean:
    def __init__(self, mean): self.mean = mean
    def predict(self, data): return [self.mean + row.sum() for row in data]
def model_fn(directory): return Mean(float(open(os.path.join(directory, "mean.txt")).read()))
`;

/** The smallest wheel: a module and its metadata, zipped by Python. */
async function wheel(): Promise<Buffer> {
  const program = `
import io, sys, zipfile
data = io.BytesIO()
with zipfile.ZipFile(data, "w") as archive:
    archive.writestr("greeting.py", "HELLO = 1\\n")
    archive.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    archive.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    archive.writestr("greeting-1.0.dist-info/RECORD", "greeting.py,,\\n")
sys.stdout.buffer.write(data.getvalue())
`;
  return (await promisify(execFile)(python!, ['-c', program], { encoding: 'buffer' })).stdout;
}

describe('script mode on a framework image', () => {
  let fakes: CloudWithFakes;
  beforeEach(async () => {
    fakes = new CloudWithFakes();
    fakes.put('data/train/train.csv', 'x,y\n1,2\n3,4\n');
    fakes.put('data/code/sourcedir.tar.gz', await archive({ 'train.py': SCRIPT, 'inference.py': INFERENCE }));
  });
  afterEach(() => fakes.close());

  const channel = (name: string, key: string) => ({
    ChannelName: name,
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://data/${key}` } },
  });
  const train = async (hyperparameters: object, over: object = {}) => {
    const request = trainingRequest('job-1', IMAGE, {
      InputDataConfig: [channel('train', 'train/'), channel('code', 'code/sourcedir.tar.gz')],
      HyperParameters: {
        sagemaker_program: 'train.py',
        sagemaker_submit_directory: '/opt/ml/input/data/code/sourcedir.tar.gz',
        ...hyperparameters,
      },
      ...over,
    });
    await fakes.call('CreateTrainingJob', request);
    await fakes.idle();
    return fakes.call('DescribeTrainingJob', { TrainingJobName: 'job-1' });
  };
  const serve = async (environment: object) => {
    await fakes.call('CreateModel', {
      ModelName: 'v1',
      ExecutionRoleArn: ROLE,
      PrimaryContainer: {
        Image: IMAGE,
        ModelDataUrl: 's3://artifacts/out/job-1/output/model.tar.gz',
        Environment: environment,
      },
    });
    const variant = { VariantName: 'live', ModelName: 'v1', InstanceType: 'ml.m5.large', InitialInstanceCount: 1 };
    await fakes.call('CreateEndpointConfig', { EndpointConfigName: 'v1', ProductionVariants: [variant] });
    await fakes.call('CreateEndpoint', { EndpointName: 'e', EndpointConfigName: 'v1' });
    await fakes.idle();
    return fakes.call('DescribeEndpoint', { EndpointName: 'e' });
  };
  const ask = async (body: string, ContentType = 'text/csv') => {
    const { Body } = await fakes.call('InvokeEndpoint', {
      EndpointName: 'e',
      Body: Buffer.from(body),
      ContentType,
      Accept: 'text/csv',
    });
    return Buffer.from(Body).toString();
  };

  onPython('runs the script with its hyperparameters and serves with the code in the archive', async () => {
    expect(await train({ bias: '0.5' })).toMatchObject({ TrainingJobStatus: 'Completed' });
    expect(await serve({})).toMatchObject({ EndpointStatus: 'InService' });
    expect(await ask('1,2\n10,20\n')).toBe('6.5\n33.5\n');
    await expect(ask('x', 'image/png')).rejects.toMatchObject({ fields: { OriginalStatusCode: 415 } });
  });

  onPython("fails with the script's own error", async () => {
    const { FailureReason } = await train({ bias: '0', broken: '"yes"' });
    expect(FailureReason).toBe(
      `AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "KeyError: 'origin'"\nCommand "python train.py --bias 0 --broken yes", exit code: 1`,
    );
  });

  onPython('fails clearly without the script or with code from the network', async () => {
    expect((await train({ sagemaker_program: 'fit.py' })).FailureReason).toContain(
      'expected fit.py in the source archive',
    );
    fakes.cloud.store.delete('sagemaker.training-jobs', 'job-1');
    const network = await train({ sagemaker_submit_directory: 's3://data/code/sourcedir.tar.gz' });
    expect(network.FailureReason).toContain('the job has no network');
  });

  onPip('installs requirements from the wheels beside them, never from the network', async () => {
    const source = { 'train.py': SCRIPT, 'inference.py': INFERENCE };
    // As launchway submit packs it: AWS's image has nothing else that keeps pip from the network.
    const offline = '--no-index\n--find-links wheels\ngreeting\n';
    const requirements = { 'requirements.txt': offline, 'wheels/greeting-1.0-py3-none-any.whl': await wheel() };
    const script = { ...source, 'train.py': `import greeting\n${SCRIPT}` };
    fakes.put('data/code/sourcedir.tar.gz', await archive({ ...script, ...requirements }));
    expect((await train({ bias: '0' })).FailureReason).toBeUndefined();
    fakes.cloud.store.delete('sagemaker.training-jobs', 'job-1');
    fakes.put('data/code/sourcedir.tar.gz', await archive({ ...script, 'requirements.txt': 'greeting\n' }));
    expect((await train({ bias: '0' })).FailureReason).toMatch(/^AlgorithmError: InstallRequirementsError: .*greeting/);
  });

  onPython('does not serve an archive without code', async () => {
    await train({ bias: '0' });
    expect((await serve({ SAGEMAKER_PROGRAM: 'other.py' })).FailureReason).toContain('exited with code 1');
    const lines = [...fakes.logs].filter(([stream]) => stream.includes('/Endpoints/e/')).flatMap(([, log]) => log);
    expect(lines).toContain('expected the inference script other.py in code/ of the model archive');
  });

  const onBank = python && existsSync(BANK) ? it : it.skip;
  onBank('trains and serves the bank-marketing example on its real data', async () => {
    const [header, ...rows] = toDataset(readFileSync(BANK, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const names = header!.filter((name) => !['contact_id', 'contacted_at', 'duration', 'y'].includes(name));
    const numeric = /^(age|campaign|pdays|previous|.*\..*|euribor3m)$/;
    const at = [...names, 'y'].map((name) => header!.indexOf(name));
    const lines = rows.slice(0, 4000).map((row) => at.map((i) => row[i]).join(','));
    fakes.put('data/train/train.csv', `${[...names, 'y'].join(',')}\n${lines.join('\n')}\n`);
    const features = names.map((name) => ({ name, type: numeric.test(name) ? 'numeric' : 'categorical' }));
    fakes.put(
      'data/schema/schema.json',
      JSON.stringify({ features, target: 'y', positiveClass: 'yes', problem: 'binary-classification' }),
    );
    const script = readFileSync('examples/bank-marketing/src/train.py', 'utf8');
    fakes.put('data/code/sourcedir.tar.gz', await archive({ 'train.py': script }));
    const job = await train(
      { c: '0.1', seed: '7' },
      {
        InputDataConfig: [
          channel('train', 'train/'),
          channel('schema', 'schema/'),
          channel('code', 'code/sourcedir.tar.gz'),
        ],
      },
    );
    expect(job.FailureReason).toBeUndefined();
    expect(
      await serve({ SAGEMAKER_PROGRAM: 'train.py', SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code' }),
    ).toMatchObject({
      EndpointStatus: 'InService',
    });
    const request = lines.slice(0, 3).map((line) => line.slice(0, line.lastIndexOf(',')));
    const scores = (await ask(request.join('\n'))).split('\n').map(Number);
    expect(scores).toHaveLength(3);
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
  });
});

describe('a framework image without a Python for it', () => {
  it('fails with one clear reason', async () => {
    const fakes = new CloudWithFakes();
    fakes.put('data/train/train.csv', 'x');
    const image = '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:2.3.0-cpu-py311';
    if ((await findPython('torch')) === undefined) {
      await fakes.call('CreateTrainingJob', trainingRequest('job-1', image));
      await fakes.idle();
      expect((await fakes.call('DescribeTrainingJob', { TrainingJobName: 'job-1' })).FailureReason).toBe(
        `ClientError: image ${image} needs a Python that imports torch: none of LAUNCHWAY_PYTHON, python3 and /usr/bin/python3 does`,
      );
    }
    await fakes.close();
  });
});
