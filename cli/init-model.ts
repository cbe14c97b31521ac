import { stringify } from 'yaml';
import { MODEL_NAME } from '../domain/model-definition/patterns.ts';
import type { ModelDefinition } from '../domain/model-definition.ts';
import type { Table } from '../domain/tabular/table.ts';
import { parseTimestamp } from '../domain/tabular/timestamp.ts';
import { UsageError } from './output.ts';

/** What a person says about their file; the rest is read from it. */
export interface InitWishes {
  readonly model: string;
  readonly target: string;
  readonly owner: string;
  readonly team: string;
  /** Absent: the first column whose values are all different. */
  readonly id?: string;
  /** Absent: the less frequent of the two answers. */
  readonly positiveClass?: string;
}

/** Distinct values that are kept of a column that is not an id. */
const MAX_VALUES = 10_000;

interface Column {
  readonly values: Map<string, number>;
  rows: number;
  numbers: number;
  times: number;
  filled: number;
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * A model.yaml for a table: columns typed by what they hold, the id and the time found by their values.
 *
 * @throws {UsageError} no such target, no id, or a target that is not one of two answers
 */
export async function draftDefinition(
  table: Table,
  wishes: InitWishes,
  format: ModelDefinition['data']['format'] = 'csv',
): Promise<string> {
  if (!MODEL_NAME.test(wishes.model))
    throw new UsageError(`expected a name of 2 to 30 of a-z, 0-9 and "-", a letter first, got "${wishes.model}"`);
  const { columns, rows } = await readColumns(table);
  const target = columns.get(wishes.target);
  if (!target) throw new UsageError(`expected a column ${wishes.target}, got ${[...columns.keys()].join(', ')}`);
  const id = idOf(columns, rows, wishes);
  const timestamp = [...columns].find(
    ([name, { times, filled, values }]) => name !== id && name !== wishes.target && times === filled && values.size > 1,
  )?.[0];
  const features = [...columns].filter(([name]) => ![id, timestamp, wishes.target].includes(name));
  return stringify({
    schema: 'launchway/v1',
    model: wishes.model,
    owner: wishes.owner,
    team: wishes.team,
    tier: 'standard',
    problem: { type: 'binary-classification', target: wishes.target, positiveClass: positiveOf(target, wishes) },
    columns: { id, ...(timestamp !== undefined && { timestamp }) },
    features: features.map(([name, { numbers, filled }]) => ({
      name,
      type: filled > 0 && numbers === filled ? 'numeric' : 'categorical',
    })),
    ...(format !== 'csv' && { data: { format } }),
    training: { framework: 'sklearn-1.2', source: 'src', entryPoint: 'train.py', hyperparameters: { c: 0.1, seed: 7 } },
  });
}

async function readColumns(table: Table) {
  let header: readonly string[] | undefined;
  const columns = new Map<string, Column>();
  let rows = 0;
  for await (const batch of table) {
    for (const { fields } of batch) {
      if (header) {
        rows += 1;
        for (const [i, name] of header.entries()) addValue(columns.get(name)!, fields[i] ?? '');
      } else {
        header = fields;
        for (const name of fields) columns.set(name, { values: new Map(), rows: 0, numbers: 0, times: 0, filled: 0 });
      }
    }
  }
  if (rows === 0) throw new UsageError('expected a header and rows, got no row');
  return { columns, rows };
}

function addValue(column: Column, value: string): void {
  // All different so far: it may be the id. Otherwise a sample of the values is enough.
  if (column.values.size === column.rows || column.values.size < MAX_VALUES || column.values.has(value))
    column.values.set(value, (column.values.get(value) ?? 0) + 1);
  column.rows += 1;
  if (value === '') return;
  column.filled += 1;
  if (NUMBER.test(value)) column.numbers += 1;
  else if (parseTimestamp(value) !== undefined) column.times += 1;
}

function idOf(columns: ReadonlyMap<string, Column>, rows: number, { id, target }: InitWishes): string {
  const isUnique = ({ values }: Column) => values.size === rows && !values.has('');
  if (id !== undefined) {
    const column = columns.get(id);
    if (!column || !isUnique(column))
      throw new UsageError(`expected --id to name a column whose values are all different, got ${id}`);
    return id;
  }
  const found = [...columns].find(([name, column]) => name !== target && column.times === 0 && isUnique(column));
  if (!found)
    throw new UsageError('expected a column whose values are all different, to join answers on, got none; add one');
  return found[0];
}

function positiveOf({ values }: Column, { target, positiveClass }: InitWishes): string {
  const labels = [...values].toSorted(([, a], [, b]) => a - b).map(([label]) => label);
  if (labels.length !== 2 || labels.includes(''))
    throw new UsageError(
      `expected two answers in ${target}, got ${labels.length}; init writes classifiers of two classes only`,
    );
  if (positiveClass !== undefined && !labels.includes(positiveClass))
    throw new UsageError(`expected --positive to be ${labels.join(' or ')}, got ${positiveClass}`);
  return positiveClass ?? labels[0]!;
}
