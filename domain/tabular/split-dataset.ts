import { DatasetRefusedError, HoldOutOneClassError } from '../errors.ts';
import type { ModelDefinition } from '../model-definition.ts';
import type { ColumnRoles } from './column-roles.ts';
import { csvLine } from './csv-records.ts';
import type { DatasetSurvey, DatasetTables } from './survey-dataset.ts';
import type { Table, TableRecord } from './table.ts';

/** Uniform on [0, 1) and the same for the same text for ever: the first 52 bits of its SHA-256. */
export type HashFraction = (text: string) => number;

/** True where a row belongs to the hold-out. `row` counts from 0. */
export type IsHeldOut = (row: number, id: string) => boolean;

/**
 * The rule that sends each row of the training data to training or to the hold-out.
 *
 * `time`: the last `fraction` of rows by timestamp; rows of one instant stay together, in the hold-out. `id-hash`: rows whose
 * salted id hashes below `fraction`; the salt is the model's name, so a row stays on its side in every version. `file`: none, the
 * hold-out has a file of its own.
 */
export function holdOutRule(definition: ModelDefinition, survey: DatasetSurvey, hashFraction: HashFraction): IsHeldOut {
  const { test } = definition.data;
  if (test.split === 'file') return () => false;
  if (test.split === 'id-hash') return (_row, id) => hashFraction(`${definition.model}\n${id}`) < test.fraction;
  const cut = timeCut(survey.timestamps, test.fraction);
  return (row) => survey.timestamps[row]! >= cut;
}

/** The instant at which the hold-out begins. */
export function timeCut(timestamps: ArrayLike<number>, fraction: number): number {
  const sorted = new Float64Array(timestamps).sort();
  return sorted[Math.max(0, sorted.length - Math.max(1, Math.round(sorted.length * fraction)))]!;
}

/** Where the prepared files go; text arrives in order. */
export interface ChannelSink {
  /** Every row to train on, as its features; before its text. */
  readonly trainRow?: (features: readonly string[]) => void;
  readonly train: (text: string) => Promise<void>;
  /** The same rows as built-in algorithms read them: no header, the target first. */
  readonly algorithm?: (text: string) => Promise<void>;
  readonly holdoutFeatures: (text: string) => Promise<void>;
  readonly holdoutLabels: (text: string) => Promise<void>;
}

export interface ChannelCounts {
  readonly trainRows: number;
  readonly holdoutRows: number;
  readonly findings: readonly string[];
}

/** A hold-out below this says little: SE(AUC) is above .05 with 20 % positive. */
const SMALL_HOLDOUT = 200;

/**
 * The second pass: writes train.csv (header, features in declared order, target last), the hold-out's features (no header) and
 * its labels (`row_id,target,<attributes>`), rows in the order of the dataset.
 *
 * @throws {DatasetRefusedError} one side is empty
 * @throws {HoldOutOneClassError} one side holds one class only
 */
export async function writeChannels(
  { train, test }: DatasetTables,
  definition: ModelDefinition,
  survey: DatasetSurvey,
  isHeldOut: IsHeldOut,
  sink: ChannelSink,
): Promise<ChannelCounts> {
  const { features, columns, problem } = definition;
  await sink.train(csvLine([...features.map(({ name }) => name), problem.target]));
  await sink.holdoutLabels(csvLine(['row_id', 'target', ...columns.attributes]));
  const counts: Sides = { train: new Map(), holdout: new Map() };
  // Algorithms know classes by number.
  const answer = (target: string) =>
    problem.type === 'binary-classification' ? (target === problem.positiveClass ? '1' : '0') : target;
  await writeRows(train, survey.roles, isHeldOut, sink, counts, answer);
  if (test && survey.test) await writeRows(test, survey.test.roles, () => true, sink, counts, answer);
  return judgeSides(definition, counts.train, counts.holdout);
}

type Sides = Readonly<Record<'train' | 'holdout', Map<string, number>>>;

