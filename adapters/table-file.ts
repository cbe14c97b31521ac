import { createReadStream } from 'node:fs';
import type { ModelDefinition } from '../domain/model-definition.ts';
import { csvRecords } from '../domain/tabular/csv-records.ts';
import type { Table } from '../domain/tabular/table.ts';
import { openParquet } from './parquet-table.ts';

export type TableFormat = ModelDefinition['data']['format'];

/** By the end of its name; CSV where that says nothing. */
export const formatOf = (path: string): TableFormat => (/\.parquet$/i.test(path) ? 'parquet' : 'csv');

/**
 * Opens a file on local disk, to be read as often as it takes.
 *
 * @returns its rows; `wanted` as in ParquetFile
 * @throws {DatasetRefusedError} not of this format, or damaged
 */
export async function openTableFile(
  path: string,
  format: TableFormat = formatOf(path),
): Promise<(wanted?: ReadonlySet<string>) => Table> {
  if (format === 'csv') return () => csvRecords(createReadStream(path));
  const { table } = await openParquet(path);
  return table;
}
