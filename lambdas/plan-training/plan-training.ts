import { digestOf } from '../../adapters/sha256.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { trainingHyperparameters } from '../../domain/training/container-contract.ts';
import { type ImageReference, imagesOf } from '../../domain/training/images.ts';
import { INPUTS_TAG, RELEASE_TAG, type TrainingJob, type TrainingJobs } from '../../domain/training/training-jobs.ts';
import { jobName } from '../shared/job-name.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import type { PlanTrainingInput, PlanTrainingOutput } from './contract.ts';

export interface PlanTrainingDependencies {
  readonly lineage: LineageStore;
  readonly jobs: TrainingJobs;
  readonly readDefinition: DefinitionReader;
  readonly account: string;
  readonly region: string;
  readonly prefix: string;
  readonly artifactsBucket: string;
}

/** Names tried for one attempt before giving up: a name that is taken is taken for ever. */
const NAMES = 10;

/** Earlier releases that are looked at for a training with the same inputs. */
const EARLIER_RELEASES = 50;

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
    const inputs = digestOf(recipe);
    const chosen = await chooseJob(dependencies, row, attempt, inputs);
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
      settings: spotSettings(dependencies, row, definition, inputs),
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
    channels: [
      channel('train', `${prepared.uri}/train/`, 'text/csv'),
      { ...channel('schema', `${prepared.uri}/schema/`, 'application/json'), ...asFile },
      ...(code === undefined ? [] : [{ ...channel('code', code, 'application/gzip'), ...asFile }]),
    ],
    instanceType: instance.types[0]!,
    instanceCount: instance.count,
    volumeGb: instance.volumeGb,
  };
}

/** Releases that were admitted before framework images were pinned. */
const byTag = ({ registry, repository, tag }: ImageReference, region: string): string =>
  `${registry}.dkr.ecr.${region}.amazonaws.com/${repository}:${tag}`;

/** Checkpoints are kept by what is computed: a training that was interrupted goes on where it was, whoever asks for it again. */
function spotSettings(
  { artifactsBucket }: PlanTrainingDependencies,
  { team, model }: ReleaseRow,
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
    CheckpointConfig: {
      S3Uri: `s3://${artifactsBucket}/${team}/${model}/checkpoints/${inputs}/`,
      LocalPath: '/opt/ml/checkpoints',
    },
  };
}

const folderOf = (bucket: string, key: string): string => `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`;

const channel = (ChannelName: string, S3Uri: string, ContentType: string): PlanTrainingOutput['channels'][number] => ({
  ChannelName,
  ContentType,
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri, S3DataDistributionType: 'FullyReplicated' } },
});

/** A job with the same inputs that runs or has completed is adopted, whichever attempt or earlier release made it. */
async function chooseJob(
  dependencies: PlanTrainingDependencies,
  { model, release, steps }: ReleaseRow,
  attempt: string,
  inputs: string,
): Promise<Pick<PlanTrainingOutput, 'action' | 'jobName'>> {
  if (steps.training) return { action: 'adopt', jobName: steps.training.jobName };
  const { jobs, prefix } = dependencies;
  const base = `${prefix}-${model}-r${release}`;
  const adoptable = (job: TrainingJob | undefined) =>
    job !== undefined && ['InProgress', 'Completed'].includes(job.status) && job.tags.get(INPUTS_TAG) === inputs;
  const reused = await completedBefore(dependencies, model, release, inputs);
  if (reused !== undefined) return { action: 'adopt', jobName: reused };
  for (const earlier of attemptsBefore(attempt)) {
    const name = jobName(`${base}-${earlier}`);
    if (adoptable(await jobs.find(name))) return { action: 'adopt', jobName: name };
  }
  for (let time = 1; time <= NAMES; time++) {
    const name = jobName(`${base}-${attempt}${time === 1 ? '' : `-${time}`}`);
    const job = await jobs.find(name);
    if (!job) return { action: 'create', jobName: name };
    if (adoptable(job)) return { action: 'adopt', jobName: name };
  }
  throw new RangeError(`expected a free job name among ${NAMES} for attempt ${attempt} of ${base}, got none`);
}

/** The job of an earlier release that made a model of the same inputs: training again would pay twice for one answer. */
async function completedBefore(
  { lineage, jobs }: PlanTrainingDependencies,
  model: string,
  release: number,
  inputs: string,
): Promise<string | undefined> {
  const earlier = (await lineage.listReleases(model))
    .filter((row) => row.release < release && row.steps.training?.inputs === inputs)
    .toSorted((a, b) => b.release - a.release)
    .slice(0, EARLIER_RELEASES);
  for (const { steps } of earlier) {
    const job = await jobs.find(steps.training!.jobName);
    if (job?.status === 'Completed' && job.tags.get(INPUTS_TAG) === inputs) return job.name;
  }
  return undefined;
}

/** `1-2` → `1-1`, `1-0`, and the last redrive's first: `0-0`. */
function attemptsBefore(attempt: string): string[] {
  const [redrive = 0, retry = 0] = attempt.split('-').map(Number);
  const retries = Array.from({ length: Math.min(retry, 10) }, (_, i) => `${redrive}-${retry - 1 - i}`);
  return redrive > 0 ? [...retries, `${redrive - 1}-0`] : retries;
}
