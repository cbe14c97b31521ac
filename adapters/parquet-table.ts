import { type FileHandle, open } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  type AsyncBuffer,
  type ColumnChunk,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  snappyUncompress,
} from 'hyparquet';
import { DatasetRefusedError } from '../domain/errors.ts';
import { isNotUtf8 } from '../domain/not-utf8.ts';
import { type CellType, cellText } from '../domain/tabular/cell-text.ts';
import { knownFormat } from '../domain/tabular/known-formats.ts';
import type { Table, TableRecord } from '../domain/tabular/table.ts';
import { asStored, columnsOf, type ParquetColumn } from './parquet-schema.ts';

/** A row group is decoded at once: more than this, as it would lie in memory, is too much for a function. */
const MAX_GROUP_BYTES = 800 * 1024 * 1024;
/** Of one page, decompressed; writers make pages of 1 MB. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;
const BATCH_ROWS = 1000;
/** A mark, the length of the index, and the mark again. */
const SMALLEST_BYTES = 12;
/** Which format a file is of, where it is another one, shows within these. */
const MARKED_BYTES = 512;

/** A Parquet file on local disk. */
export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /**
   * Its rows as text, row group by row group; may be read more than once.
   *
   * @param wanted columns to read; fields of the others are empty. Absent: all that can be text
   * @throws {DatasetRefusedError} damaged, too large a row group, or a wanted column that has no text per cell
   */
  readonly table: (wanted?: ReadonlySet<string>) => Table;
  /** As `table`, without its header, and with a missing value told from an empty text. @throws as `table` */
  readonly cells: (wanted?: ReadonlySet<string>) => AsyncIterable<readonly (readonly Cell[])[]>;
}

/** null is missing. */
type Cell = string | null;

/** @throws {DatasetRefusedError} no Parquet file, or a damaged one */
export async function openParquet(path: string): Promise<ParquetFile> {
  const metadata = await readMetadata(path);
  const columns = await refusingDamage('a Parquet file', () => columnsOf(parquetSchema(metadata)));
  const cells = (wanted?: ReadonlySet<string>) => cellsOf(path, metadata, columns, wanted);
  return { columns, rows: Number(metadata.num_rows), table: (wanted) => tableOf(columns, cells(wanted)), cells };
}

async function* tableOf(
  columns: readonly ParquetColumn[],
  cells: AsyncIterable<readonly (readonly Cell[])[]>,
): AsyncGenerator<TableRecord[]> {
  yield [{ fields: columns.map(({ name }) => name) }];
  for await (const batch of cells) yield batch.map((row) => ({ fields: row.map((cell) => cell ?? '') }));
}

async function* cellsOf(
  path: string,
  metadata: FileMetaData,
  columns: readonly ParquetColumn[],
  wanted: ReadonlySet<string> | undefined,
): AsyncGenerator<Cell[][]> {
  const read = columns.map((column) => typeToRead(column, wanted));
  const file = await open(path);
  try {
    const stored = { ...metadata, schema: metadata.schema.map(asStored) };
    let from = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      refuseLargeGroup(Number(group.total_byte_size), rows, read.filter(Boolean).length);
      for (const chunk of group.columns) if (isRead(chunk, columns, read)) refuseForeignChunk(chunk);
      const decoded: (DecodedArray | undefined)[] = [];
      for (const [i, { name }] of columns.entries())
        decoded.push(read[i] && (await readColumn(file, stored, name, from, rows)));
      yield* batchesOf(decoded, read, rows);
      from += rows;
    }
  } finally {
    await file.close();
  }
}

/** @returns undefined for a column that nobody asked for */
function typeToRead(column: ParquetColumn, wanted: ReadonlySet<string> | undefined): CellType | undefined {
  if (wanted && !wanted.has(column.name)) return undefined;
  if ('type' in column) return column.type;
  if (!wanted) return undefined;
  throw new DatasetRefusedError(`column "${column.name}" ${column.unreadable}`);
}

const isRead = (
  { meta_data: meta }: ColumnChunk,
  columns: readonly ParquetColumn[],
  read: readonly unknown[],
): boolean =>
  meta === undefined || read[columns.findIndex(({ name }) => name === meta.path_in_schema[0])] !== undefined;

function refuseForeignChunk({ meta_data: meta, file_path: elsewhere }: ColumnChunk): void {
  if (!meta) throw new DatasetRefusedError('expected a Parquet file that anyone may read, got an encrypted one');
  const column = `column "${meta.path_in_schema[0]}"`;
  if (elsewhere) throw new DatasetRefusedError(`expected all data in one Parquet file, got ${column} in another`);
  if (meta.codec !== 'UNCOMPRESSED' && !COMPRESSORS[meta.codec])
    throw new DatasetRefusedError(
      `${column} is compressed with ${meta.codec}, which is not read; write the file with snappy, zstd, gzip or brotli`,
    );
}

