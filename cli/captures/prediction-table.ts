import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readNumber, type Value } from '../../domain/drift/profile-builder.ts';
import { csvLine } from '../../domain/tabular/csv-records.ts';
import { openOut, writeOut } from '../output.ts';

export type TableFormat = 'csv' | 'jsonl' | 'parquet';

/** Where predictions are written to, in the order of the columns. */
export interface PredictionTable {
  write(rows: readonly (readonly Value[])[]): Promise<void>;
  end(): Promise<void>;
  /** Predictions whose label is known, so far. */
  readonly labelled: number;
  /** Where they are held for a document rather than written. */
  readonly rows: readonly Readonly<Record<string, Value>>[];
}

const BEFORE = ['id', 'event_id', 'row', 'time', 'version'];
const AFTER = ['prediction', 'label'];
const NUMBERS = ['row', 'version', 'prediction'];

interface Options {
  readonly format: TableFormat;
  readonly out?: string;
  readonly json?: boolean;
}

/** A feature that is called as one of the table's own columns. */
const columnOf = (feature: string): string =>
  BEFORE.includes(feature) || AFTER.includes(feature) ? `feature.${feature}` : feature;

/**
 * @param features by name; numeric ones are numbers in a format that has such
 * @throws {UsageError} the file cannot be written
 */
export function tableOf(options: Options, features: ReadonlyMap<string, 'numeric' | 'categorical'>): PredictionTable {
  const columns = [...BEFORE, ...[...features.keys()].map(columnOf), ...AFTER];
  const isOwnNumber = (name: string): boolean => NUMBERS.includes(name);
  const isNumber = [
    ...BEFORE.map(isOwnNumber),
    ...[...features.values()].map((type) => type === 'numeric'),
    ...AFTER.map(isOwnNumber),
  ];
  const named = (row: readonly Value[]): Record<string, Value> =>
    Object.fromEntries(columns.map((name, i) => [name, isNumber[i] ? numberOf(row[i]!) : row[i]!]));
  const held: Record<string, Value>[] = [];
  const sink = sinkOf(options, columns, isNumber, named, held);
  let labelled = 0;
  return {
    ...sink,
    write: async (rows) => {
      for (const row of rows) if (row.at(-1) !== null) labelled += 1;
      await sink.write(rows);
    },
    get labelled() {
      return labelled;
    },
    rows: held,
  };
}

/** A number as such; what is none stays as it was captured. */
const numberOf = (value: Value): Value => {
  const number = readNumber(value);
  return typeof number === 'number' && Number.isFinite(number) ? number : value;
};

type Sink = Pick<PredictionTable, 'write' | 'end'>;

function sinkOf(
  { format, out, json }: Options,
  columns: readonly string[],
  isNumber: readonly boolean[],
  named: (row: readonly Value[]) => Record<string, Value>,
  held: Record<string, Value>[],
): Sink {
  if (out === undefined && json) {
    return {
      write: async (rows) => {
        for (const row of rows) held.push(named(row));
      },
      end: async () => {},
    };
  }
  if (format === 'parquet') return parquetSink(out, columns, isNumber);
  const text = (row: readonly Value[]): string =>
    format === 'csv'
      ? csvLine(row.map((value) => (value === null ? '' : String(value))))
      : `${JSON.stringify(named(row))}\n`;
  return textSink(out, format === 'csv' ? csvLine([...columns]) : '', text);
}

function textSink(out: string | undefined, header: string, text: (row: readonly Value[]) => string): Sink {
  const stream: Writable = out === undefined ? process.stdout : createWriteStream(out, { fd: openOut('--out', out) });
  if (header !== '') stream.write(header);
  return {
    write: async (rows) => {
      if (!stream.write(rows.map(text).join(''))) await new Promise((resolve) => stream.once('drain', resolve));
    },
    end: async () => {
      if (out === undefined) return;
      stream.end();
      await finished(stream);
    },
  };
}

/** Numbers as doubles, everything else as text. The whole table is held in memory, as a Parquet file is written by column. */
function parquetSink(out: string | undefined, columns: readonly string[], isNumber: readonly boolean[]): Sink {
  const data = columns.map(() => [] as (number | string | null)[]);
  return {
    write: async (rows) => {
      for (const row of rows) {
        row.forEach((value, i) => {
          data[i]!.push(isNumber[i] ? (readNumber(value) ?? null) : value === null ? null : String(value));
        });
      }
    },
    end: async () => {
      const columnData = columns.map((name, i) => ({
        name,
        data: data[i]!,
        type: isNumber[i] ? ('DOUBLE' as const) : ('STRING' as const),
        nullable: true,
      }));
      const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
      if (out !== undefined) writeOut('--out', out, bytes);
      else if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
    },
  };
}