async function writeRows(
  table: Table,
  roles: ColumnRoles,
  isHeldOut: IsHeldOut,
  sink: ChannelSink,
  counts: Sides,
  answer: (target: string) => string,
) {
  let row = -1;
  for await (const batch of table) {
    const text = { train: '', algorithm: '', holdoutFeatures: '', holdoutLabels: '' };
    for (const record of batch) {
      if (row >= 0) writeRow(record, roles, isHeldOut(row, record.fields[roles.id]!), text, counts, sink, answer);
      row += 1;
    }
    if (text.train) await sink.train(text.train);
    if (text.algorithm) await sink.algorithm?.(text.algorithm);
    if (text.holdoutFeatures) await sink.holdoutFeatures(text.holdoutFeatures);
    if (text.holdoutLabels) await sink.holdoutLabels(text.holdoutLabels);
  }
}

function writeRow(
  { fields }: TableRecord,
  roles: ColumnRoles,
  heldOut: boolean,
  text: Record<'train' | 'algorithm' | 'holdoutFeatures' | 'holdoutLabels', string>,
  counts: Sides,
  sink: ChannelSink,
  answer: (target: string) => string,
): void {
  const features = roles.features.map((i) => fields[i]!);
  const target = fields[roles.target]!;
  const side = heldOut ? counts.holdout : counts.train;
  side.set(target, (side.get(target) ?? 0) + 1);
  if (heldOut) {
    text.holdoutFeatures += csvLine(features);
    text.holdoutLabels += csvLine([fields[roles.id]!, target, ...roles.attributes.map((i) => fields[i]!)]);
    return;
  }
  sink.trainRow?.(features);
  text.train += csvLine([...features, target]);
  if (sink.algorithm) text.algorithm += csvLine([answer(target), ...features]);
}

const total = (side: ReadonlyMap<string, number>): number => [...side.values()].reduce((sum, rows) => sum + rows, 0);

function judgeSides(
  { problem, data }: ModelDefinition,
  train: ReadonlyMap<string, number>,
  holdout: ReadonlyMap<string, number>,
): ChannelCounts {
  const trainRows = total(train);
  const holdoutRows = total(holdout);
  const rows = trainRows + holdoutRows;
  for (const [side, classes, count] of [
    ['training', train, trainRows],
    ['hold-out', holdout, holdoutRows],
  ] as const) {
    const why =
      data.test.split === 'file'
        ? `the ${side} file has ${count} rows`
        : `the split by ${data.test.split} leaves ${count} of ${rows} rows for ${side}`;
    if (count === 0) throw refusedSplit(rows, `${why}; both sides need rows`);
    if (problem.type !== 'regression' && classes.size < 2) {
      const found = `${why}, all with ${problem.target} = "${[...classes.keys()][0]}"; both sides need two classes`;
      throw new HoldOutOneClassError(found, { rows, problems: [found] });
    }
  }
  const small = `The hold-out has ${holdoutRows} rows; below ${SMALL_HOLDOUT} a measurement says little.`;
  return { trainRows, holdoutRows, findings: holdoutRows < SMALL_HOLDOUT ? [small] : [] };
}

const refusedSplit = (rows: number, problem: string) => new DatasetRefusedError(problem, { rows, problems: [problem] });

/** `schema.json` beside the training data: what the training program needs to know about the columns. */
export const trainingSchema = ({ features, problem }: ModelDefinition) => ({
  features: features.map(({ name, type }) => ({ name, type })),
  target: problem.target,
  ...(problem.positiveClass !== undefined && { positiveClass: problem.positiveClass }),
  ...(problem.classes && { classes: problem.classes }),
  problem: problem.type,
});

/** What decides how a dataset is prepared; its digest is the recipe's name. */
export const preparationRecipe = ({ model, features, columns, problem, data }: ModelDefinition) => ({
  format: 1,
  features: features.map(({ name, type }) => ({ name, type })),
  columns,
  target: problem.target,
  positiveClass: problem.positiveClass,
  problem: problem.type,
  ...(problem.classes && { classes: problem.classes }),
  test: data.test,
  checks: data.checks,
  // The id-hash split is salted by it.
  ...(data.test.split === 'id-hash' && { salt: model }),
});