/** Eight bytes a value at least, and text several times its stored size. */
function refuseLargeGroup(bytes: number, rows: number, columns: number): void {
  const estimate = bytes * 4 + rows * columns * 16;
  if (estimate > MAX_GROUP_BYTES)
    throw new DatasetRefusedError(
      `expected row groups that fit into memory, got one of ${rows} rows and ${bytes} bytes; write the file with smaller ones (row_group_size=100000)`,
    );
}

function* batchesOf(
  decoded: readonly (DecodedArray | undefined)[],
  types: readonly (CellType | undefined)[],
  rows: number,
): Generator<Cell[][]> {
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const batch: Cell[][] = [];
    for (let row = start; row < Math.min(start + BATCH_ROWS, rows); row++)
      batch.push(decoded.map((values, i) => (values ? cellOf(values[row], types[i]!) : null)));
    yield batch;
  }
}

const cellOf = (value: unknown, type: CellType): Cell => {
  const text = cellText(value, type);
  return text === '' && type.kind !== 'text' ? null : value === null || value === undefined ? null : text;
};

async function readColumn(file: FileHandle, metadata: FileMetaData, column: string, from: number, rows: number) {
  if (rows === 0) return [];
  return refusingDamage(`column "${column}"`, async () => {
    const scan = await parquetScan({
      file: await bufferOf(file),
      metadata,
      columns: [column],
      rowStart: from,
      rowEnd: from + rows,
      compressors: COMPRESSORS,
      utf8: false,
      geoparquet: false,
      parsers: { stringFromBytes: utf8Text, timestampFromNanoseconds: (nanos) => nanos },
    });
    const values = await scan.readColumn({ column, rowStart: from, rowEnd: from + rows });
    if (values.length !== rows) throw new Error(`it ends after ${values.length} of ${rows} rows`);
    return values;
  });
}

// A byte order mark in a value is text like any other.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && decoder.decode(bytes);
}

/** Whatever a page says of its size, no more than that and the limit is made of it. */
const bounded =
  (decompress: (input: Uint8Array, length: number) => Uint8Array) =>
  (input: Uint8Array, length: number): Uint8Array => {
    if (length > MAX_PAGE_BYTES) throw new Error(`a page of ${length} bytes is too large`);
    return length === 0 ? new Uint8Array() : decompress(input, length);
  };

/** LZO and LZ4 are the ones that are missing. */
const COMPRESSORS: Compressors = {
  SNAPPY: bounded((input, length) => {
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  }),
  GZIP: bounded((input, length) => gunzipSync(input, { maxOutputLength: length })),
  ZSTD: bounded((input, length) => zstdDecompressSync(input, { maxOutputLength: length })),
  BROTLI: bounded((input, length) => brotliDecompressSync(input, { maxOutputLength: length })),
};

async function bufferOf(file: FileHandle): Promise<AsyncBuffer> {
  const { size } = await file.stat();
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      if (start < 0 || end > size || end < start) throw new Error(`it is cut off: bytes ${start} to ${end} of ${size}`);
      const bytes = new Uint8Array(end - start);
      for (let done = 0; done < bytes.byteLength; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.byteLength - done, start + done);
        if (bytesRead === 0) throw new Error(`it is cut off at ${start + done} of ${size} bytes`);
        done += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

async function readMetadata(path: string): Promise<FileMetaData> {
  const file = await open(path);
  try {
    const buffer = await bufferOf(file);
    await refuseOtherFiles(buffer);
    return await refusingDamage('a Parquet file', () => parquetMetadataAsync(buffer, { geoparquet: false }));
  } finally {
    await file.close();
  }
}

/** The first and the last four bytes say what a file is, and whether it is whole. */
async function refuseOtherFiles({ byteLength, slice }: AsyncBuffer): Promise<void> {
  const mark = async (from: number) => Buffer.from(await slice(from, from + 4)).toString('latin1');
  if (byteLength === 0) throw new DatasetRefusedError('expected a Parquet file, got an empty one');
  const first = byteLength < 4 ? '' : await mark(0);
  if (first === 'PARE')
    throw new DatasetRefusedError('expected a Parquet file that anyone may read, got an encrypted one');
  if (first !== 'PAR1') {
    const known = knownFormat(new Uint8Array(await slice(0, Math.min(byteLength, MARKED_BYTES))));
    throw new DatasetRefusedError(
      `expected a Parquet file, got ${known ?? 'something else; is it CSV? then say so (data.format: csv, --format csv)'}`,
    );
  }
  if (byteLength < SMALLEST_BYTES || (await mark(byteLength - 4)) !== 'PAR1')
    throw new DatasetRefusedError(`expected a whole Parquet file, got one that is cut off after ${byteLength} bytes`);
}

/** Whatever the reader cannot make sense of is the file's fault; what the system says is not. */
async function refusingDamage<Result>(what: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) throw error;
    // What the reader trips over in a damaged index says nothing to anybody.
    const isStumble = error instanceof TypeError || error instanceof RangeError;
    const why = isNotUtf8(error) ? 'it holds text that is not UTF-8' : isStumble ? 'its index makes no sense' : message;
    throw new DatasetRefusedError(`expected ${what} that can be read, got a damaged one: ${why}`, {}, { cause: error });
  }
}
