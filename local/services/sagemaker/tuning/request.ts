import type {
  CreateHyperParameterTuningJobRequest,
  CreateTrainingJobRequest,
  HyperParameterTrainingJobDefinition,
  HyperParameterTuningJobConfig,
} from '@aws-sdk/client-sagemaker';
import type { Cloud, Need } from '../../../service.ts';
import { NotImplementedError } from '../../../service.ts';
import { arnOf, onlyMembers, onlyValues, requireMembers, requireName, validation } from '../names.ts';
import { passRole } from '../platform.ts';
import { tagContext, tagNeeds } from '../tags.ts';
import { checkTrainingRequest, trainingContext } from '../training/request.ts';
import { hyperbandRange } from './early-stopping.ts';
import { checkSearch, nextValues } from './search.ts';
import type { Values } from './space.ts';

/** Characters of a tuning job's name; its training jobs' names begin with it. */
export const LONGEST_NAME = 32;

const OPERATION = 'CreateHyperParameterTuningJob';

/** What CreateHyperParameterTuningJob must be allowed; its training jobs need nothing more of the caller. */
export function tuningNeeds(cloud: Cloud, request: CreateHyperParameterTuningJobRequest): Need[] {
  const resource = arnOf(cloud, 'hyper-parameter-tuning-job', request.HyperParameterTuningJobName ?? '');
  const { DefinitionName: _name, ...definition } = request.TrainingJobDefinition ?? {};
  const training = trainingContext(definition as Omit<CreateTrainingJobRequest, 'TrainingJobName'>);
  return [
    { action: `sagemaker:${OPERATION}`, resource, context: { ...training, ...tagContext(request.Tags) } },
    passRole(request.TrainingJobDefinition?.RoleArn ?? ''),
    ...tagNeeds(resource, request.Tags),
  ];
}

/**
 * @throws {ServiceError} ValidationException for what AWS refuses
 * @throws {NotImplementedError} for what has no effect here
 */
export function checkTuningRequest(request: CreateHyperParameterTuningJobRequest): void {
  const name = requireName('HyperParameterTuningJobName', request.HyperParameterTuningJobName, LONGEST_NAME);
  requireMembers(request, ['HyperParameterTuningJobConfig', 'TrainingJobDefinition']);
  const config = request.HyperParameterTuningJobConfig!;
  const definition = request.TrainingJobDefinition!;
  checkConfig(config);
  onlyMembers(`${OPERATION} TrainingJobDefinition`, definition, DEFINITION_MEMBERS);
  requireMembers(definition, [
    'AlgorithmSpecification',
    'RoleArn',
    'OutputDataConfig',
    'ResourceConfig',
    'StoppingCondition',
  ]);
  checkSearch(config, definition.StaticHyperParameters ?? {});
  checkHyperband(request);
  checkObjective(config, definition);
  checkTrainingRequest(trainingRequestOf(request, `${name}-001-00000000`, nextValues(config, name, [])));
}

/** The request of one training job. */
export function trainingRequestOf(
  request: CreateHyperParameterTuningJobRequest,
  name: string,
  values: Values,
): CreateTrainingJobRequest {
  const { StaticHyperParameters, DefinitionName: _name, ...definition } = request.TrainingJobDefinition!;
  const metric = request.HyperParameterTuningJobConfig!.HyperParameterTuningJobObjective!.MetricName!;
  return {
    ...(definition as Omit<CreateTrainingJobRequest, 'TrainingJobName'>),
    TrainingJobName: name,
    HyperParameters: { ...StaticHyperParameters, _tuning_objective_metric: metric, ...values },
    ...(request.Tags && { Tags: request.Tags }),
  };
}

