import { type ScratchFolder, ScratchLimitError, withScratchFolder } from '../../adapters/scratch-folder.ts';
import { digestOf, sha256Fraction, sha256Hex } from '../../adapters/sha256.ts';
import { DatasetRefusedError, NotFoundError } from '../../domain/errors.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { LineageStore, ObjectStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { s3Uri } from '../../domain/s3-uri.ts';
import type { HoldOut, PreparedData, SealedDataset } from '../../domain/step-results.ts';
import { driftSentences } from '../../domain/tabular/data-report.ts';
import { OWN_TEST_FILE, showBytes, sizeLimits } from '../../domain/tabular/size-limits.ts';
import {
  type ChannelCounts,
  type ChannelSink,
  holdOutRule,
  preparationRecipe,
  timeCut,
  trainingSchema,
  writeChannels,
} from '../../domain/tabular/split-dataset.ts';
import { type DatasetSurvey, type DatasetTables, surveyDataset } from '../../domain/tabular/survey-dataset.ts';
import { acceptedReport, keepDataReport } from '../shared/data-reports.ts';
import type { DefinitionReader } from '../shared/read-definition.ts';
import { reportingRefusal } from '../shared/refuse-dataset.ts';
import type { PrepareChannelsInput, PrepareChannelsOutput } from './contract.ts';
import { judgePrepared } from './judge-prepared.ts';
import { type OpenedDataset, openDataset } from './open-dataset.ts';
import { watchTrainingDrift } from './training-drift.ts';

export interface PrepareChannelsDependencies {
  readonly lineage: LineageStore;
  readonly objects: ObjectStore;
  readonly readDefinition: DefinitionReader;
  readonly artifactsBucket: string;
}

/**
 * Checks a sealed dataset, splits it, and writes training channels and hold-out beside it. The folder's name is the digest of
 * what decides their contents, so the same preparation is never written twice.
 *
 * @throws {DatasetRefusedError} the dataset cannot be trained on; the message says why, row by row
 * @throws {SliceTooSmallError} a slice gate that no value of its attribute has rows enough for
 * @throws {MarginNotResolvableError} a margin that the hold-out cannot tell from chance
 */
export const prepareChannels =
  (dependencies: PrepareChannelsDependencies) =>
  async ({ model, release }: PrepareChannelsInput): Promise<PrepareChannelsOutput> => {
    const { lineage, readDefinition } = dependencies;
    const row = await lineage.getRelease(model, release);
    const { steps, inputs } = row;
    if (steps.prepared) return { trainRows: steps.prepared.trainRows, holdoutRows: steps.prepared.holdoutRows };
    if (!steps.dataset) throw new NotFoundError(`expected a sealed dataset of release ${model}/${release}, got none`);
    const definition = await readDefinition(inputs.definition);
    const { prepared, dataReport } = await prepareAndReport(dependencies, row, steps.dataset, definition);
    await lineage.recordSteps(
      model,
      release,
      { prepared, dataReport },
      {
        type: 'DataPrepared',
        actor: 'launchway:prepare-channels',
        subject: `release/${release}`,
        details: {
          recipe: prepared.recipe,
          holdout: prepared.holdoutSha256,
          trainRows: prepared.trainRows,
          holdoutRows: prepared.holdoutRows,
        },
      },
    );
    return { trainRows: prepared.trainRows, holdoutRows: prepared.holdoutRows };
  };

/** What a reader of the release could not reproduce. */
function provenanceFindings({ source }: SealedDataset): string[] {
  if (!source) return [];
  if (source.commit === undefined)
    return ['The git commit of the source is not recorded: it was not submitted from a repository.'];
  return source.commit.endsWith('+changes')
    ? [`The source differs from its git commit ${source.commit.slice(0, 12)}: it was submitted with changes.`]
    : [];
}

/** Accepted or refused, the dataset gets a report; a refused one is kept where nothing trains from. */
function prepareAndReport(
  dependencies: PrepareChannelsDependencies,
  row: ReleaseRow,
  dataset: SealedDataset,
  definition: ModelDefinition,
): Promise<{ readonly prepared: PreparedData; readonly dataReport: ObjectRef }> {
  const { objects, artifactsBucket } = dependencies;
  return reportingRefusal(dependencies, row, dataset, async () => {
    const watch = await watchTrainingDrift(dependencies, definition);
    const { prepared, survey } = await withScratchFolder((scratch) =>
      prepare(scratch, objects, definition, dataset, watch?.row),
    );
    const drift = watch?.finish();
    const judged = await judgePrepared(dependencies, definition, prepared);
    const findings = [
      ...prepared.findings,
      ...judged.findings,
      ...provenanceFindings(dataset),
      ...(drift ? driftSentences(drift, survey, definition.problem.target) : []),
    ];
    const report = acceptedReport(row, dataset, survey, findings, drift);
    const dataReport = await keepDataReport(objects, artifactsBucket, row, report);
    // The data are good; what is asked of the model could not be seen on them, so nothing is trained.
    if (judged.refusal) throw judged.refusal;
    return { prepared: { ...prepared, findings }, dataReport };
  });
}

