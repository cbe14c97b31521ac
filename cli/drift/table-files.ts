import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { openParquet } from '../../adapters/parquet-table.ts';
import { unreadOf } from '../../domain/capture/capture-layout.ts';
import { linesOf } from '../../domain/capture/lines.ts';
import { readCaptures } from '../../domain/capture/read-captures.ts';
import type { Value } from '../../domain/drift/profile-builder.ts';
import { DatasetRefusedError } from '../../domain/errors.ts';
import { csvRecords } from '../../domain/tabular/csv-records.ts';
import { UsageError } from '../output.ts';

export type TableFormat = 'csv' | 'jsonl' | 'capture' | 'parquet';

/** One pass over a file: rows of named values in batches, and what could not be read. */
export interface TableFile {
  /** Names of the columns: the header, or what the rows have named so far. */
  readonly columns: () => readonly string[];
  /** @throws {UsageError} the file cannot be read, which its message names */
  readonly rows: AsyncIterable<readonly ReadonlyMap<string, Value>[]>;
  /** Lines and rows that could not be read so far. */
  readonly unread: () => number;
}

const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Opens a file for one pass; text may be compressed with gzip, whatever its name.
 *
 * @param wanted names of the columns, where they are known: those of a capture file in order; of a Parquet file others are not read
 */
export function openTable(path: string, format: TableFormat, wanted: readonly string[] = []): TableFile {
  const file = tableIn(path, format, wanted);
  return { ...file, rows: namingTheFile(path, file.rows) };
}

function tableIn(path: string, format: TableFormat, wanted: readonly string[]): TableFile {
  if (format === 'csv') return csvTable(path);
  if (format === 'parquet') return parquetTable(path, wanted);
  return format === 'jsonl' ? jsonTable(path) : captureTable(path, wanted);
}

/** Whether the first line that is JSON is a record of SageMaker's data capture. @throws {UsageError} the file cannot be read */
export async function holdsCaptures(path: string): Promise<boolean> {
  for await (const lines of namingTheFile(path, linesOf(bytesOf(path), MAX_LINE_BYTES))) {
    for (const { text } of lines) {
      const record = text === undefined ? undefined : parsed(text);
      if (typeof record === 'object' && record !== null) return Object.hasOwn(record, 'captureData');
    }
  }
  return false;
}

/** Two files are read at a time: what is wrong says with which. */
async function* namingTheFile<Batch>(path: string, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  try {
    yield* batches;
  } catch (error) {
    if (error instanceof DatasetRefusedError) throw new UsageError(`${path}: ${error.message}`, { cause: error });
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UsageError(`expected a file, got a folder: ${path}`);
    if (syscall !== undefined) throw new UsageError(`expected a file that can be read, got ${code}: ${path}`);
    throw error;
  }
}

function csvTable(path: string): TableFile {
  let header: readonly string[] = [];
  let unread = 0;
  async function* rows(): AsyncGenerator<ReadonlyMap<string, Value>[]> {
    for await (const batch of csvBatches(path)) {
      const named: ReadonlyMap<string, Value>[] = [];
      for (const fields of batch) {
        if (header.length === 0) header = distinct(fields, path);
        else if (fields.length !== header.length) unread += 1;
        else named.push(new Map(header.map((name, i) => [name, fields[i] || null])));
      }
      yield named;
    }
  }
  return { columns: () => header, rows: rows(), unread: () => unread };
}

function distinct(header: readonly string[], path: string): readonly string[] {
  if (new Set(header).size !== header.length)
    throw new UsageError(`expected distinct columns in ${path}, got ${header}`);
  return header;
}

async function* csvBatches(path: string): AsyncGenerator<(readonly string[])[]> {
  const limits = { maxRecordCharacters: MAX_LINE_BYTES, keepBlankLines: await hasOneColumn(path) };
  for await (const batch of csvRecords(bytesOf(path), limits)) yield batch.map(({ fields }) => fields);
}