const DEFINITION_MEMBERS = [
  'DefinitionName',
  'StaticHyperParameters',
  'AlgorithmSpecification',
  'RoleArn',
  'InputDataConfig',
  'VpcConfig',
  'OutputDataConfig',
  'ResourceConfig',
  'StoppingCondition',
  'EnableNetworkIsolation',
  'EnableInterContainerTrafficEncryption',
  'EnableManagedSpotTraining',
  'CheckpointConfig',
  'RetryStrategy',
  'Environment',
];

function checkConfig(config: HyperParameterTuningJobConfig): void {
  const what = `${OPERATION} HyperParameterTuningJobConfig`;
  onlyMembers(what, config, [
    'Strategy',
    'StrategyConfig',
    'HyperParameterTuningJobObjective',
    'ResourceLimits',
    'ParameterRanges',
    'TrainingJobEarlyStoppingType',
    'TuningJobCompletionCriteria',
    'RandomSeed',
  ]);
  requireMembers(config, ['Strategy', 'ResourceLimits', 'HyperParameterTuningJobObjective', 'ParameterRanges']);
  onlyValues(`${what}.Strategy`, config.Strategy, ['Random', 'Grid', 'Bayesian', 'Hyperband']);
  onlyValues(`${what}.TrainingJobEarlyStoppingType`, config.TrainingJobEarlyStoppingType, ['Off', 'Auto']);
  onlyMembers(`${what}.ParameterRanges`, config.ParameterRanges, [
    'IntegerParameterRanges',
    'ContinuousParameterRanges',
    'CategoricalParameterRanges',
  ]);
  onlyMembers(`${what}.TuningJobCompletionCriteria`, config.TuningJobCompletionCriteria, [
    'TargetObjectiveMetricValue',
    'BestObjectiveNotImproving',
  ]);
  checkLimits(config);
}

function checkHyperband(request: CreateHyperParameterTuningJobRequest): void {
  const { Strategy, StrategyConfig, TrainingJobEarlyStoppingType: early } = request.HyperParameterTuningJobConfig!;
  if (Strategy !== 'Hyperband') {
    if (StrategyConfig)
      throw validation(`expected StrategyConfig only for the Hyperband strategy, got it for ${Strategy}`);
    return;
  }
  onlyMembers(`${OPERATION} StrategyConfig`, StrategyConfig, ['HyperbandStrategyConfig']);
  if (early === 'Auto')
    throw validation('expected TrainingJobEarlyStoppingType Off, as Hyperband stops jobs by itself');
  const { least, most } = hyperbandRange(request);
  if (Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least && most <= 20_000) return;
  throw validation(
    `expected 1 <= MinResource <= MaxResource <= 20000, MaxResource perhaps from a static hyperparameter such as epochs, got ${least} and ${most}`,
  );
}

function checkLimits({ Strategy, ResourceLimits: limits }: HyperParameterTuningJobConfig): void {
  const { MaxNumberOfTrainingJobs: most, MaxParallelTrainingJobs: parallel } = limits!;
  if (limits!.MaxRuntimeInSeconds !== undefined)
    throw new NotImplementedError(`sagemaker:${OPERATION} ResourceLimits.MaxRuntimeInSeconds`);
  if (!(parallel! >= 1)) throw validation(`expected MaxParallelTrainingJobs >= 1, got ${parallel}`);
  if (Strategy !== 'Grid' && !(most! >= 1)) throw validation(`expected MaxNumberOfTrainingJobs >= 1, got ${most}`);
}

function checkObjective(config: HyperParameterTuningJobConfig, definition: HyperParameterTrainingJobDefinition): void {
  const { Type, MetricName } = config.HyperParameterTuningJobObjective!;
  if (Type !== 'Maximize' && Type !== 'Minimize')
    throw validation(`expected an objective of type Maximize or Minimize, got ${Type}`);
  const metrics = (definition.AlgorithmSpecification!.MetricDefinitions ?? []).map((metric) => metric.Name);
  if (metrics.includes(MetricName)) return;
  throw validation(
    `expected the objective metric '${MetricName}' among MetricDefinitions, got ${metrics.join(', ') || 'none'}`,
  );
}
