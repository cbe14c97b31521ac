import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Runs `work` with a folder that is gone afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'launchway-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs statements in DuckDB, which writes Parquet independently of what reads it here. @returns rows of the last one, as text */
export async function duckdb(...statements: readonly string[]): Promise<(string | null)[][]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    let rows: unknown[][] = [];
    for (const statement of statements) rows = await (await connection.runAndReadAll(statement)).getRows();
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  } finally {
    connection.closeSync();
  }
}

/** A CSV text as a Parquet file, types as DuckDB finds them. @param options of its COPY: `compression zstd, row_group_size 100` */
export const parquetOf = (csv: string, options = 'compression snappy', select = '*'): Promise<Uint8Array> =>
  inFolder(async (folder) => {
    const [from, to] = [join(folder, 'table.csv'), join(folder, 'table.parquet')];
    writeFileSync(from, csv);
    await duckdb(`copy (select ${select} from read_csv('${from}')) to '${to}' (format parquet, ${options})`);
    return readFileSync(to);
  });
