import type { Context } from './policy.ts';

/** Compiled patterns; a template has a few hundred, a test run a few thousand. */
const compiled = new Map<string, RegExp>();
const MOST_COMPILED = 10_000;

/** A literal `*`, `?` or `$` that a policy wrote as `${*}`, kept from acting as a wildcard. */
const LITERAL = new Map([
  ['*', '\u{f0001}'],
  ['?', '\u{f0002}'],
  ['$', '$'],
]);

/** `*` is any text, `?` any one character. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    const source = pattern
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')
      .replaceAll('\u{f0001}', '\\*')
      .replaceAll('\u{f0002}', '\\?');
    expression = new RegExp(`^${source}$`, 'su');
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** `s3:Get*` against `s3:GetObject`; case does not matter. */
export const matchesAction = (pattern: string, action: string): boolean =>
  matchesWildcard(pattern.toLowerCase(), action.toLowerCase());

/**
 * Compares ARNs part by part, as ArnLike does: a wildcard stays within its part of the six; the last part holds the rest.
 * A pattern that is not an ARN (`*`) is compared as text.
 */
export function matchesArn(pattern: string, arn: string): boolean {
  const wanted = arnParts(pattern);
  const given = arnParts(arn);
  if (wanted.length < 6 || given.length < 6) return matchesWildcard(pattern, arn);
  return wanted.every((part, index) => matchesWildcard(part, given[index]!));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/**
 * Replaces policy variables: `${aws:PrincipalTag/team}`, `${aws:username, 'nobody'}`, `${*}`.
 *
 * @returns undefined where a variable has no value in this request: then nothing matches
 */
export function resolveVariables(pattern: string, context: Context): string | undefined {
  if (!pattern.includes('${')) return pattern;
  let missing = false;
  const resolved = pattern.replace(/\$\{([^}]*)\}/g, (_, inside: string) => {
    const literal = LITERAL.get(inside);
    if (literal) return literal;
    const [, key = '', fallback] = /^\s*([^,]+?)\s*(?:,\s*'(.*)'\s*)?$/.exec(inside) ?? [];
    const value = keyValue(context, key);
    const text = typeof value === 'string' ? value : fallback;
    if (text === undefined) missing = true;
    // A value from outside never acts as a wildcard.
    return (text ?? '').replace(/[*?]/g, (wildcard) => LITERAL.get(wildcard)!);
  });
  return missing ? undefined : resolved;
}

/** A condition key's value; keys differ in case between policies and services. */
export function keyValue(context: Context, key: string): string | readonly string[] | undefined {
  const exact = Object.hasOwn(context, key) ? context[key] : undefined;
  if (exact !== undefined) return exact;
  const lower = key.toLowerCase();
  for (const [candidate, value] of Object.entries(context)) {
    if (candidate.toLowerCase() === lower) return value;
  }
  return undefined;
}
