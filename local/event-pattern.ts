import { NotImplementedError } from './service.ts';

/** A pattern as EventBridge and SNS filter policies write it: nested objects, with lists of conditions at the leaves. */
export type EventPattern = Readonly<Record<string, unknown>>;

type Json = unknown;

/**
 * Whether an event fits a pattern: every field of the pattern, any condition of each field.
 *
 * @throws {NotImplementedError} a kind of condition that is not implemented
 */
export function matchesPattern(pattern: EventPattern, event: Json): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or' && Array.isArray(wanted)) return wanted.some((part) => matchesPattern(part, event));
    const value = fieldOf(event, field);
    if (Array.isArray(wanted)) return wanted.some((condition) => matchesCondition(condition, value));
    if (!isObject(wanted)) throw new RangeError(`expected a list or an object for ${field} in an event pattern`);
    return [value].flat().some((item) => matchesPattern(wanted, item));
  });
}

/**
 * @throws {RangeError} no event pattern
 * @throws {NotImplementedError} a kind of condition that is not implemented
 */
export function checkPattern(pattern: unknown): EventPattern {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) throw new RangeError('expected an object with fields');
  for (const [field, wanted] of Object.entries(pattern)) {
    if (field === '$or' && Array.isArray(wanted)) {
      for (const part of wanted) checkPattern(part);
    } else if (Array.isArray(wanted)) {
      if (wanted.length === 0) throw new RangeError(`expected conditions for ${field}, got an empty list`);
      // Conditions are read as they are applied; any value shows whether each is known.
      for (const condition of wanted) matchesCondition(condition, 'x');
    } else {
      checkPattern(wanted);
    }
  }
  return pattern;
}

/** An absent field is undefined, which only `exists: false` and exclusions know. */
function matchesCondition(condition: Json, value: Json): boolean {
  if (isObject(condition) && 'exists' in condition)
    return condition.exists === (value !== undefined && !isObject(value));
  if (value === undefined) return false;
  const values = [value].flat();
  if (!isObject(condition)) return values.some((item) => item === condition);
  const [[kind, argument] = ['', undefined], ...rest] = Object.entries(condition);
  if (rest.length > 0) throw new RangeError(`expected one kind of condition, got ${Object.keys(condition)}`);
  return values.some((item) => compares(kind, argument, item));
}

function compares(kind: string, argument: Json, value: Json): boolean {
  if (kind === 'anything-but') return !excluded(argument, value);
  if (kind === 'numeric') return isInRange(argument, value);
  const ignoresCase = isObject(argument) && 'equals-ignore-case' in argument;
  const wanted = ignoresCase ? argument['equals-ignore-case'] : argument;
  const text = fold(value, ignoresCase || kind === 'equals-ignore-case');
  const given = fold(wanted, ignoresCase || kind === 'equals-ignore-case');
  if (typeof given !== 'string') throw new RangeError(`expected a text for ${kind}, got ${JSON.stringify(argument)}`);
  if (!KINDS.has(kind)) throw new NotImplementedError(`events:PutRule EventPattern ${kind}`);
  return typeof text === 'string' && KINDS.get(kind)!(text, given);
}

const KINDS = new Map<string, (text: string, given: string) => boolean>([
  ['prefix', (text, given) => text.startsWith(given)],
  ['suffix', (text, given) => text.endsWith(given)],
  ['equals-ignore-case', (text, given) => text === given],
  ['wildcard', (text, given) => fitsWildcard(text, given)],
]);

function excluded(argument: Json, value: Json): boolean {
  if (Array.isArray(argument)) return argument.includes(value);
  if (!isObject(argument)) return argument === value;
  return Object.entries(argument).some(([kind, given]) => [given].flat().some((one) => compares(kind, one, value)));
}

/** `[">", 0, "<=", 5]` */
function isInRange(argument: Json, value: Json): boolean {
  if (!Array.isArray(argument) || argument.length === 0 || argument.length % 2 === 1) {
    throw new RangeError(`expected operators and numbers for numeric, got ${JSON.stringify(argument)}`);
  }
  const pairs = Array.from({ length: argument.length / 2 }, (_, index) => argument.slice(2 * index, 2 * index + 2));
  return pairs.map(([operator, bound]) => fitsBound(String(operator), Number(bound), value)).every(Boolean);
}

function fitsBound(operator: string, bound: number, value: Json): boolean {
  if (!['=', '<', '<=', '>', '>='].includes(operator) || Number.isNaN(bound)) {
    throw new RangeError(`expected = < <= > or >= and a number, got ${operator} ${bound}`);
  }
  if (typeof value !== 'number') return false;
  if (operator === '=') return value === bound;
  if (operator.startsWith('<')) return operator === '<' ? value < bound : value <= bound;
  return operator === '>' ? value > bound : value >= bound;
}

/** `*` stands for any characters; `\*` for itself. Linear in the text, however many stars there are. */
function fitsWildcard(text: string, given: string): boolean {
  const parts = given.split(/(?<!\\)\*/).map((part) => part.replaceAll('\\*', '*'));
  if (parts.length === 1) return text === parts[0];
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

const fold = (value: Json, ignoresCase: boolean): Json =>
  ignoresCase && typeof value === 'string' ? value.toLowerCase() : value;

const fieldOf = (event: Json, field: string): Json =>
  isObject(event) && Object.hasOwn(event, field) ? event[field] : undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
