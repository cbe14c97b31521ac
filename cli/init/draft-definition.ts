import { Document, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { MODEL_NAME } from '../../domain/model-definition/patterns.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Table } from '../../domain/tabular/table.ts';
import { UsageError } from '../output.ts';
import { draftProblem, type ProblemWish } from './draft-problem.ts';
import { type Column, isNumeric, isUnique, readColumns } from './read-columns.ts';

/** What a person says about their file; the rest is read from it. */
export interface InitWishes {
  readonly model: string;
  readonly target: string;
  readonly owner: string;
  readonly team: string;
  /** Absent: the first column whose values are all different. */
  readonly id?: string;
  /** Absent: two answers are two classes, many numbers a regression. */
  readonly problem?: ProblemWish;
  /** Absent: the less frequent of the two answers. */
  readonly positiveClass?: string;
  /** Columns that are to be no features, with the reason. */
  readonly leaveOut?: ReadonlyMap<string, string>;
}

export interface DraftedDefinition {
  /** model.yaml */
  readonly text: string;
  /** What was found and decided that a person should know. */
  readonly notes: readonly string[];
}

/** What model.yaml asks for by itself. */
const DEFAULTS = { minRows: 1000, minClassRows: 10, maxMissingFraction: 0.05 };
/** Fewer than this are no dataset (`data.checks.minRows` may not be less). */
const FEWEST_ROWS = 20;
/** A text with more different values than this share of the rows is an id, or words. */
const LOOKS_LIKE_AN_ID = 0.9;

/**
 * A model.yaml for a table: columns typed by what they hold, the id and the time found by their values, columns that can tell
 * nothing left out, and checks that this file passes.
 *
 * @throws {UsageError} no such target, no id, an answer that is none, or no feature
 */
export async function draftDefinition(
  table: Table,
  wishes: InitWishes,
  format: ModelDefinition['data']['format'] = 'csv',
): Promise<DraftedDefinition> {
  if (!MODEL_NAME.test(wishes.model))
    throw new UsageError(`expected a name of 2 to 30 of a-z, 0-9 and "-", a letter first, got "${wishes.model}"`);
  const { columns, rows } = await readColumns(table);
  if (rows < FEWEST_ROWS) throw new UsageError(`expected at least ${FEWEST_ROWS} rows, got ${rows}`);
  const target = columns.find(({ name }) => name === wishes.target);
  if (!target)
    throw new UsageError(`expected a column ${wishes.target}, got ${columns.map(({ name }) => name).join(', ')}`);
  const problem = draftProblem(target, wishes);
  const id = idOf(columns, wishes);
  const others = columns.filter(({ name }) => name !== id && name !== wishes.target);
  const timestamp = others.find(({ times, filled, values }) => times === filled && values.size > 1)?.name;
  const leftOut = new Map(
    others.flatMap((column) => {
      const why = column.name === timestamp ? undefined : (wishes.leaveOut?.get(column.name) ?? whyNot(column));
      return why === undefined ? [] : [[column.name, why] as const];
    }),
  );
  const features = others.filter(({ name }) => name !== timestamp && !leftOut.has(name));
  if (features.length === 0) throw new UsageError('expected a column that is a feature, got none');
  const checks = checksFor(rows, features, problem.type === 'regression' ? undefined : target);
  const text = render(
    {
      schema: 'launchway/v1',
      model: wishes.model,
      owner: wishes.owner,
      team: wishes.team,
      tier: 'standard',
      problem,
      columns: { id, ...(timestamp !== undefined && { timestamp }), ...(leftOut.size > 0 && { others: 'ignore' }) },
      features: features.map((column) => ({ name: column.name, type: isNumeric(column) ? 'numeric' : 'categorical' })),
      ...((format !== 'csv' || checks) && { data: { ...(format !== 'csv' && { format }), ...(checks && { checks }) } }),
      training: {
        framework: 'sklearn-1.2',
        source: 'src',
        entryPoint: 'train.py',
        hyperparameters: { c: 0.1, seed: 7 },
      },
    },
    leftOut,
  );
  return { text, notes: notesOn({ id, timestamp, checks, leftOut, rows }, problem) };
}

function idOf(columns: readonly Column[], { id, target }: InitWishes): string {
  if (id !== undefined) {
    const column = columns.find(({ name }) => name === id);
    if (!column || !isUnique(column))
      throw new UsageError(`expected --id to name a column whose values are all different, got ${id}`);
    return id;
  }
  // A number with decimals is a measurement, however different its values.
  const isWhole = ({ values }: Column) =>
    ![...values.keys()].slice(0, 100).some((value) => /^[-+]?\d*\.\d/.test(value));
  const found = columns.find((one) => one.name !== target && one.times === 0 && isUnique(one) && isWhole(one));
  if (!found)
    throw new UsageError(
      'expected a column whose values are all different, to join answers on, got none; add one that stays with its row when the file grows (not the number of the row)',
    );
  return found.name;
}

/** Why a column can be no feature. */
function whyNot(column: Column): string | undefined {
  const { name, values, filled, rows } = column;
  if (name === '') return 'it has no name (the index of pandas? write the file with index=False)';
  if (filled === 0) return 'it is empty';
  if (values.size === 1) return 'it has the same value in every row';
  if (!isNumeric(column) && values.size > rows * LOOKS_LIKE_AN_ID)
    return `its ${values.size} values in ${rows} rows look like an id`;
  return undefined;
}

/** What this file needs where the defaults would refuse it. */
function checksFor(rows: number, features: readonly Column[], classes: Column | undefined) {
  const missing = Math.max(...features.map(({ filled }) => 1 - filled / rows));
  const rarest = classes ? Math.min(...classes.values.values()) : DEFAULTS.minClassRows;
  const checks = {
    ...(rows < DEFAULTS.minRows && { minRows: Math.max(FEWEST_ROWS, Math.floor(rows * 0.9)) }),
    ...(rarest < DEFAULTS.minClassRows && { minClassRows: rarest }),
    ...(missing > DEFAULTS.maxMissingFraction && { maxMissingFraction: Math.min(1, Math.ceil(missing * 20 + 1) / 20) }),
  };
  return Object.keys(checks).length > 0 ? checks : undefined;
}

interface Decided {
  readonly id: string;
  readonly timestamp: string | undefined;
  readonly checks: Readonly<Record<string, number>> | undefined;
  readonly leftOut: ReadonlyMap<string, string>;
  readonly rows: number;
}

function notesOn(
  { id, timestamp, checks, leftOut, rows }: Decided,
  { type, target, positiveClass, classes }: ReturnType<typeof draftProblem>,
): string[] {
  const what =
    positiveClass !== undefined
      ? `the positive class is "${positiveClass}"`
      : classes
        ? `${classes.length} classes`
        : 'a number';
  return [
    `${target}: ${type}, ${what}`,
    `${id}: the id, which outcomes are joined on; it must stay the same for a row in every file`,
    timestamp === undefined
      ? 'no column of times: rows are held out by a hash of the id'
      : `${timestamp}: the time; the last fifth of the rows is held out`,
    ...[...leftOut].map(([name, why]) => `${name}: left out, since ${why}`),
    ...Object.entries(checks ?? {}).map(
      ([name, value]) => `data.checks.${name}: ${value}, looser than the default because of this file of ${rows} rows`,
    ),
  ];
}

/** Lists and small maps on one line, as people write them. */
function render(definition: Readonly<Record<string, unknown>>, leftOut: ReadonlyMap<string, string>): string {
  const document = new Document(definition);
  const flow = (node: unknown) => {
    (node as YAMLMap | YAMLSeq).flow = true;
  };
  for (const path of [['problem'], ['columns'], ['data'], ['training', 'hyperparameters']])
    if (document.hasIn(path)) flow(document.getIn(path));
  // Class labels are texts: elsewhere than here, yes is true and 1 a number.
  const quote = (node: unknown) => {
    (node as Scalar).type = 'QUOTE_DOUBLE';
  };
  if (document.hasIn(['problem', 'positiveClass'])) quote(document.getIn(['problem', 'positiveClass'], true));
  const classes = document.getIn(['problem', 'classes']) as YAMLSeq | undefined;
  for (const label of classes?.items ?? []) quote(label);
  const features = document.get('features') as YAMLSeq;
  for (const feature of features.items) flow(feature);
  const before = (key: string, comment: string) => {
    const pair = (document.contents as YAMLMap).items.find((item) => String(item.key) === key)!;
    (pair.key as Node).commentBefore = comment;
  };
  const left = [...leftOut].map(([name, why]) => ` ${name.replace(/\p{C}/gu, '�')}: ${why}`);
  before('problem', ' What is predicted.');
  if (left.length > 0) before('columns', [' Not read (others: ignore):', ...left].join('\n'));
  before('features', ' What callers send, in this order. Is each known before the answer is?');
  document.commentBefore =
    ' Drafted by launchway init: read it before you trust it. launchway check prints every default.\n description, a sentence for approvers, is worth adding: who is decided about, and what.';
  return document.toString({ lineWidth: 0 });
}
