import { refused, shown } from './refused.ts';

/**
 * The records of a PAX header: `LENGTH KEYWORD=VALUE\n`, the length counting all of it.
 *
 * @throws {ArtifactRefusedError} a length that is not the record's, a keyword twice, an empty path, NUL, other bytes than UTF-8,
 * or a character set of its own: readers disagree on each
 */
export function paxRecords(bytes: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.byteLength; ) {
    const { keyword, value, length } = recordAt(bytes.subarray(at));
    if (records.has(keyword)) throw refused(`expected each PAX keyword once, got ${shown(keyword)} twice`);
    if ((keyword === 'path' && value === '') || keyword === 'hdrcharset' || keyword === 'charset')
      throw refused(`expected a PAX header that readers agree on, got ${shown(keyword)}=${shown(value)}`);
    records.set(keyword, value);
    at += length;
  }
  return records;
}

function recordAt(bytes: Uint8Array): { readonly keyword: string; readonly value: string; readonly length: number } {
  const digits = /^([1-9][0-9]{0,5}) /.exec(String.fromCharCode(...bytes.subarray(0, 8)))?.[1];
  const length = Number(digits ?? 0);
  const record = bytes.subarray((digits?.length ?? 0) + 1, length);
  if (!digits || length > bytes.byteLength || record.at(-1) !== NEWLINE) throw malformed();
  const text = utf8(record.subarray(0, -1));
  const equals = text.indexOf('=');
  // Values of extended attributes may be binary; names and sizes may not.
  if (equals < 1) throw malformed();
  const [keyword, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (keyword.includes('\0') || (DECIDING.test(keyword) && value.includes('\0'))) throw malformed();
  return { keyword, value, length };
}

const NEWLINE = 0x0a;
const DECIDING = /^(path|linkpath|size)$/;

const malformed = () => refused('expected PAX headers of the form "length keyword=value", got another');

/** Extended attributes hold any bytes, which decide nothing here. */
const utf8 = (bytes: Uint8Array): string => {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (text.includes('\uFFFD') && DECIDING.test(text.slice(0, Math.max(0, text.indexOf('='))))) throw malformed();
  return text;
};
