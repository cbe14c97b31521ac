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
 * @throws {RangeError} the expression is none of these
 */
export function readSchedule(expression: string, timeZone: string, base: number): Recurrence {
  const [, kind, content] = /^(at|rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'at') return once(content!, timeZone);
  if (kind === 'rate') return rate(content!, base);
  if (kind === 'cron') return cron(content!, timeZone);
  throw new RangeError(`expected at(…), rate(…) or cron(…), got ${expression}`);
}

function once(content: string, timeZone: string): Recurrence {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(content)) {
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
  const weekday = dayOfWeek!.replaceAll(/(?<!#)\b\d(?=$|[,\-/L#])/g, (day) => String(Number(day) - 1));
  const pattern = ['0', minute, hour, any(dayOfMonth!), month, any(weekday), year].join(' ');
  let parsed: Cron;
  try {
    parsed = new Cron(pattern, { timezone: timeZone, paused: true, mode: '7-part' });
  } catch (error) {
    throw new RangeError(`expected a cron expression, got cron(${content}): ${(error as Error).message}`);
  }
  return { once: false, next: (after) => parsed.nextRun(new Date(after))?.getTime() };
}

const any = (field: string): string => (field === '?' ? '*' : field);
