import { DatasetRefusedError } from '../errors.ts';
import type { Readable } from '../stream.ts';
import { knownFormat } from './known-formats.ts';
import type { TableRecord } from './table.ts';

interface CsvLimits {
  /** Characters of one record; a file without line breaks is no table. */
  readonly maxRecordCharacters: number;
  /** Blank lines are records of one empty field: in a file of one column that is a row without a value. */
  readonly keepBlankLines?: boolean;
}

const CSV_LIMITS: CsvLimits = { maxRecordCharacters: 1024 * 1024 };

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads CSV (RFC 4180: quoted fields may hold commas, quotes doubled, line breaks) in UTF-8, with or without a byte order mark,
 * with LF or CRLF. Blank lines are skipped unless they are to be kept. Memory stays at one chunk and one record.
 *
 * @returns records in order, in batches
 * @throws {DatasetRefusedError} not UTF-8, binary, a quote out of place, or a record that is too long, with its line
 */
export async function* csvRecords(bytes: Readable, limits: CsvLimits = CSV_LIMITS): AsyncGenerator<TableRecord[]> {
  const decode = utf8Decoder();
  let pending = '';
  let line = 1;
  const drain = (final: boolean): TableRecord[] => {
    const records: TableRecord[] = [];
    let from = 0;
    for (;;) {
      const record = readRecord(pending, from, line, final);
      if (!record) break;
      const isBlank = record.fields.length === 1 && record.fields[0] === '' && !record.quoted;
      if (!isBlank || limits.keepBlankLines) records.push({ fields: record.fields, line });
      line += record.lines;
      from = record.next;
    }
    pending = pending.slice(from);
    if (pending.length > limits.maxRecordCharacters) {
      const isQuoteOpen = pending.split('"').length % 2 === 0;
      throw new DatasetRefusedError(
        isQuoteOpen
          ? `line ${line}: expected a closing quote within ${limits.maxRecordCharacters} characters, got none`
          : `line ${line}: expected a record of at most ${limits.maxRecordCharacters} characters, got more`,
      );
    }
    return records;
  };
  for await (const chunk of bytes) {
    pending += decode(chunk, () => line);
    yield drain(false);
  }
  pending += decode(undefined, () => line);
  yield drain(true);
}

/** @throws {DatasetRefusedError} on the first byte that no text file has */
function utf8Decoder() {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  return (chunk: Uint8Array | undefined, line: () => number): string => {
    if (chunk && isFirst && chunk.byteLength > 0) {
      isFirst = false;
      refuseKnownFormats(chunk);
    }
    if (chunk?.includes(0))
      throw new DatasetRefusedError(
        `expected a text file, got a zero byte after line ${line()}: this file is binary or UTF-16`,
      );
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new DatasetRefusedError(
        `expected UTF-8, got another encoding after line ${line()}; write it as UTF-8`,
        {},
        { cause: error },
      );
    }
  };
}

function refuseKnownFormats(chunk: Uint8Array): void {
  const known = knownFormat(chunk);
  if (known !== undefined) throw new DatasetRefusedError(`expected a CSV file in UTF-8, got ${known}`);
}

interface ParsedRecord {
  readonly fields: string[];
  readonly next: number;
  readonly lines: number;
  readonly quoted: boolean;
}

/** @returns undefined where the record does not end in `text` and more may come */
function readRecord(text: string, from: number, line: number, final: boolean): ParsedRecord | undefined {
  if (from >= text.length) return undefined;
  const fields: string[] = [];
  let lines = 1;
  let quoted = false;
  let at = from;
  for (;;) {
    if (text.charCodeAt(at) === QUOTE) {
      const field = readQuoted(text, at, line, final);
      if (!field) return undefined;
      quoted = true;
      fields.push(field.value);
      lines += field.breaks;
      at = field.next;
    } else {
      const end = endOfPlain(text, at, line + lines - 1);
      fields.push(text.slice(at, end));
      at = end;
    }
    const code = text.charCodeAt(at);
    if (at >= text.length) return final ? { fields, next: at, lines, quoted } : undefined;
    if (code === COMMA) {
      at += 1;
      continue;
    }
    if (code === LF) return { fields, next: at + 1, lines, quoted };
    // The rest can only be a carriage return: with the line feed that follows, or alone.
    if (at + 1 >= text.length && !final) return undefined;
    return { fields, next: text.charCodeAt(at + 1) === LF ? at + 2 : at + 1, lines, quoted };
  }
}

function endOfPlain(text: string, from: number, line: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === LF || code === CR) return at;
    if (code === QUOTE)
      throw new DatasetRefusedError(`line ${line}: expected quotes only around a whole field, got one inside a field`);
  }
  return text.length;
}

function readQuoted(text: string, from: number, line: number, final: boolean) {
  let value = '';
  let start = from + 1;
  for (;;) {
    const quote = text.indexOf('"', start);
    if (quote === -1) {
      if (final) throw new DatasetRefusedError(`line ${line}: expected a closing quote, got the end of the file`);
      return undefined;
    }
    value += text.slice(start, quote);
    if (quote + 1 >= text.length && !final) return undefined;
    const code = text.charCodeAt(quote + 1);
    if (code === QUOTE) {
      value += '"';
      start = quote + 2;
      continue;
    }
    if (quote + 1 < text.length && code !== COMMA && code !== LF && code !== CR) {
      throw new DatasetRefusedError(
        `line ${line}: expected a comma or the end of the line after a closing quote, got "${text[quote + 1]}"`,
      );
    }
    return { value, next: quote + 1, breaks: value.split('\n').length - 1 };
  }
}

/** A field as RFC 4180 writes it: quoted where it must be. */
const csvField = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

export const csvLine = (values: readonly string[]): string => `${values.map(csvField).join(',')}\n`;
