import type { Interval } from '../../domain/evaluation/intervals.ts';
import { html, type Markup } from '../../domain/mail/markup.ts';

const HALF = 45;

/** A hundredth of the width is enough. */
const part = (value: number, most: number): string => (most <= 0 ? '0' : Math.max(0, (100 * value) / most).toFixed(1));

/** A bar as wide as its share of the largest; the number beside says the same. @param mark where a line is drawn */
export const barCell = (value: number, most: number, mark?: number): Markup =>
  html`<td class="bars"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" x="0" y="1" height="8" width="${part(value, most)}"/>${mark !== undefined && html`<line class="threshold" x1="${part(mark, most)}" x2="${part(mark, most)}" y1="0" y2="10"/>`}</svg></td>`;

/** A bar with its interval. */
export const rangeCell = ({ value, low, high }: Pick<Interval, 'value' | 'low' | 'high'>, most: number): Markup =>
  html`<td class="bars"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" x="0" y="1" height="8" width="${part(value, most)}"/><line class="whisker" x1="${part(low, most)}" x2="${part(high, most)}" y1="5" y2="5"/></svg></td>`;

/** An interval against zero: right of the line is better. */
export function whisker({ value, low, high }: Interval, lowerIsBetter: boolean): Markup {
  const most = Math.max(Math.abs(low), Math.abs(high), Number.MIN_VALUE);
  const at = (of: number) => (50 + ((lowerIsBetter ? -1 : 1) * of * HALF) / most).toFixed(1);
  return html`<svg class="whiskers" viewBox="0 0 100 14" aria-hidden="true"><line class="threshold" x1="50" x2="50" y1="0" y2="14"/><line class="whisker" x1="${at(low)}" x2="${at(high)}" y1="7" y2="7"/><circle class="dot" cx="${at(value)}" cy="7" r="3.5"/></svg> `;
}
