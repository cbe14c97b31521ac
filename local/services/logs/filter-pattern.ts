import { NotImplementedError } from '../../service.ts';

/**
 * Reads a filter pattern of terms: `ERROR timeout` (all), `?ERROR ?WARN` (any), `-DEBUG` (none), `"exact phrase"`.
 *
 * @throws {NotImplementedError} JSON, space-delimited and regular expression patterns
 */
export function filterPattern(pattern: string | undefined): (message: string) => boolean {
  const text = pattern?.trim() ?? '';
  if (/^[{[]/.test(text) || text.startsWith('%'))
    throw new NotImplementedError(`logs:FilterLogEvents filterPattern ${text}`);
  const terms = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign, quoted, bare]) => ({
    sign,
    term: quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
  }));
  const any = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    terms.every(({ sign, term }) => sign === '?' || message.includes(term) === (sign !== '-')) &&
    (any.length === 0 || any.some(({ term }) => message.includes(term)));
}
