import { BadPayloadError } from './payload-errors.ts';

/**
 * Rows of CSV text held in memory (RFC 4180: quoted fields may hold commas, doubled quotes and line breaks; LF, CRLF or CR).
 * A blank line is no row, unless it is all there is to a row of one column: that is for the caller to know.
 *
 * @throws {BadPayloadError} a quote out of place
 */
export function csvRows(text: string): string[][] {
  if (!text.includes('"')) {
    return text
      .split(/\r\n|\n|\r/)
      .filter((line) => line !== '')
      .map((line) => line.split(','));
  }
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const [field, end] = text[at] === '"' ? quoted(text, at) : plain(text, at);
    row.push(field);
    at = end;
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    const isBlank = row.length === 1 && row[0] === '' && text[end - 1] !== '"';
    if (!isBlank) rows.push(row);
    row = [];
    if (at >= text.length) break;
    at += text.startsWith('\r\n', at) ? 2 : 1;
    if (at >= text.length) break;
  }
  return rows;
}

function plain(text: string, from: number): readonly [field: string, end: number] {
  let end = from;
  while (end < text.length && !',\r\n'.includes(text[end]!)) {
    if (text[end] === '"') throw new BadPayloadError(`expected quotes around a whole field, got one inside at ${end}`);
    end += 1;
  }
  return [text.slice(from, end), end];
}

function quoted(text: string, from: number): readonly [field: string, end: number] {
  let field = '';
  for (let start = from + 1; ; ) {
    const quote = text.indexOf('"', start);
    if (quote === -1) throw new BadPayloadError(`expected a closing quote, got the end of the payload`);
    field += text.slice(start, quote);
    if (text[quote + 1] !== '"') {
      if (quote + 1 < text.length && !',\r\n'.includes(text[quote + 1]!)) {
        throw new BadPayloadError(`expected a comma or a line break after a closing quote, got ${text[quote + 1]}`);
      }
      return [field, quote + 1];
    }
    field += '"';
    start = quote + 2;
  }
}
