import { Cron } from 'croner';

/** What a schedule expression means in time. All times in milliseconds since the epoch. */
export interface Recurrence {
  /** Happens once, whatever came before. */
  readonly once: boolean;
  /** The first occurrence strictly after a moment, or undefined if there is none. */
  next(after: number): number | undefined;
}

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * Reads `at(2030-01-31T09:00:00)`, `rate(5 minutes)` or `cron(15 * * * ? *)`.
 *
 * @param timeZone IANA name, for `at` and `cron`
 * @param base where a rate counts from: its first occurrence
 * @throws {RangeError} the expression is none of these, or there is no such time zone
 */
export function readSchedule(expression: string, timeZone: string, base: number): Recurrence {
  requireTimeZone(timeZone);
  const [, kind, content] = /^(at|rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'at') return once(content!, timeZone);
  if (kind === 'rate') return rate(content!, base);
  if (kind === 'cron') return cron(content!, timeZone);
  throw new RangeError(`expected at(…), rate(…) or cron(…), got ${expression}`);
}

function once(content: string, timeZone: string): Recurrence {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(content) || !isInCalendar(content)) {
    throw new RangeError(`expected at(yyyy-mm-ddThh:mm:ss), got at(${content})`);
  }
  const at = new Cron(content, { timezone: timeZone, paused: true }).nextRun(new Date(0))?.getTime();
  return { once: true, next: (after) => (at !== undefined && at > after ? at : undefined) };
}

function rate(content: string, base: number): Recurrence {
  const [, count, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(content) ?? [];
  if (!unit) throw new RangeError(`expected rate(NUMBER minutes|hours|days), got rate(${content})`);
  const interval = Number(count) * UNITS[unit as keyof typeof UNITS];
  return {
    once: false,
    next: (after) => (after < base ? base : base + (Math.floor((after - base) / interval) + 1) * interval),
  };
}

/** AWS counts weekdays from Sunday = 1, croner from Sunday = 0; AWS wants a `?` for the day it does not use. */
function cron(content: string, timeZone: string): Recurrence {
  const fields = content.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields;
  if (fields.length !== 6 || (dayOfMonth !== '?') === (dayOfWeek !== '?')) {
    throw new RangeError(
      `expected cron(minutes hours day-of-month month day-of-week year) with one ?, got cron(${content})`,
    );
  }
  const days = fromTo(any(dayOfMonth!), 31);
  const weekday = dayOfWeek!.replaceAll(/(?<!#)\b\d(?=$|[,\-/L#])/g, (day) => String(Number(day) - 1));
  const pattern = ['0', fromTo(minute!, 59), fromTo(hour!, 23), days, fromTo(month!, 12), any(weekday), year].join(' ');
  let parsed: Cron;
  try {
    parsed = new Cron(pattern, { timezone: timeZone, paused: true, mode: '7-part' });
  } catch (error) {
    throw new RangeError(`expected a cron expression, got cron(${content}): ${(error as Error).message}`);
  }
  return { once: false, next: (after) => nextOnTheClock(parsed, timeZone, after) };
}

/**
 * Where the clocks go forward, AWS leaves out what falls into the gap (croner would make it up at the gap's end); where they
 * go back, it runs once what the clock shows twice.
 */
function nextOnTheClock(cron: Cron, timeZone: string, after: number): number | undefined {
  let next = cron.nextRun(new Date(after));
  while (next && (!cron.match(next) || isShownAgain(next.getTime(), timeZone))) next = cron.nextRun(next);
  return next?.getTime();
}

/** Clocks go back by an hour, or on Lord Howe Island by half of one. */
const BACKWARD_STEPS = [3_600_000, 1_800_000];

function isShownAgain(at: number, timeZone: string): boolean {
  if (timeZone === 'UTC') return false;
  const wall = new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return BACKWARD_STEPS.some((step) => wall.format(at - step) === wall.format(at));
}

function requireTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new RangeError(`expected the name of a time zone, got '${timeZone}'`);
  }
}

/** Not the 30th of February. */
function isInCalendar(local: string): boolean {
  const at = new Date(`${local}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(local);
}

/** AWS writes `0/15` for every fifteen from 0 to the end. */
const fromTo = (field: string, last: number): string =>
  field.replaceAll(/\b(\d+)\//g, `$1-${last}/`).replaceAll(/-(\d+)-\d+\//g, '-$1/');

const any = (field: string): string => (field === '?' ? '*' : field);