function parquetTable(path: string, wanted: readonly string[]): TableFile {
  let columns: readonly string[] = [];
  async function* rows(): AsyncGenerator<ReadonlyMap<string, Value>[]> {
    const file = await openParquet(path);
    columns = file.columns.map(({ name }) => name);
    const nested = file.columns.find((column) => 'unreadable' in column);
    if (wanted.length === 0 && nested && 'unreadable' in nested) {
      const why = `column "${nested.name}" of ${path} ${nested.unreadable}`;
      throw new UsageError(`${why}; name the columns to compare with --features`);
    }
    const read = new Set(columns.filter((name) => wanted.length === 0 || wanted.includes(name)));
    const at = columns.flatMap((name, i) => (read.has(name) ? [[name, i] as const] : []));
    for await (const batch of file.cells(read))
      yield batch.map((row) => new Map(at.map(([name, i]) => [name, row[i]!])));
  }
  return { columns: () => columns, rows: rows(), unread: () => 0 };
}

async function hasOneColumn(path: string): Promise<boolean> {
  for await (const [header] of csvRecords(bytesOf(path))) if (header) return header.fields.length === 1;
  throw new UsageError(`expected a header and rows in ${path}, got an empty file`);
}

function jsonTable(path: string): TableFile {
  const columns = new Set<string>();
  let unread = 0;
  async function* rows(): AsyncGenerator<ReadonlyMap<string, Value>[]> {
    for await (const lines of linesOf(bytesOf(path), MAX_LINE_BYTES)) {
      const named: ReadonlyMap<string, Value>[] = [];
      for (const { text } of lines) {
        if (text?.trim() === '') continue;
        const row = text === undefined ? undefined : rowOfJson(text);
        if (!row) unread += 1;
        else named.push(row);
        for (const name of row?.keys() ?? []) columns.add(name);
      }
      yield named;
    }
  }
  return { columns: () => [...columns], rows: rows(), unread: () => unread };
}

/**
 * Python writes NaN and Infinity bare, which is no JSON. A text may be torn, or megabytes long: what begins as one is taken at once,
 * its characters by the run.
 */
const BARE_NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?\bInfinity\b|-?\bNaN\b/g;

/** @returns undefined where it is no JSON, which the caller counts */
function parsed(text: string): unknown {
  try {
    return JSON.parse(
      text.replace(BARE_NUMBERS, (token) => (token[0] === '"' ? token : token.endsWith('NaN') ? 'null' : `"${token}"`)),
    );
  } catch {
    return undefined;
  }
}

function rowOfJson(text: string): ReadonlyMap<string, Value> | undefined {
  const row = parsed(text);
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined;
  const values = new Map<string, Value>();
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'boolean') values.set(name, String(value));
    else if (value === null || typeof value === 'string' || typeof value === 'number') values.set(name, value);
    else return undefined;
  }
  return values;
}

function captureTable(path: string, captured: readonly string[]): TableFile {
  let unread = 0;
  async function* rows(): AsyncGenerator<ReadonlyMap<string, Value>[]> {
    let batch: ReadonlyMap<string, Value>[] = [];
    const sink = {
      row: (features: readonly Value[]) => void batch.push(new Map(captured.map((name, i) => [name, features[i]!]))),
    };
    for await (const chunk of wholeLines(path)) {
      const tally = await readCaptures(chunk, { features: captured, scoreColumn: 0 }, sink);
      unread += unreadOf(tally);
      yield batch;
      batch = [];
    }
  }
  return { columns: () => captured, rows: rows(), unread: () => unread };
}

/** The bytes of a file of text, unpacked where it is gzip: one file, or several one after the other. @throws {UsageError} it breaks off or is damaged */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const packed = await isGzip(path);
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  try {
    // What goes wrong is thrown where the bytes are read.
    yield* packed ? pipeline(file, createGunzip({ chunkSize: 1024 * 1024 }), () => {}) : file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_'))
      throw new UsageError(`expected gzip, got data that breaks off or is damaged: ${path}`, { cause: error });
    throw error;
  }
}

/** By its first two bytes (RFC 1952): its name says nothing. */
async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** The file in stretches of whole lines, so that its rows can be handed on as they are read. */
async function* wholeLines(path: string): AsyncGenerator<AsyncIterable<Uint8Array>> {
  let rest = Buffer.alloc(0);
  for await (const chunk of bytesOf(path)) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    rest = bytes.subarray(end);
    if (rest.byteLength > MAX_LINE_BYTES) {
      throw new UsageError(`expected lines of at most ${MAX_LINE_BYTES} bytes in ${path}, got a longer one`);
    }
    if (end > 0) yield once(bytes.subarray(0, end));
  }
  if (rest.byteLength > 0) yield once(rest);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
