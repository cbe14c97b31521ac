import { createWriteStream, existsSync, writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { addTallies, emptyTally, unreadOf } from '../../domain/capture/capture-layout.ts';
import { type EventMetadata, readCaptures } from '../../domain/capture/read-captures.ts';
import type { Baseline } from '../../domain/drift/baseline.ts';
import { readNumber, type Value } from '../../domain/drift/profile-builder.ts';
import { baselineFromJson } from '../../domain/drift/profile-json.ts';
import { captureDayPrefix, hourOfCapture, type Served } from '../../domain/monitoring/keys.ts';
import { csvLine } from '../../domain/tabular/csv-records.ts';
import { connect } from '../connection.ts';
import { openTable } from '../drift/table-files.ts';
import { type CommonOptions, createOutput, UsageError } from '../output.ts';

interface CapturesOptions extends CommonOptions {
  readonly from: string;
  readonly to: string;
  readonly format: 'csv' | 'jsonl' | 'parquet';
  readonly scoreColumn: string;
  readonly labels?: string;
  readonly out?: string;
}

/** Values in the order of the columns. */
type TableRow = readonly Value[];

const DAY_MS = 86_400_000;

export function registerCaptures(program: Command): void {
  program
    .command('captures')
    .description('what a model was asked and what it answered, as a table')
    .argument('<model>')
    .requiredOption('--from <time>', 'first hour, ISO 8601')
    .requiredOption('--to <time>', 'end, ISO 8601; its hour is not included')
    .addOption(new Option('--format <format>').choices(['csv', 'jsonl', 'parquet']).default('csv'))
    .option('--score-column <n>', 'column of the response that is the prediction', '0')
    .option('--labels <file>', 'CSV or JSON Lines with the columns id and label, joined by inference id, else event id')
    .option('--out <file>', 'writes there instead of printing')
    .action(async (model: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CapturesOptions>();
      await exportCaptures(model, options);
    });
}

async function exportCaptures(name: string, options: CapturesOptions): Promise<void> {
  const [from, to] = [timeOf(options.from, '--from'), timeOf(options.to, '--to')];
  if (options.format === 'parquet' && options.out === undefined)
    throw new UsageError('expected --out FILE for parquet');
  const scoreColumn = Number(options.scoreColumn);
  if (!Number.isInteger(scoreColumn) || scoreColumn < 0)
    throw new UsageError(`expected --score-column from 0, got ${options.scoreColumn}`);
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);

  const { lineage, account, s3, prefix } = await connect(options.prefix);
  const objects = new S3ObjectStore(account, s3);
  const model = await lineage.getModel(name);
  if (!model.champion) throw new UsageError(`expected a deployed version of ${name}, got none`);
  const { version, endpointName } = model.champion;
  const served = { team: model.team, model: name, version, endpointName };
  const baseline = baselineFromJson(await objects.readText((await lineage.getVersion(name, version)).baseline));

  const features = baseline.features.map((feature) => feature.name);
  const columns = ['id', 'row', 'time', ...features, 'prediction', ...(labels ? ['label'] : [])];
  const sink = tableSink(options, columns, baseline);
  const bucket = `${prefix}-captures-${account}`;
  let tally = emptyTally();
  for await (const key of captureKeys(objects, bucket, served, from, to)) {
    const rows: TableRow[] = [];
    const row = (values: readonly Value[], prediction: Value | undefined, metadata: EventMetadata, index: number) => {
      const id = idOf(metadata);
      const time = typeof metadata.inferenceTime === 'string' ? metadata.inferenceTime : null;
      const label = labels ? [id === null ? null : (labels.get(id) ?? null)] : [];
      rows.push([id, index, time, ...values, prediction ?? null, ...label]);
    };
    const file = await objects.read({ bucket, key });
    tally = addTallies(tally, await readCaptures(file, { features, scoreColumn }, { row }));
    await sink.write(rows);
  }
  await sink.end();
  const told = `${tally.rows} rows of ${tally.records} requests to ${name} version ${version}, ${unreadOf(tally)} lines or rows could not be read`;
  if (options.out === undefined) console.error(told);
  else createOutput(options.json ?? false).result({ ...tally, file: options.out }, () => `${options.out}: ${told}`);
}

