import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import type { Cloud, Need } from '../../../service.ts';
import { arnOf, onlyMembers, onlyValues, requireMembers, requireName, validation } from '../names.ts';
import { passRole } from '../platform.ts';
import { parseS3Uri } from '../role-s3.ts';
import { tagContext, tagNeeds } from '../tags.ts';

export const TRAINING_MEMBERS = [
  'TrainingJobName',
  'HyperParameters',
  'AlgorithmSpecification',
  'RoleArn',
  'InputDataConfig',
  'OutputDataConfig',
  'ResourceConfig',
  'VpcConfig',
  'StoppingCondition',
  'Tags',
  'EnableNetworkIsolation',
  'EnableInterContainerTrafficEncryption',
  'EnableManagedSpotTraining',
  'Environment',
  'CheckpointConfig',
  'RetryStrategy',
] as const;

/** What CreateTrainingJob must be allowed. */
export function trainingNeeds(cloud: Cloud, request: CreateTrainingJobRequest): Need[] {
  const resource = arnOf(cloud, 'training-job', request.TrainingJobName ?? '');
  const context = { ...trainingContext(request), ...tagContext(request.Tags) };
  return [
    { action: 'sagemaker:CreateTrainingJob', resource, context },
    passRole(request.RoleArn ?? ''),
    ...tagNeeds(resource, request.Tags),
  ];
}

/** The condition keys that policies restrict training by. */
export function trainingContext(
  request: Omit<CreateTrainingJobRequest, 'TrainingJobName'>,
): Record<string, string | readonly string[]> {
  const { VolumeKmsKeyId: volumeKey, InstanceType: type } = request.ResourceConfig ?? {};
  const outputKey = request.OutputDataConfig?.KmsKeyId;
  const maxRuntime = request.StoppingCondition?.MaxRuntimeInSeconds;
  return {
    'sagemaker:NetworkIsolation': String(request.EnableNetworkIsolation ?? false),
    'sagemaker:InterContainerTrafficEncryption': String(request.EnableInterContainerTrafficEncryption ?? false),
    ...(type && { 'sagemaker:InstanceTypes': [type] }),
    ...(volumeKey && { 'sagemaker:VolumeKmsKey': volumeKey }),
    ...(outputKey && { 'sagemaker:OutputKmsKey': outputKey }),
    ...(maxRuntime && { 'sagemaker:MaxRuntimeInSeconds': String(maxRuntime) }),
    ...(request.VpcConfig && {
      'sagemaker:VpcSubnets': request.VpcConfig.Subnets ?? [],
      'sagemaker:VpcSecurityGroupIds': request.VpcConfig.SecurityGroupIds ?? [],
    }),
  };
}

/**
 * @throws {ServiceError} ValidationException for what AWS refuses
 * @throws {NotImplementedError} for what has no effect here
 */
export function checkTrainingRequest(request: CreateTrainingJobRequest): void {
  requireName('TrainingJobName', request.TrainingJobName);
  requireMembers(request, [
    'AlgorithmSpecification',
    'RoleArn',
    'OutputDataConfig',
    'ResourceConfig',
    'StoppingCondition',
  ]);
  checkAlgorithm(request.AlgorithmSpecification!);
  checkResources(request);
  checkVpc(request.VpcConfig);
  for (const channel of request.InputDataConfig ?? []) checkChannel(channel);
  requireUnique((request.InputDataConfig ?? []).map((channel) => channel.ChannelName));
  onlyMembers('CreateTrainingJob OutputDataConfig', request.OutputDataConfig, [
    'S3OutputPath',
    'KmsKeyId',
    'CompressionType',
  ]);
  onlyValues('CreateTrainingJob OutputDataConfig.CompressionType', request.OutputDataConfig!.CompressionType, ['GZIP']);
  parseS3Uri(request.OutputDataConfig!.S3OutputPath);
  checkRestarts(request);
  for (const [name, value] of Object.entries(request.HyperParameters ?? {})) {
    if (typeof value !== 'string')
      throw validation(`expected hyperparameter '${name}' as a string, got ${typeof value}`);
    if (value.length > 2500)
      throw validation(`expected hyperparameter '${name}' of at most 2500 characters, got ${value.length}`);
  }
}

function checkRestarts({ CheckpointConfig: checkpoints, RetryStrategy: retry }: CreateTrainingJobRequest): void {
  if (checkpoints) {
    const what = 'CreateTrainingJob CheckpointConfig';
    onlyMembers(what, checkpoints, ['S3Uri', 'LocalPath']);
    onlyValues(`${what}.LocalPath`, checkpoints.LocalPath, ['/opt/ml/checkpoints', '/opt/ml/checkpoints/']);
    parseS3Uri(checkpoints.S3Uri);
  }
  const attempts = retry?.MaximumRetryAttempts;
  if (retry && !(attempts! >= 1 && attempts! <= 30)) {
    throw validation(`expected RetryStrategy.MaximumRetryAttempts from 1 to 30, got ${attempts}`);
  }
}

