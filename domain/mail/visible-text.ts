/** Controls but tab and line feed, zero-width and bidirectional marks: with them a text reads differently than it is. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const LONE_SURROGATE = /\p{Cs}/gu;

/** Untrusted text as it may be shown: line ends are `\n`, what cannot be seen is gone, longer than `limit` characters is cut with `…`. */
export function visibleText(text: string, limit = Number.POSITIVE_INFINITY): string {
  // Cut first with room for what is removed, so a 100 MB text costs no more than a short one.
  const some = text.length > limit * 4 ? text.slice(0, limit * 4) : text;
  const shown = some.replace(/\r\n?/g, '\n').replace(INVISIBLE, '').replace(LONE_SURROGATE, '\ufffd');
  const characters = shown.length > limit ? [...shown] : undefined;
  if (!characters || characters.length <= limit) return shown;
  return `${characters.slice(0, limit - 1).join('')}…`;
}

/** Untrusted text on one line: any run of white space is one space. */
export const oneLine = (text: string, limit?: number): string =>
  visibleText(text.slice(0, limit === undefined ? undefined : limit * 8).replace(/\s+/g, ' '), limit).trim();

const HEADER_CHARACTERS = 200;

/** The value of a mail header: one line, no control characters, at most 200 characters, so it cannot start another header. */
export const headerText = (text: string): string => oneLine(text, HEADER_CHARACTERS);