const idOf = ({ inferenceId, eventId }: EventMetadata): string | null =>
  typeof inferenceId === 'string' ? inferenceId : typeof eventId === 'string' ? eventId : null;

function timeOf(text: string, option: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new UsageError(`expected ${option} as an ISO 8601 time, got "${text}"`);
  return time.toISOString();
}

async function readLabels(path: string): Promise<ReadonlyMap<string, Value>> {
  if (!existsSync(path)) throw new UsageError(`expected a file, got no ${path}`);
  const labels = new Map<string, Value>();
  const file = openTable(path, path.endsWith('.jsonl') ? 'jsonl' : 'csv');
  for await (const batch of file.rows)
    for (const row of batch) labels.set(String(row.get('id')), row.get('label') ?? null);
  const missing = ['id', 'label'].filter((column) => !file.columns().includes(column));
  if (missing.length > 0)
    throw new UsageError(`expected the columns id and label in ${path}, got no ${missing.join(', ')}`);
  return labels;
}

/** Keys of the capture files of the hours in a stretch of time, in order. */
async function* captureKeys(objects: S3ObjectStore, bucket: string, served: Served, from: string, to: string) {
  for (let day = Date.parse(`${from.slice(0, 10)}T00:00:00Z`); day < Date.parse(to); day += DAY_MS) {
    for await (const { key } of objects.list(bucket, captureDayPrefix(served, new Date(day).toISOString()))) {
      const hour = hourOfCapture(key);
      if (hour !== undefined && hour >= `${from.slice(0, 13)}:00:00.000Z` && hour < to) yield key;
    }
  }
}

interface TableSink {
  write(rows: readonly TableRow[]): Promise<void>;
  end(): Promise<void>;
}

function tableSink({ format, out }: CapturesOptions, columns: readonly string[], baseline: Baseline): TableSink {
  if (format === 'parquet') return parquetSink(out!, columns, baseline);
  const stream: Writable = out === undefined ? process.stdout : createWriteStream(out);
  const text = (row: TableRow): string =>
    format === 'csv'
      ? csvLine(row.map((value) => (value === null ? '' : String(value))))
      : `${JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])))}\n`;
  const write = async (rows: readonly TableRow[]): Promise<void> => {
    if (!stream.write(rows.map(text).join(''))) await new Promise((resolve) => stream.once('drain', resolve));
  };
  if (format === 'csv') stream.write(csvLine([...columns]));
  const end = async (): Promise<void> => {
    if (out === undefined) return;
    stream.end();
    await finished(stream);
  };
  return { write, end };
}

/** Numbers as doubles, everything else as text. The whole table is held in memory, as a parquet file is written by column. */
function parquetSink(out: string, columns: readonly string[], { features }: Baseline): TableSink {
  const numeric = new Set([
    'row',
    'prediction',
    ...features.filter(({ type }) => type === 'numeric').map(({ name }) => name),
  ]);
  const data = columns.map(() => [] as (number | string | null)[]);
  const write = async (rows: readonly TableRow[]): Promise<void> => {
    for (const row of rows) {
      columns.forEach((name, i) => {
        const value = row[i] ?? null;
        data[i]!.push(numeric.has(name) ? (readNumber(value) ?? null) : value === null ? null : String(value));
      });
    }
  };
  const end = async (): Promise<void> => {
    const columnData = columns.map((name, i) => ({
      name,
      data: data[i]!,
      type: numeric.has(name) ? ('DOUBLE' as const) : ('STRING' as const),
      nullable: true,
    }));
    writeFileSync(out, new Uint8Array(parquetWriteBuffer({ columnData })));
  };
  return { write, end };
}
