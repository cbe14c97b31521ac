import { digestOf } from '../../adapters/sha256.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { trainingHyperparameters } from '../../domain/training/container-contract.ts';
import { type ImageReference, imagesOf } from '../../domain/training/images.ts';
import { INPUTS_TAG, RELEASE_TAG } from '../../domain/training/training-jobs.ts';
import { searchPlan } from '../../domain/training/tuning.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { type ChooseJobDependencies, chooseJob } from './choose-job.ts';
import type { PlanTrainingInput, PlanTrainingOutput } from './contract.ts';

export interface PlanTrainingDependencies extends ChooseJobDependencies {
  readonly readDefinition: DefinitionReader;
  readonly config: Pick<DeployedConfig, 'quotas'>;
  readonly account: string;
  readonly region: string;
  readonly artifactsBucket: string;
}

/**
 * Says what `Train Model` is to run, or which job is to be adopted instead: one of this release, or one of an earlier release of
 * the model that trained on the same inputs (a changed gate, an expired approval).
 */
export const planTraining =
  (dependencies: PlanTrainingDependencies) =>
  async ({ model, release, attempt, withoutCapacity = 0 }: PlanTrainingInput): Promise<PlanTrainingOutput> => {
    const { lineage, readDefinition } = dependencies;
    const row = await lineage.getRelease(model, release);
    const definition = await readDefinition(row.inputs.definition);
    const recipe = recipeOf(dependencies, row, definition);
    const { tuning } = definition.training;
    const inputs = digestOf({ ...recipe, ...(tuning && { tuning }) });
    const chosen = await chooseJob(dependencies, row, attempt, inputs, tuning !== undefined);
    await lineage.moveRelease(
      model,
      release,
      'Training',
      {},
      {
        type: 'TrainingPlanned',
        actor: 'launchway:plan-training',
        subject: `release/${release}`,
        details: { ...chosen, inputs, withoutCapacity },
      },
    );
    const { types } = definition.training.instance;
    return {
      ...chosen,
      ...recipe,
      // The recipe names the first: which one has capacity does not decide what is computed.
      instanceType: types[withoutCapacity] ?? types.at(-1)!,
      withoutCapacity: types.slice(0, withoutCapacity),
      typesLeft: Math.max(0, types.length - 1 - withoutCapacity),
      inputMode: definition.training.inputMode === 'fastFile' ? 'FastFile' : 'File',
      ...slotOf(dependencies, row, definition, withoutCapacity),
      settings: spotSettings(dependencies, row, definition, inputs),
      ...(tuning && { search: searchPlan(definition, tuning, searchSeed(definition, inputs)) }),
      roleArn: `arn:aws:iam::${dependencies.account}:role/${dependencies.prefix}-${row.team}-train`,
      // SageMaker adds `{job}/output/model.tar.gz`.
      outputUri: `s3://${dependencies.artifactsBucket}/${row.team}/${model}/releases/${release}/training`,
      maxRuntimeSeconds: definition.training.maxRuntimeMinutes * 60,
      tags: [
        { Key: 'launchway:model', Value: model },
        { Key: 'launchway:team', Value: row.team },
        { Key: RELEASE_TAG, Value: String(release) },
        { Key: INPUTS_TAG, Value: inputs },
      ],
    };
  };

function recipeOf({ region }: PlanTrainingDependencies, row: ReleaseRow, definition: ModelDefinition) {
  const { prepared, dataset } = row.steps;
  if (!prepared || !dataset)
    throw new NotFoundError(`expected prepared data of release ${row.model}/${row.release}, got none`);
  const { framework, instance } = definition.training;
  const image =
    row.inputs.image ?? (framework === undefined ? undefined : byTag(imagesOf(definition, region).training, region));
  if (image === undefined)
    throw new NotFoundError(`expected a pinned image of release ${row.model}/${row.release}, got none`);
  // Only the training channel is streamed: code and schema are read as files.
  const asFile = definition.training.inputMode === 'fastFile' ? ({ InputMode: 'File' } as const) : {};
  const code = dataset.source && folderOf(dataset.source.bucket, dataset.source.key);
  return {
    image,
    hyperparameters: trainingHyperparameters(definition),
    // Built-in algorithms refuse channels that they do not know.
    channels: definition.training.algorithm
      ? [channel('train', `${prepared.uri}/algorithm/`, 'text/csv')]
      : [
          channel('train', `${prepared.uri}/train/`, 'text/csv'),
          { ...channel('schema', `${prepared.uri}/schema/`, 'application/json'), ...asFile },
          ...(code === undefined ? [] : [{ ...channel('code', code, 'application/gzip'), ...asFile }]),
        ],
    instanceType: instance.types[0]!,
    instanceCount: instance.count,
    volumeGb: instance.volumeGb,
  };
}

/** A search uses as many instances as it has trainings at once. */
function slotOf(
  { config }: PlanTrainingDependencies,
  { team }: ReleaseRow,
  { training }: ModelDefinition,
  withoutCapacity: number,
): Pick<PlanTrainingOutput, 'slot'> {
  const { types, count } = training.instance;
  const instanceType = types[withoutCapacity] ?? types.at(-1)!;
  const use = training.spot ? 'spotTraining' : 'training';
  if (config.quotas?.[instanceType]?.[use] === undefined) return {};
  return { slot: { use, instanceType, count: count * (training.tuning?.maxParallelJobs ?? 1), team } };
}

/** The model's own seed, or one that follows from what is searched: the same inputs search in the same way. */
function searchSeed({ training }: ModelDefinition, inputs: string): number {
  const { seed } = training.hyperparameters;
  const isSeed = typeof seed === 'number' && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31;
  return isSeed ? seed : Number.parseInt(inputs.slice(0, 7), 16);
}

/** Releases that were admitted before framework images were pinned. */
const byTag = ({ registry, repository, tag }: ImageReference, region: string): string =>
  `${registry}.dkr.ecr.${region}.amazonaws.com/${repository}:${tag}`;

/**
 * Checkpoints are kept by what is computed: a training that was interrupted goes on where it was, whoever asks for it again; but a
 * reproduction, which begins anew.
 */
function spotSettings(
  { artifactsBucket }: PlanTrainingDependencies,
  { team, model, release, reproduces }: ReleaseRow,
  { training }: ModelDefinition,
  inputs: string,
): PlanTrainingOutput['settings'] {
  if (!training.spot) return {};
  return {
    EnableManagedSpotTraining: true,
    StoppingCondition: {
      MaxRuntimeInSeconds: training.maxRuntimeMinutes * 60,
      MaxWaitTimeInSeconds: (training.maxWaitMinutes ?? training.maxRuntimeMinutes) * 60,
    },
    // The trials of a search would share them.
    ...(training.tuning === undefined && {
      CheckpointConfig: {
        S3Uri: `s3://${artifactsBucket}/${team}/${model}/checkpoints/${inputs}${reproduces === undefined ? '' : `-r${release}`}/`,
        LocalPath: '/opt/ml/checkpoints',
      },
    }),
  };
}

const folderOf = (bucket: string, key: string): string => `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`;

const channel = (ChannelName: string, S3Uri: string, ContentType: string): PlanTrainingOutput['channels'][number] => ({
  ChannelName,
  ContentType,
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri, S3DataDistributionType: 'FullyReplicated' } },
});
