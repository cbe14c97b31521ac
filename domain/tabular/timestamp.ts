const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Milliseconds since 1970 of an ISO 8601 date or date and time (UTC where no offset is given), or of whole epoch seconds (10
 * digits) or milliseconds (13 digits).
 *
 * @returns undefined where the text is none of these, or a date that does not exist
 */
export function parseTimestamp(text: string): number | undefined {
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as number[];
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const time = Date.UTC(year!, month! - 1, day!, hour, minute, second, milliseconds);
  const date = new Date(time);
  const exists =
    date.getUTCMonth() === month! - 1 && date.getUTCDate() === day && hour! < 24 && minute! < 60 && second! < 60;
  return exists ? time - offsetMinutes(match[8]) * 60_000 : undefined;
}

function offsetMinutes(offset: string | undefined): number {
  if (offset === undefined || offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return offset.startsWith('-') ? -minutes : minutes;
}
