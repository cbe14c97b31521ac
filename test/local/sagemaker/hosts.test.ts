import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { extractArchive, filesBelow } from '../../../local/services/sagemaker/archive.ts';
import { QUOTA_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { CloudWithFakes, trainingRequest } from './cloud-with-fakes.ts';

const three = { ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 3, VolumeSizeInGB: 10 } };
const channel = (ChannelName: string, over: object = {}) => ({
  ChannelName,
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/train/', ...over } },
});

describe('a training job on several instances', () => {
  let fakes: CloudWithFakes;
  let directory: string;
  beforeEach(() => {
    fakes = new CloudWithFakes();
    directory = mkdtempSync(join(tmpdir(), 'launchway-hosts-'));
    for (const name of ['a', 'b', 'c', 'd']) fakes.put(`data/train/${name}.csv`, `${name}\n`);
  });
  afterEach(async () => {
    await fakes.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = async (train: string, over: object = {}) => {
    const image = fakes.image('spread', { train: `#!/bin/sh\n${train}` });
    await fakes.call('CreateTrainingJob', trainingRequest('job-1', image, { ...three, ...over }));
    await fakes.idle();
    return fakes.call('DescribeTrainingJob', { TrainingJobName: 'job-1' });
  };
  const artifact = async (name: string) => {
    const to = join(directory, name);
    await extractArchive(Readable.from([fakes.objects.get(`artifacts/out/job-1/output/${name}`)!]), to);
    const files = await filesBelow(to);
    return Object.fromEntries(await Promise.all(files.map(async (f) => [f, await readFile(join(to, f), 'utf8')])));
  };

  it('runs a program per host, each knowing itself and the others', async () => {
    const job = await run('echo "$SM_CURRENT_HOST $SM_HOSTS"; cat "$SM_INPUT_CONFIG_DIR/resourceconfig.json"');
    expect(job.TrainingJobStatus).toBe('Completed');
    const streams = [...fakes.logs].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(streams.map(([name]) => name.replace(/-\d+$/, ''))).toEqual(
      [1, 2, 3].map((n) => `/aws/sagemaker/TrainingJobs/job-1/algo-${n}`),
    );
    expect(streams.map(([, lines]) => lines[0])).toEqual(
      [1, 2, 3].map((n) => `algo-${n} ["algo-1","algo-2","algo-3"]`),
    );
    expect(JSON.parse(streams[1]![1].slice(1).join(''))).toMatchObject({
      current_host: 'algo-2',
      hosts: ['algo-1', 'algo-2', 'algo-3'],
      current_instance_type: 'ml.m5.large',
    });
  });

  it('gives every host the whole channel, or its share of the objects', async () => {
    const InputDataConfig = [channel('all'), channel('shares', { S3DataDistributionType: 'ShardedByS3Key' })];
    await run('ls "$SM_CHANNEL_ALL" | wc -l; ls "$SM_CHANNEL_SHARES"', { InputDataConfig });
    const said = [...fakes.logs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lines]) => lines.map((l) => l.trim()));
    expect(said).toEqual([
      ['4', 'a.csv', 'd.csv'],
      ['4', 'b.csv'],
      ['4', 'c.csv'],
    ]);
  });

  it("packs every host's model and output into one archive each", async () => {
    await run(
      'echo $SM_CURRENT_HOST > $SM_MODEL_DIR/part-$SM_CURRENT_HOST; echo $SM_CURRENT_HOST > $SM_MODEL_DIR/model; touch $SM_OUTPUT_DATA_DIR/$SM_CURRENT_HOST',
    );
    expect(await artifact('model.tar.gz')).toEqual({
      model: 'algo-1\n',
      'part-algo-1': 'algo-1\n',
      'part-algo-2': 'algo-2\n',
      'part-algo-3': 'algo-3\n',
    });
    expect(await artifact('output.tar.gz')).toEqual({ 'algo-1': '', 'algo-2': '', 'algo-3': '' });
  });

  it('fails as soon as one host does, with what that host said', async () => {
    const train = `[ $SM_CURRENT_HOST = algo-2 ] || exec sleep 600; echo "no peer" > "$SM_OUTPUT_DIR/failure"; exit 5`;
    expect(await run(train)).toMatchObject({
      TrainingJobStatus: 'Failed',
      FailureReason: 'AlgorithmError: no peer, exit code: 5',
    });
  });

  it('counts every instance against the quota', async () => {
    fakes.cloud.store.put(QUOTA_SPACE, 'ml.m5.large for training job usage', 2);
    await expect(run('true')).rejects.toMatchObject({
      code: 'ResourceLimitExceeded',
      message: expect.stringContaining('a request delta of 3 Instances'),
    });
  });

  it('records its network, and refuses one that cannot be', async () => {
    const VpcConfig = { Subnets: ['subnet-1a'], SecurityGroupIds: ['sg-1a'] };
    expect(await run('true', { VpcConfig })).toMatchObject({ TrainingJobStatus: 'Completed', VpcConfig });
    for (const wrong of [
      { ...VpcConfig, Subnets: [] },
      { ...VpcConfig, Subnets: ['vpc-1a'] },
      { ...VpcConfig, SecurityGroupIds: ['1', '2', '3', '4', '5', '6'] },
    ]) {
      await expect(run('true', { VpcConfig: wrong })).rejects.toMatchObject({ code: 'ValidationException' });
    }
  });

  it('reads FastFile channels like files and refuses pipes and unknown numbers of instances', async () => {
    const InputDataConfig = [{ ...channel('train'), InputMode: 'FastFile' }];
    expect((await run('cat "$SM_CHANNEL_TRAIN/a.csv"', { InputDataConfig })).TrainingJobStatus).toBe('Completed');
    await expect(run('true', { InputDataConfig: [{ ...channel('train'), InputMode: 'Pipe' }] })).rejects.toMatchObject({
      code: 'NotImplemented',
    });
    const none = { ResourceConfig: { ...three.ResourceConfig, InstanceCount: 0 } };
    await expect(run('true', none)).rejects.toMatchObject({ code: 'ValidationException' });
  });
});
