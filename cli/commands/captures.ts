import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { readLabelFile } from '../../adapters/label-file.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { addTallies, type CaptureTally, emptyTally, unreadOf } from '../../domain/capture/capture-layout.ts';
import { type EventMetadata, readCaptures } from '../../domain/capture/read-captures.ts';
import { endpointNameOf } from '../../domain/deployment/serving-container.ts';
import type { Value } from '../../domain/drift/profile-builder.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { captureDayPrefix, hourOfCapture, type Served } from '../../domain/monitoring/keys.ts';
import { LabelLookup } from '../../domain/quality/label-lookup.ts';
import type { LabelSet } from '../../domain/quality/label-set.ts';
import { readTargets } from '../../domain/quality/read-targets.ts';
import { truthReader, truthText } from '../../domain/quality/truth-reader.ts';
import type { VersionRow } from '../../domain/version.ts';
import { type PredictionTable, type TableFormat, tableOf } from '../captures/prediction-table.ts';
import { type Connection, connect } from '../connection.ts';
import { openTable } from '../drift/table-files.ts';
import { type CommonOptions, createOutput, JSON_OPTION, UsageError } from '../output.ts';
import { readReleaseDefinition } from '../read-release-definition.ts';

interface CapturesOptions extends CommonOptions {
  readonly from: string;
  readonly to: string;
  readonly format: TableFormat;
  readonly labels?: string;
  readonly out?: string;
}

/** A version that served, with what its predictions are read by. */
interface ServedVersion {
  readonly version: VersionRow;
  readonly definition: ModelDefinition;
}

/** What became of a prediction; null where that is not known. */
type FindLabel = (metadata: EventMetadata, row: number) => Value;

const DAY_MS = 86_400_000;

export function registerCaptures(program: Command): void {
  program
    .command('captures')
    .description('what a model was asked, what it answered and what became of it, as a table; one row per prediction')
    .argument('<model>')
    .requiredOption('--from <time>', 'first hour, ISO 8601; without an offset it is UTC')
    .requiredOption('--to <time>', 'end, ISO 8601; its hour is not included')
    .addOption(new Option('--format <format>').choices(['csv', 'jsonl', 'parquet']).default('csv'))
    .option(
      '--labels <file>',
      'CSV or JSON Lines with the columns id and label, in place of the labels that were uploaded',
    )
    .option('--out <file>', 'writes there instead of printing; parquet is not printed to a terminal')
    .option('--json', JSON_OPTION)
    .addHelpText(
      'after',
      `
Columns: id, event_id, row (of its request, from 0), time, version, the features, prediction, label.
A feature that has one of these names is in the column feature.NAME.
Labels are those uploaded to models/MODEL/labels/, joined by inference id, else event id; the newest counts.
Features under monitoring.capture.redact are left out. What was read, and what could not be, is printed to stderr;
with --json it is a document on stdout, with the rows unless --out takes them.`,
    )
    .action(async (model: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CapturesOptions>();
      await exportCaptures(model, options);
    });
}

async function exportCaptures(name: string, options: CapturesOptions): Promise<void> {
  const [from, to] = [timeOf(options.from, '--from'), timeOf(options.to, '--to')];
  if (from >= to) throw new UsageError(`expected --from before --to, got ${from} and ${to}`);
  if (options.format === 'parquet' && options.out === undefined && !options.json && process.stdout.isTTY)
    throw new UsageError('expected --out FILE or a pipe for parquet, got a terminal');
  const given = options.labels === undefined ? undefined : await readLabels(options.labels);

  const connection = await connect(options.prefix);
  const objects = new S3ObjectStore(connection.account, connection.s3);
  const versions = await servedVersions(connection, name);
  const labels = given ?? (await uploadedLabels(connection, objects, versions, from));
  const features = unionOf(versions);
  const table = tableOf(options, features);
  let tally = emptyTally();
  for (const served of versions) {
    tally = addTallies(
      tally,
      await exportVersion(connection, objects, served, { from, to }, features, table, labels.find),
    );
  }
  await table.end();
  const told = {
    model: name,
    from,
    to,
    versions: versions.map(({ version }) => version.version),
    ...tally,
    ...labels.told,
  };
  const words = `${tally.rows} predictions of ${tally.records} requests to ${name}, ${table.labelled} with a label; ${unreadOf(tally)} lines or rows could not be read`;
  const result = {
    ...told,
    labelled: table.labelled,
    ...(options.out === undefined ? { predictions: table.rows } : { file: options.out }),
  };
  if (options.json) createOutput(true).result(result, () => '');
  else console.error(options.out === undefined ? words : `${options.out}: ${words}`);
  for (const refused of labels.told.labelsRefused ?? []) console.error(`labels not read: ${refused}`);
}

/** Versions that serve or served, oldest first. */
async function servedVersions(connection: Connection, name: string): Promise<ServedVersion[]> {
  const { lineage } = connection;
  await lineage.getModel(name);
  const served = (await lineage.listVersions(name)).filter(
    ({ status }) => status === 'Deployed' || status === 'Retired',
  );
  if (served.length === 0) throw new UsageError(`expected a version of ${name} that serves or served, got none`);
  return Promise.all(
    served
      .sort((a, b) => a.version - b.version)
      .map(async (version) => ({ version, definition: await readReleaseDefinition(connection, version.definition) })),
  );
}

