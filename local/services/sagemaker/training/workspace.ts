import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { parseS3Uri, type RoleS3 } from '../role-s3.ts';
import type { Host } from './hosts.ts';

/** The folders of one host of a job, laid out like `/opt/ml` in a container. */
export interface Workspace {
  readonly root: string;
  readonly model: string;
  readonly output: string;
  readonly outputData: string;
  readonly failure: string;
  readonly checkpoints: string;
}

export const workspaceAt = (root: string): Workspace => ({
  root,
  model: join(root, 'model'),
  output: join(root, 'output'),
  outputData: join(root, 'output', 'data'),
  failure: join(root, 'output', 'failure'),
  checkpoints: join(root, 'checkpoints'),
});

/** Makes an empty workspace with the configuration files of the container contract. */
export async function prepareWorkspace(
  workspace: Workspace,
  request: CreateTrainingJobRequest,
  host: Host,
): Promise<void> {
  const { root } = workspace;
  await rm(root, { recursive: true, force: true });
  for (const path of ['model', 'output/data', 'checkpoints', 'code', 'input/config', 'input/data', 'tmp']) {
    await mkdir(join(root, path), { recursive: true });
  }
  const write = (file: string, value: unknown) =>
    writeFile(join(root, 'input', 'config', `${file}.json`), JSON.stringify(value, null, 2));
  await write('hyperparameters', request.HyperParameters ?? {});
  await write('inputdataconfig', inputDataConfig(request));
  await write('resourceconfig', resourceConfig(request, host));
}

/** Brings a host its channels: all of each, or by key every host its own share. */
export async function downloadChannels(
  workspace: Workspace,
  request: CreateTrainingJobRequest,
  s3: RoleS3,
  { index, all }: Host,
): Promise<void> {
  for (const channel of request.InputDataConfig ?? []) {
    const { S3Uri, S3DataDistributionType } = channel.DataSource!.S3DataSource!;
    const directory = join(workspace.root, 'input', 'data', channel.ChannelName!);
    const isMine = S3DataDistributionType === 'ShardedByS3Key' ? (at: number) => at % all.length === index : () => true;
    await s3.downloadPrefix(parseS3Uri(S3Uri), directory, isMine);
  }
}

/** The variables that SageMaker's training toolkit sets; paths are this job's own instead of `/opt/ml`. */
export function trainingEnvironment(
  workspace: Workspace,
  request: CreateTrainingJobRequest,
  host: Host,
): Record<string, string> {
  const { root } = workspace;
  const hyperParameters = request.HyperParameters ?? {};
  const channels = (request.InputDataConfig ?? []).map((channel) => channel.ChannelName!).sort();
  const variable = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  return {
    HOME: join(root, 'tmp'),
    TMPDIR: join(root, 'tmp'),
    ...request.Environment,
    SM_OPT_ML: root,
    SM_MODEL_DIR: workspace.model,
    SM_OUTPUT_DIR: workspace.output,
    SM_OUTPUT_DATA_DIR: workspace.outputData,
    SM_INPUT_DIR: join(root, 'input'),
    SM_INPUT_CONFIG_DIR: join(root, 'input', 'config'),
    SM_CHANNELS: JSON.stringify(channels),
    ...Object.fromEntries(channels.map((name) => [`SM_CHANNEL_${variable(name)}`, join(root, 'input', 'data', name)])),
    SM_HPS: JSON.stringify(hyperParameters),
    ...Object.fromEntries(Object.entries(hyperParameters).map(([name, value]) => [`SM_HP_${variable(name)}`, value])),
    SM_NUM_CPUS: String(availableParallelism()),
    SM_NUM_GPUS: '0',
    SM_HOSTS: JSON.stringify(host.all),
    SM_CURRENT_HOST: host.name,
    SM_CURRENT_INSTANCE_TYPE: request.ResourceConfig!.InstanceType!,
    TRAINING_JOB_NAME: request.TrainingJobName!,
  };
}

const inputDataConfig = (request: CreateTrainingJobRequest) =>
  Object.fromEntries(
    (request.InputDataConfig ?? []).map((channel) => [
      channel.ChannelName,
      {
        TrainingInputMode: channel.InputMode ?? request.AlgorithmSpecification!.TrainingInputMode,
        S3DistributionType: channel.DataSource?.S3DataSource?.S3DataDistributionType ?? 'FullyReplicated',
        RecordWrapperType: 'None',
        ...(channel.ContentType && { ContentType: channel.ContentType }),
      },
    ]),
  );

function resourceConfig(request: CreateTrainingJobRequest, { name, all }: Host) {
  const type = request.ResourceConfig!.InstanceType;
  return {
    current_host: name,
    current_instance_type: type,
    current_group_name: 'homogeneousCluster',
    hosts: all,
    instance_groups: [{ instance_group_name: 'homogeneousCluster', instance_type: type, hosts: all }],
    network_interface_name: 'eth0',
  };
}
