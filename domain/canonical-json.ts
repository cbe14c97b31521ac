/**
 * JSON with sorted keys and without undefined members: equal values give equal text, so a digest of it can be compared.
 *
 * @throws {TypeError} a number that is not finite, or a value JSON cannot hold (function, symbol, bigint)
 * @see RFC 8785; keys sort by UTF-16 code units, numbers print as ECMAScript prints them
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`expected a finite number, got ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`expected a JSON value, got ${typeof value}`);
}