async function prepare(
  scratch: ScratchFolder,
  objects: ObjectStore,
  definition: ModelDefinition,
  dataset: SealedDataset,
  trainRow: ChannelSink['trainRow'],
): Promise<{ readonly prepared: PreparedData; readonly survey: DatasetSurvey }> {
  const opened = await openDataset(objects, scratch, dataset, definition);
  const survey = await surveyDataset(tablesOf(opened), definition);
  const recipe = digestOf(preparationRecipe(definition));
  const { bucket, key } = dataset.object;
  const folder = { bucket, key: `${key.slice(0, key.lastIndexOf('/'))}/prepared/${recipe}` };
  const written = await write(scratch, objects, definition, opened, survey, folder, trainRow);
  const schema = JSON.stringify(trainingSchema(definition));
  await objects.putOnce({ bucket, key: `${folder.key}/schema/schema.json` }, schema, 'application/json');
  const prepared: PreparedData = {
    uri: s3Uri(folder),
    recipe,
    trainRows: written.counts.trainRows,
    holdoutRows: written.counts.holdoutRows,
    holdoutSha256: sha256Hex(`${written.features}\n${written.labels}`),
    split: holdOutOf(definition, survey, written.counts, opened.testSha256),
    ...(survey.isInTimeOrder && { inTimeOrder: true as const }),
    findings: [...survey.findings, ...opened.findings, ...written.counts.findings],
  };
  return { prepared, survey };
}

async function write(
  scratch: ScratchFolder,
  objects: ObjectStore,
  definition: ModelDefinition,
  dataset: OpenedDataset,
  survey: DatasetSurvey,
  folder: ObjectRef,
  trainRow: ChannelSink['trainRow'],
) {
  const limit = sizeLimits(definition.data.test.split).bytes;
  const [train, features, labels] = await Promise.all([
    scratch.writer('train.csv', limit),
    scratch.writer('features.csv', limit),
    scratch.writer('labels.csv', limit),
  ]);
  const algorithm =
    definition.training.algorithm === undefined ? undefined : await scratch.writer('algorithm.csv', limit);
  const isHeldOut = holdOutRule(definition, survey, sha256Fraction);
  const counts = await withinDisk(limit, definition, () =>
    writeChannels(tablesOf(dataset), definition, survey, isHeldOut, {
      ...(trainRow && { trainRow }),
      train: (text) => train.write(text),
      ...(algorithm && { algorithm: (text: string) => algorithm.write(text) }),
      holdoutFeatures: (text) => features.write(text),
      holdoutLabels: (text) => labels.write(text),
    }),
  );
  const files = { train: await train.close(), features: await features.close(), labels: await labels.close() };
  const forAlgorithm = await algorithm?.close();
  for (const [file, name] of [
    [files.train, 'train/train.csv'],
    ...(forAlgorithm ? [[forAlgorithm, 'algorithm/train.csv'] as const] : []),
    [files.features, 'holdout/features.csv'],
    [files.labels, 'holdout/labels.csv'],
  ] as const) {
    await objects.putFileOnce({ bucket: folder.bucket, key: `${folder.key}/${name}` }, file.path, 'text/csv');
  }
  return { counts, features: files.features.sha256, labels: files.labels.sha256 };
}

/** A dataset may take more as text than it did as Parquet. */
async function withinDisk<Result>(
  limit: number,
  { data }: ModelDefinition,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ScratchLimitError)) throw error;
    throw new DatasetRefusedError(
      `expected rows that take at most ${showBytes(limit)} as text for a split by ${data.test.split}, got more; ${OWN_TEST_FILE}`,
      {},
      { cause: error },
    );
  }
}

const tablesOf = ({ train, test }: OpenedDataset): DatasetTables => ({ train: train(), ...(test && { test: test() }) });

function holdOutOf(
  { data: { test } }: ModelDefinition,
  survey: DatasetSurvey,
  { trainRows, holdoutRows }: ChannelCounts,
  testSha256: string | undefined,
): HoldOut {
  if (test.split === 'file') {
    const fraction = holdoutRows / (trainRows + holdoutRows);
    return { kind: 'file', fraction, ...(testSha256 !== undefined && { sha256: testSha256 }) };
  }
  const { split, fraction } = test;
  if (split === 'id-hash') return { kind: split, fraction };
  return { kind: split, fraction, from: new Date(timeCut(survey.timestamps, fraction)).toISOString() };
}