/** Features of all versions that may be shown; numeric where all versions have it so. */
function unionOf(versions: readonly ServedVersion[]): ReadonlyMap<string, 'numeric' | 'categorical'> {
  const types = new Map<string, 'numeric' | 'categorical'>();
  const redacted = new Set(versions.flatMap(({ definition }) => definition.monitoring.capture.redact));
  for (const { definition } of versions) {
    for (const { name, type } of definition.features)
      if (!redacted.has(name)) types.set(name, types.get(name) === 'categorical' ? 'categorical' : type);
  }
  return types;
}

async function exportVersion(
  { prefix, account }: Connection,
  objects: S3ObjectStore,
  { version, definition }: ServedVersion,
  during: { readonly from: string; readonly to: string },
  features: ReadonlyMap<string, unknown>,
  table: PredictionTable,
  find: FindLabel,
): Promise<CaptureTally> {
  const { team, model, version: number } = version;
  const served = { team, model, version: number, endpointName: endpointNameOf(prefix, model) };
  const declared = definition.features.map((feature) => feature.name);
  const places = [...features.keys()].map((name) => declared.indexOf(name));
  const layout = { features: declared, scoreColumn: definition.serving.response.scoreColumn };
  let tally = emptyTally();
  for await (const key of captureKeys(objects, `${prefix}-captures-${account}`, served, during)) {
    const rows: Value[][] = [];
    const row = (values: readonly Value[], prediction: Value | undefined, metadata: EventMetadata, index: number) => {
      const { inferenceId, eventId, inferenceTime } = metadata;
      rows.push([
        ...[textOf(inferenceId) ?? textOf(eventId), textOf(eventId), index, textOf(inferenceTime), number],
        ...places.map((place) => values[place] ?? null),
        ...[prediction ?? null, find(metadata, index)],
      ]);
    };
    const read = await objects.read({ bucket: `${prefix}-captures-${account}`, key });
    tally = addTallies(tally, await readCaptures(read, layout, { row }));
    await table.write(rows);
  }
  return tally;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function timeOf(text: string, option: string): string {
  const isBare = /^\d{4}-\d{2}-\d{2}T\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?$/.test(text);
  const time = new Date(isBare ? `${/T\d{2}$/.test(text) ? `${text}:00` : text}Z` : text);
  if (Number.isNaN(time.getTime())) throw new UsageError(`expected ${option} as an ISO 8601 time, got "${text}"`);
  return time.toISOString();
}

interface FoundLabels {
  readonly find: FindLabel;
  readonly told: { readonly labelFiles?: number; readonly labelsRefused?: readonly string[] };
}

/** Labels of a file that somebody names. */
async function readLabels(path: string): Promise<FoundLabels> {
  if (!existsSync(path)) throw new UsageError(`expected a file, got no ${path}`);
  const labels = new Map<string, Value>();
  const file = openTable(path, /\.jsonl(\.gz)?$/i.test(path) ? 'jsonl' : 'csv');
  for await (const batch of file.rows)
    for (const row of batch) labels.set(String(row.get('id')), row.get('label') ?? null);
  const missing = ['id', 'label'].filter((column) => !file.columns().includes(column));
  if (missing.length > 0)
    throw new UsageError(`expected the columns id and label in ${path}, got no ${missing.join(', ')}`);
  const find: FindLabel = ({ inferenceId, eventId }) =>
    labels.get(textOf(inferenceId) ?? '') ?? labels.get(textOf(eventId) ?? '') ?? null;
  return { find, told: {} };
}

/** Labels as they were uploaded since then, whether they were evaluated or not; those of the newest version's target. */
async function uploadedLabels(
  connection: Connection,
  objects: S3ObjectStore,
  versions: readonly ServedVersion[],
  from: string,
): Promise<FoundLabels> {
  const { version, definition } = versions.at(-1)!;
  const files = await new DynamoDbQualityStore(connection.table).listLabelFiles(
    version.model,
    new Date(from),
    await connection.now(),
  );
  if (files.length === 0) return { find: () => null, told: { labelFiles: 0 } };
  const targets = await readTargets(objects, version, definition);
  const sets: LabelSet[] = [];
  const labelsRefused: string[] = [];
  for (const file of files) {
    const read = await readLabelFile(objects, file, definition, truthReader(definition.problem, targets));
    if ('refused' in read) labelsRefused.push(`${file.object.key}: ${read.refused}`);
    else sets.push(read.labels);
  }
  const lookup = new LabelLookup(sets);
  const text = truthText(definition.problem, targets);
  const find: FindLabel = (metadata, row) => {
    const truth = lookup.find(metadata, row);
    return truth === undefined ? null : text(truth);
  };
  return { find, told: { labelFiles: files.length, ...(labelsRefused.length > 0 && { labelsRefused }) } };
}

/** Keys of the capture files of the hours in a stretch of time, in order. */
async function* captureKeys(
  objects: S3ObjectStore,
  bucket: string,
  served: Served,
  { from, to }: { readonly from: string; readonly to: string },
) {
  for (let day = Date.parse(`${from.slice(0, 10)}T00:00:00Z`); day < Date.parse(to); day += DAY_MS) {
    for await (const { key } of objects.list(bucket, captureDayPrefix(served, new Date(day).toISOString()))) {
      const hour = hourOfCapture(key);
      if (hour !== undefined && hour >= `${from.slice(0, 13)}:00:00.000Z` && hour < to) yield key;
    }
  }
}
