import type { State } from '../definition.ts';

/** Fields that mean the same in JSONPath and in JSONata, as long as their values are literals. */
const NEUTRAL = new Set([
  'Type',
  'Comment',
  'QueryLanguage',
  'Next',
  'End',
  'Assign',
  'Error',
  'Cause',
  'Seconds',
  'Timestamp',
]);

/** Whether a state without paths and expressions does the same in either query language. */
export function isNeutral(state: State): boolean {
  return Object.entries(state).every(([field, value]) => NEUTRAL.has(field) && isLiteral(value));
}

/** No path (`"x.$": …`, intrinsic functions included) and nothing that looks like an expression. */
function isLiteral(value: unknown): boolean {
  if (typeof value === 'string') return !value.startsWith('{%');
  if (Array.isArray(value)) return value.every(isLiteral);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => !key.endsWith('.$') && isLiteral(item));
}
