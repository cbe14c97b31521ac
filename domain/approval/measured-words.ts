import type { Estimate } from './comparison.ts';

const MINUS = '\u2212';

/** Three decimals for what is small, four significant places for what is not, one for what would vanish; never an exponent. */
export function figure(value: number): string {
  const text = unsigned(Math.abs(value));
  return `${value < 0 && Number(text) !== 0 ? MINUS : ''}${text}`;
}

function unsigned(size: number): string {
  if (size >= 10) return size.toLocaleString('en', { maximumSignificantDigits: Number.isInteger(size) ? 21 : 4 });
  return size === 0 || size >= 0.0005 ? size.toFixed(3) : size.toFixed(6).replace(/0+$/, '').replace(/\.$/, '');
}

/** With its sign: `+0.050`. */
export const change = (value: number): string =>
  `${value > 0 && Number(figure(value)) !== 0 ? '+' : ''}${figure(value)}`;

/** `0.616 (0.578–0.654)`. */
export const measured = ({ value, low, high }: Estimate): string =>
  low === undefined || high === undefined ? figure(value) : `${figure(value)} (${figure(low)}\u2013${figure(high)})`;

/** `+0.021 to +0.079`; undefined where it was not estimated. */
export const between = ({ low, high }: Estimate): string | undefined =>
  low === undefined || high === undefined ? undefined : `${change(low)} to ${change(high)}`;

/** `1,388`. */
export const count = (value: number): string => value.toLocaleString('en');

/** `9.4 %`, with a space that does not break. */
export const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)}\u00a0%`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[], last = 'and'): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `one`, `two`, … `ten`, `11`. */
export const inWords = (value: number): string => NUMBERS[value] ?? count(value);
