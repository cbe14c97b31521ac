import { WEEKDAYS, wallClock } from './working-calendar.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** `Tue 24 Nov 2026, 14:05 UTC`; elsewhere by the clock there: `Tue 24 Nov 2026, 15:05 (Europe/Amsterdam)`. */
export function moment(iso: string, timeZone = 'UTC'): string {
  const at = new Date(wallClock(timeZone, Date.parse(iso)));
  const zone = timeZone === 'UTC' ? 'UTC' : `(${timeZone})`;
  return `${day(at.toISOString().slice(0, 10))}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} ${zone}`;
}

/** `2026-11-24` as `Tue 24 Nov 2026`. */
export function day(date: string): string {
  const at = new Date(`${date}T00:00:00.000Z`);
  return `${WEEKDAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}
