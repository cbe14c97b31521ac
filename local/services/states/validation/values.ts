import { isObject } from '../json.ts';
import { expressionIn } from '../jsonata.ts';

/** What a field may hold; returns what was expected, or undefined where it is right. */
export type Check = (value: unknown) => string | undefined;

export const anything: Check = () => undefined;

export const text: Check = (value) => (typeof value === 'string' ? undefined : 'a string');

export const truth: Check = (value) => (typeof value === 'boolean' ? undefined : 'a boolean');

export const object: Check = (value) => (isObject(value) ? undefined : 'an object');

export const array: Check = (value) => (Array.isArray(value) ? undefined : 'an array');

export const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string) ? undefined : `one of ${values.join(', ')}`;

export const number =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most ? undefined : `a number from ${least} to ${most}`;

export const integer =
  (least: number, most = 99_999_999): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `an integer from ${least} to ${most}`;

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export const timestamp: Check = (value) =>
  typeof value === 'string' && TIMESTAMP.test(value) ? undefined : 'an RFC 3339 timestamp';

/** The same, or an expression that gives it when the state runs. */
export const orExpression =
  (check: Check): Check =>
  (value) => {
    if (typeof value === 'string' && expressionIn(value) !== undefined) return undefined;
    const expected = check(value);
    return expected === undefined ? undefined : `${expected} or a JSONata expression`;
  };

export const either =
  (...checks: readonly Check[]): Check =>
  (value) => {
    const expected = checks.map((check) => check(value));
    return expected.includes(undefined) ? undefined : expected.join(' or ');
  };
