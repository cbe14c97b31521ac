import { NotImplementedError } from '../../../service.ts';
import { Failure } from '../failure.ts';
import { type Caller, isoDate } from '../integrations/caller.ts';
import type { Line } from '../interpreter/line.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { parseRows } from './csv.ts';

/** Most items of one Distributed Map. */
const MOST_ITEMS = 100_000_000;

const LIST = 'arn:aws:states:::s3:listObjectsV2';
const GET = 'arn:aws:states:::s3:getObject';

const nameError = (): string => 'States.ItemReaderFailed';

/** What an ItemReader asks S3 for. */
interface ReadRequest {
  readonly resource: string;
  readonly args: JsonObject;
  readonly config: JsonObject;
}

const CONFIG = new Set(['InputType', 'CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter', 'MaxItems']);

/**
 * An ItemReader with its expressions evaluated.
 *
 * @throws {EvaluationError}
 * @throws {NotImplementedError} manifests, Parquet, pointers into JSON
 */
export async function requestOf(line: Line, reader: JsonObject): Promise<ReadRequest> {
  const config = (await line.resolve(reader.ReaderConfig ?? {}, 'ItemReader/ReaderConfig')) as JsonObject;
  const unknown = Object.keys(config).find((key) => !CONFIG.has(key));
  if (unknown !== undefined) throw new NotImplementedError(`states:Map ItemReader ${unknown}`);
  return {
    resource: String(reader.Resource),
    args: (await line.resolve(reader.Arguments ?? {}, 'ItemReader/Arguments')) as JsonObject,
    config,
  };
}

/**
 * The items that an ItemReader finds in S3.
 *
 * @throws {Failure} States.ItemReaderFailed: not there, not allowed, or not in the format told
 */
export async function readItems(caller: Caller, line: Line, reader: JsonObject): Promise<readonly Json[]> {
  const request = await requestOf(line, reader);
  const { MaxItems } = request.config;
  const items = await itemsAt(caller, line, request);
  return items.slice(0, typeof MaxItems === 'number' && MaxItems > 0 ? MaxItems : MOST_ITEMS);
}

async function itemsAt(caller: Caller, line: Line, { resource, args, config }: ReadRequest) {
  if (resource === LIST) return listObjects(caller, line, args);
  if (resource !== GET) throw new NotImplementedError(`states:Map ItemReader Resource ${resource}`);
  const output = await caller.call(line.run.record, 's3', 'GetObject', args, nameError);
  const { Body } = (await caller.read(output, isoDate)) as { Body: string };
  return parseItems(Body, config);
}

async function listObjects(caller: Caller, line: Line, args: JsonObject): Promise<readonly Json[]> {
  const items: Json[] = [];
  let token: Json | undefined;
  do {
    const input = { ...args, ...(token !== undefined && { ContinuationToken: token }) };
    const output = await caller.call(line.run.record, 's3', 'ListObjectsV2', input, nameError);
    const page = (await caller.read(output, (date) => Math.floor(date.getTime() / 1000))) as JsonObject;
    items.push(...((page.Contents ?? []) as Json[]).map(asItem));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return items;
}

/** A listed object, with the members that Step Functions gives. */
function asItem(object: Json): Json {
  const { ETag, Key, LastModified, Size, StorageClass } = object as Record<string, Json>;
  return {
    Etag: ETag ?? '',
    Key: Key ?? '',
    LastModified: LastModified ?? 0,
    Size: Size ?? 0,
    StorageClass: StorageClass ?? 'STANDARD',
  };
}

function parseItems(text: string, config: JsonObject): readonly Json[] {
  try {
    switch (config.InputType) {
      case 'CSV':
        return parseCsv(text, config);
      case 'JSONL':
        return text
          .split('\n')
          .filter((row) => row.trim() !== '')
          .map((row) => JSON.parse(row) as Json);
      case 'JSON':
        return asArray(JSON.parse(text) as Json);
      default:
        throw new NotImplementedError(`states:Map ItemReader InputType ${config.InputType}`);
    }
  } catch (error) {
    if (error instanceof NotImplementedError || error instanceof Failure) throw error;
    throw new Failure(
      'States.ItemReaderFailed',
      `The S3 object could not be read as ${config.InputType}: ${(error as Error).message}`,
    );
  }
}

function asArray(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  if (isObject(value)) return Object.entries(value).map(([Key, Value]) => ({ Key, Value }));
  throw new Failure(
    'States.ItemReaderFailed',
    `expected the S3 object to hold an array, got: ${JSON.stringify(value).slice(0, 100)}`,
  );
}

const DELIMITERS = new Map([
  ['COMMA', ','],
  ['PIPE', '|'],
  ['SEMICOLON', ';'],
  ['SPACE', ' '],
  ['TAB', '\t'],
]);

/** Every value is text, as in the file; a row that is too short has empty ones, what is too much is left out. */
function parseCsv(text: string, config: JsonObject): readonly Json[] {
  const delimiter = DELIMITERS.get(String(config.CSVDelimiter ?? 'COMMA'));
  if (delimiter === undefined)
    throw new NotImplementedError(`states:Map ItemReader CSVDelimiter ${config.CSVDelimiter}`);
  const rows = parseRows(text, delimiter);
  const given = config.CSVHeaderLocation === 'GIVEN';
  const headers = given ? (config.CSVHeaders as readonly string[]) : (rows.shift() ?? []);
  return rows.map((row) => Object.fromEntries(headers.map((header, i) => [header, row[i] ?? ''])));
}