function checkAlgorithm(algorithm: NonNullable<CreateTrainingJobRequest['AlgorithmSpecification']>): void {
  const what = 'CreateTrainingJob AlgorithmSpecification';
  onlyMembers(what, algorithm, [
    'TrainingImage',
    'TrainingInputMode',
    'MetricDefinitions',
    'EnableSageMakerMetricsTimeSeries',
  ]);
  requireMembers(algorithm, ['TrainingImage', 'TrainingInputMode']);
  onlyValues(`${what}.TrainingInputMode`, algorithm.TrainingInputMode, ['File', 'FastFile']);
  for (const { Name, Regex } of algorithm.MetricDefinitions ?? []) {
    try {
      new RegExp(Regex ?? '');
    } catch {
      throw validation(`expected a regular expression for metric '${Name}', got '${Regex}'`);
    }
  }
}

function checkResources({
  ResourceConfig,
  StoppingCondition,
  EnableManagedSpotTraining,
}: CreateTrainingJobRequest): void {
  const what = 'CreateTrainingJob ResourceConfig';
  onlyMembers(what, ResourceConfig, ['InstanceType', 'InstanceCount', 'VolumeSizeInGB', 'VolumeKmsKeyId']);
  requireMembers(ResourceConfig!, ['InstanceType', 'InstanceCount', 'VolumeSizeInGB']);
  const { InstanceCount: count } = ResourceConfig!;
  if (!Number.isInteger(count) || count! < 1) throw validation(`expected InstanceCount >= 1, got ${count}`);
  onlyMembers('CreateTrainingJob StoppingCondition', StoppingCondition, [
    'MaxRuntimeInSeconds',
    'MaxWaitTimeInSeconds',
  ]);
  const { MaxRuntimeInSeconds: runtime = 86_400, MaxWaitTimeInSeconds: wait } = StoppingCondition!;
  if (runtime < 1) throw validation(`expected MaxRuntimeInSeconds >= 1, got ${runtime}`);
  if (EnableManagedSpotTraining && wait === undefined) {
    throw validation('MaxWaitTimeInSeconds is required when EnableManagedSpotTraining is true');
  }
  if (wait !== undefined && wait < runtime) {
    throw validation(`expected MaxWaitTimeInSeconds >= MaxRuntimeInSeconds (${runtime}), got ${wait}`);
  }
}

/** A network is recorded: programs here share this machine's. */
function checkVpc(vpc: CreateTrainingJobRequest['VpcConfig']): void {
  if (!vpc) return;
  requireMembers(vpc, ['Subnets', 'SecurityGroupIds']);
  const check = (member: string, ids: readonly string[], most: number, id: RegExp) => {
    if (ids.length < 1 || ids.length > most) throw validation(`expected 1 to ${most} ${member}, got ${ids.length}`);
    const wrong = ids.find((one) => !id.test(one));
    if (wrong !== undefined) throw validation(`expected ${member} such as ${id.source.slice(1, -1)}, got '${wrong}'`);
  };
  check('Subnets', vpc.Subnets!, 16, /^subnet-[0-9a-z]+$/);
  check('SecurityGroupIds', vpc.SecurityGroupIds!, 5, /^sg-[0-9a-z]+$/);
}

function checkChannel(channel: NonNullable<CreateTrainingJobRequest['InputDataConfig']>[number]): void {
  const what = 'CreateTrainingJob InputDataConfig';
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(channel.ChannelName ?? '') || /^\.+$/.test(channel.ChannelName ?? '')) {
    throw validation(`expected a channel name of letters, digits, '.', '_' and '-', got '${channel.ChannelName}'`);
  }
  onlyMembers(what, channel, [
    'ChannelName',
    'DataSource',
    'ContentType',
    'CompressionType',
    'RecordWrapperType',
    'InputMode',
  ]);
  onlyValues(`${what}.CompressionType`, channel.CompressionType, ['None']);
  onlyValues(`${what}.RecordWrapperType`, channel.RecordWrapperType, ['None']);
  onlyValues(`${what}.InputMode`, channel.InputMode, ['File', 'FastFile']);
  onlyMembers(`${what}.DataSource`, channel.DataSource, ['S3DataSource']);
  const source = channel.DataSource?.S3DataSource;
  onlyMembers(`${what}.S3DataSource`, source, ['S3DataType', 'S3Uri', 'S3DataDistributionType']);
  onlyValues(`${what}.S3DataType`, source?.S3DataType, ['S3Prefix']);
  onlyValues(`${what}.S3DataDistributionType`, source?.S3DataDistributionType, ['FullyReplicated', 'ShardedByS3Key']);
  parseS3Uri(source?.S3Uri);
}

function requireUnique(names: readonly (string | undefined)[]): void {
  if (new Set(names).size < names.length) throw validation(`expected each channel name once, got ${names.join(', ')}`);
}
