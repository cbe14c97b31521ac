import { BlockList, isIP } from 'node:net';
import { NotImplementedError } from '../service.ts';
import { keyValue, matchesArn, matchesWildcard, resolveVariables } from './match.ts';
import type { ConditionBlock, Context } from './policy.ts';

type Compare = (given: string, wanted: string) => boolean;

const numeric =
  (holds: (given: number, wanted: number) => boolean): Compare =>
  (given, wanted) =>
    given.trim() !== '' && wanted.trim() !== '' && holds(Number(given), Number(wanted));

const dated =
  (holds: (given: number, wanted: number) => boolean): Compare =>
  (given, wanted) =>
    holds(instant(given), instant(wanted));

/** ISO 8601 or seconds since the epoch, in milliseconds; NaN compares false with everything. */
const instant = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));

/** Comparisons by operator; the negated ones are their opposites, below. */
const COMPARISONS = new Map<string, Compare>([
  ['StringEquals', (given, wanted) => given === wanted],
  ['StringEqualsIgnoreCase', (given, wanted) => given.toLowerCase() === wanted.toLowerCase()],
  ['StringLike', (given, wanted) => matchesWildcard(wanted, given)],
  ['ArnEquals', (given, wanted) => matchesArn(wanted, given)],
  ['ArnLike', (given, wanted) => matchesArn(wanted, given)],
  ['NumericEquals', numeric((given, wanted) => given === wanted)],
  ['NumericLessThan', numeric((given, wanted) => given < wanted)],
  ['NumericLessThanEquals', numeric((given, wanted) => given <= wanted)],
  ['NumericGreaterThan', numeric((given, wanted) => given > wanted)],
  ['NumericGreaterThanEquals', numeric((given, wanted) => given >= wanted)],
  ['DateEquals', dated((given, wanted) => given === wanted)],
  ['DateLessThan', dated((given, wanted) => given < wanted)],
  ['DateLessThanEquals', dated((given, wanted) => given <= wanted)],
  ['DateGreaterThan', dated((given, wanted) => given > wanted)],
  ['DateGreaterThanEquals', dated((given, wanted) => given >= wanted)],
  ['Bool', (given, wanted) => given.toLowerCase() === wanted.toLowerCase()],
  ['BinaryEquals', (given, wanted) => given === wanted],
  ['IpAddress', inRange],
]);

const NEGATIONS = new Map([
  ['StringNotEquals', 'StringEquals'],
  ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase'],
  ['StringNotLike', 'StringLike'],
  ['ArnNotEquals', 'ArnEquals'],
  ['ArnNotLike', 'ArnLike'],
  ['NumericNotEquals', 'NumericEquals'],
  ['DateNotEquals', 'DateEquals'],
  ['NotIpAddress', 'IpAddress'],
]);

/**
 * Whether every condition of a statement holds: all operators, all keys, any of the values.
 *
 * @throws {NotImplementedError} an operator that IAM does not have, or that is missing here
 */
export function conditionsHold(conditions: ConditionBlock, context: Context): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => conditionHolds(operator, keyValue(context, key), wanted, context)),
  );
}

function conditionHolds(
  operator: string,
  value: string | readonly string[] | undefined,
  wanted: readonly string[],
  context: Context,
): boolean {
  const { quantifier, name, ifExists } = parse(operator);
  const given = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  if (name === 'Null') return wanted.some((text) => text.toLowerCase() === String(given.length === 0));

  const negated = NEGATIONS.get(name);
  const compare = COMPARISONS.get(negated ?? name);
  if (!compare) throw new NotImplementedError(`iam:Policy Condition ${operator}`);
  const values = wanted.map((text) => resolveVariables(text, context)).filter((text) => text !== undefined);
  const matches = (text: string) => values.some((expected) => compare(text, expected)) !== Boolean(negated);

  if (quantifier === 'ForAllValues') return given.every(matches);
  if (given.length === 0) return quantifier === undefined && (ifExists || Boolean(negated));
  if (quantifier === 'ForAnyValue') return given.some(matches);
  return negated ? given.every(matches) : given.some(matches);
}

function parse(operator: string): { quantifier: string | undefined; name: string; ifExists: boolean } {
  const [, quantifier, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  return { quantifier, name, ifExists: ifExists !== undefined };
}

function inRange(given: string, wanted: string): boolean {
  const [network = '', prefix] = wanted.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(given) !== isIP(network) || isIP(given) === 0) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  return list.check(given, family);
}
