import type { Table } from '../../domain/tabular/table.ts';
import { parseTimestamp } from '../../domain/tabular/timestamp.ts';
import { UsageError } from '../output.ts';

/** What a column of a file holds, as far as it says what the column is for. */
export interface Column {
  readonly name: string;
  /** Different values and how often each occurs; all of them where every value is different, otherwise the first 10,000. */
  readonly values: ReadonlyMap<string, number>;
  readonly rows: number;
  /** Values that are numbers, and times; those that are there at all. */
  readonly numbers: number;
  readonly times: number;
  readonly filled: number;
}

interface Counted extends Column {
  readonly values: Map<string, number>;
  rows: number;
  numbers: number;
  times: number;
  filled: number;
}

/** Distinct values that are kept of a column that is not an id. */
const MAX_VALUES = 10_000;

const NUMBER = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;

/** @throws {UsageError} no rows, or a column twice */
export async function readColumns(
  table: Table,
): Promise<{ readonly columns: readonly Column[]; readonly rows: number }> {
  let columns: Counted[] | undefined;
  let rows = 0;
  for await (const batch of table) {
    for (const { fields } of batch) {
      if (columns) {
        rows += 1;
        for (const [i, column] of columns.entries()) addValue(column, fields[i] ?? '');
      } else columns = columnsOf(fields);
    }
  }
  if (rows === 0 || !columns) throw new UsageError('expected a header and rows, got no row');
  return { columns, rows };
}

function columnsOf(header: readonly string[]): Counted[] {
  const twice = header.find((name, i) => header.indexOf(name) < i);
  if (twice !== undefined) throw new UsageError(`expected every column once, got "${twice}" twice`);
  return header.map((name) => ({ name, values: new Map(), rows: 0, numbers: 0, times: 0, filled: 0 }));
}

function addValue(column: Counted, value: string): void {
  // All different so far: it may be the id. Otherwise a sample of the values is enough.
  if (column.values.size === column.rows || column.values.size < MAX_VALUES || column.values.has(value))
    column.values.set(value, (column.values.get(value) ?? 0) + 1);
  column.rows += 1;
  if (value === '') return;
  column.filled += 1;
  if (NUMBER.test(value)) column.numbers += 1;
  else if (parseTimestamp(value) !== undefined) column.times += 1;
}

export const isNumeric = ({ filled, numbers }: Column): boolean => filled > 0 && numbers === filled;
export const isUnique = ({ values, rows }: Column): boolean => values.size === rows && !values.has('');
