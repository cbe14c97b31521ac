import type { Value } from '../drift/profile-builder.ts';
import { csvRows } from './csv-rows.ts';
import { BadPayloadError, UnknownPayloadError } from './payload-errors.ts';

/** One side of a captured exchange, as SageMaker writes it. */
export interface CapturedPayload {
  readonly observedContentType?: string;
  readonly data: string;
  /** `CSV`, `JSON` or `BASE64`. */
  readonly encoding?: string;
}

/** Rows of values. A row of an object is by name, the others are by position. */
export type PayloadRow = readonly Value[] | ReadonlyMap<string, Value>;

/**
 * Reads the rows of a request or a response.
 *
 * CSV: a row per line, no header. JSON: a list of rows, or one of `instances`, `inputs`, `data`, `rows`, `predictions`, `outputs`
 * holding that; a row is a list, an object by feature name, an object with `features`, or a scalar.
 *
 * @throws {BadPayloadError} not what its content type says
 * @throws {UnknownPayloadError} another encoding or content type
 */
export function rowsOfPayload(payload: CapturedPayload): PayloadRow[] {
  const type = (payload.observedContentType ?? '').split(';')[0]!.trim().toLowerCase();
  switch (payload.encoding) {
    case 'CSV':
      return csv(payload.data);
    case 'JSON':
      return json(payload.data);
    case 'BASE64':
      return decoded(base64(payload.data), type);
    default:
      throw new UnknownPayloadError(`expected CSV, JSON or BASE64, got ${JSON.stringify(payload.encoding)}`);
  }
}

function decoded(text: string, type: string): PayloadRow[] {
  if (type === '' || type === 'text/csv' || type === 'application/octet-stream' || type === 'text/plain')
    return csv(text);
  if (type === 'application/json') return json(text);
  if (type === 'application/jsonlines' || type === 'application/x-jsonlines') {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => rowOf(parse(line)));
  }
  throw new UnknownPayloadError(`expected CSV or JSON, got ${JSON.stringify(type)}`);
}

const csv = (text: string): PayloadRow[] =>
  csvRows(text).map((fields) => fields.map((field) => (field === '' ? null : field)));

function json(text: string): PayloadRow[] {
  const rows = listIn(parse(text));
  // [1, 2, 3] is one row; [[1, 2, 3]] and [{…}] are rows.
  if (rows.length > 0 && rows.every((row) => typeof row !== 'object' || row === null)) return [rows.map(readValue)];
  return rows.map(rowOf);
}

const LISTS = ['instances', 'inputs', 'data', 'rows', 'predictions', 'outputs'] as const;

function listIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null) {
    for (const name of LISTS) {
      const list = own(value, name);
      if (Array.isArray(list))
        return list.every((item) => typeof item !== 'object') ? list.map((item) => [item]) : list;
    }
  }
  return [value];
}

function rowOf(value: unknown): PayloadRow {
  if (Array.isArray(value)) return value.map(readValue);
  if (typeof value !== 'object' || value === null) return [readValue(value)];
  const features = own(value, 'features');
  if (Array.isArray(features)) return features.map(readValue);
  return new Map(Object.entries(value).map(([name, member]) => [name, readValue(member)]));
}

function readValue(given: unknown): Value {
  let value = given;
  // Not by calling itself: a request of many brackets would exhaust the stack, which is no bad payload but an end of everything.
  while (Array.isArray(value) && value.length === 1) value = value[0];
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return String(value);
  throw new BadPayloadError(
    `expected text, a number or null as a value, got ${Array.isArray(value) ? 'a list' : typeof value}`,
  );
}

const own = (value: object, name: string): unknown =>
  Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadPayloadError(`expected JSON, got text that is none`, { cause: error });
  }
}

function base64(text: string): string {
  let binary: string;
  try {
    binary = atob(text);
  } catch (error) {
    // Other characters, and a length that no bytes have, as where one was lost.
    throw new BadPayloadError('expected base64, got text that is none', { cause: error });
  }
  return new TextDecoder('utf-8').decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
