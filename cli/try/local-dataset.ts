import { open as openFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Fraction, sha256Hex } from '../../adapters/sha256.ts';
import { openTableFile } from '../../adapters/table-file.ts';
import { DatasetRefusedError } from '../../domain/errors.ts';
import { type HoldOutLabels, readLabels } from '../../domain/evaluation/predictions.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { columnsWithRoles } from '../../domain/tabular/column-roles.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import { joinTables, type TablePart } from '../../domain/tabular/join-tables.ts';
import {
  type ChannelCounts,
  holdOutRule,
  type IsHeldOut,
  trainingSchema,
  writeChannels,
} from '../../domain/tabular/split-dataset.ts';
import { type DatasetSurvey, type DatasetTables, surveyDataset } from '../../domain/tabular/survey-dataset.ts';
import type { Table } from '../../domain/tabular/table.ts';
import type { LocalFile } from '../dataset-files.ts';
import type { Workspace } from './workspace.ts';

/** A dataset that passed its checks, with what is tried of it laid out for the programs. */
export interface PreparedTry {
  readonly survey: DatasetSurvey;
  /** Of the rows that are tried. */
  readonly counts: ChannelCounts;
  readonly labels: HoldOutLabels;
  /** Lines of the hold-out's features, as a request holds them. */
  readonly holdout: readonly string[];
  /** Hex SHA-256 of the hold-out. */
  readonly holdoutSha256: string;
}

/** Opens the files of a dataset as often as they are read. */
export async function openFiles(
  files: readonly LocalFile[],
  definition: ModelDefinition,
): Promise<() => DatasetTables> {
  const wanted = new Set(columnsWithRoles(definition));
  const parts = await Promise.all(
    files.map(async ({ role, name, path }) => {
      const table = await openTableFile(path, definition.data.format);
      return { role, part: { name, open: () => table(wanted) } satisfies TablePart };
    }),
  );
  const of = (role: LocalFile['role']) => parts.filter((one) => one.role === role).map(({ part }) => part);
  const [train, test] = [of('train'), definition.data.test.split === 'file' ? of('test') : []];
  return () => ({
    train: train.length === 1 ? train[0]!.open() : joinTables(train),
    ...(test.length > 0 && { test: joinTables(test) }),
  });
}

/**
 * Checks the whole dataset and writes channels and hold-out of about `rows` of its rows, as the pipeline would of all of them.
 *
 * @throws {DatasetRefusedError} as the pipeline would refuse it, or what is tried leaves a side with one class
 */
export async function prepareTry(
  files: readonly LocalFile[],
  definition: ModelDefinition,
  rows: number,
  workspace: Workspace,
): Promise<PreparedTry> {
  if (definition.data.test.split === 'file' && !files.some(({ role }) => role === 'test'))
    throw new DatasetRefusedError('data.test.split is file, and there is no test file; name it with --test');
  const open = await openFiles(files, definition);
  const survey = await surveyDataset(open(), definition);
  const share = Math.min(1, rows / (survey.rows + (survey.test?.rows ?? 0)));
  const rule = holdOutRule(definition, survey, sha256Fraction);
  const sampled = sampler(open(), survey, rule, share);
  const paths = {
    train: join(workspace.channel('train'), 'train.csv'),
    features: join(workspace.holdout, 'features.csv'),
    labels: join(workspace.holdout, 'labels.csv'),
  };
  const [train, holdoutFeatures, holdoutLabels] = await Promise.all(
    [paths.train, paths.features, paths.labels].map((path) => openFile(path, 'w')),
  );
  const appendTrain = (text: string) => train!.appendFile(text);
  const counts = await writeChannels(sampled.tables, definition, survey, sampled.isHeldOut, {
    ...(definition.training.algorithm === undefined
      ? { train: appendTrain }
      : { train: async () => {}, algorithm: appendTrain }),
    holdoutFeatures: (text) => holdoutFeatures!.appendFile(text),
    holdoutLabels: (text) => holdoutLabels!.appendFile(text),
  }).finally(() => Promise.all([train, holdoutFeatures, holdoutLabels].map((file) => file!.close())));
  await writeFile(join(workspace.channel('schema'), 'schema.json'), JSON.stringify(trainingSchema(definition)));
  const features = await readFile(paths.features, 'utf8');
  const labels = await readFile(paths.labels);
  const records: (readonly string[])[] = [];
  for await (const batch of csvRecords(once(labels))) records.push(...batch.map(({ fields }) => fields));
  return {
    survey,
    counts,
    labels: readLabels(records, definition.problem),
    // A feature holds no line break: the checks refuse it.
    holdout: features.trimEnd().split('\n'),
    holdoutSha256: sha256Hex(`${features}\n${labels}`),
  };
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

/** Rows whose id hashes below the share: the same ones every time, on either side of the split. */
function sampler({ train, test }: DatasetTables, survey: DatasetSurvey, rule: IsHeldOut, share: number) {
  const places: number[] = [];
  const isTried = (id: string) => share === 1 || sha256Fraction(`try\n${id}`) < share;
  async function* tried(table: Table, id: number, kept?: number[]) {
    let row = -1;
    for await (const batch of table) {
      yield batch.filter(({ fields }) => {
        row += 1;
        if (row > 0 && !isTried(fields[id]!)) return false;
        if (row > 0) kept?.push(row - 1);
        return true;
      });
    }
  }
  return {
    tables: {
      train: tried(train, survey.roles.id, places),
      ...(test && survey.test && { test: tried(test, survey.test.roles.id) }),
    } satisfies DatasetTables,
    isHeldOut: ((row, id) => rule(places[row]!, id)) satisfies IsHeldOut,
  };
}
