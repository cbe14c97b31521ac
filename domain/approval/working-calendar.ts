import type { DeployedConfig, WorkingCalendar } from '../deployed-config.ts';

export const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** Where nothing is configured: whole days, Monday to Friday, UTC. */
export const WHOLE_WEEKDAYS: WorkingCalendar = {
  timeZone: 'UTC',
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
  hours: ['00:00', '24:00'],
  holidays: [],
};

const DAY_MS = 86_400_000;
/** A calendar without a working day in so long is a mistake. */
const MOST_DAYS = 800;

/** A stretch of working time, in epoch milliseconds. */
interface Shift {
  readonly start: number;
  readonly end: number;
}

/**
 * The moment by which `milliseconds` of working time have passed. Hours are those of the wall clock there, so a shift in which
 * clocks are changed is an hour shorter or longer.
 *
 * @throws {RangeError} the calendar has no working day within two years
 */
export function addWorkingTime(calendar: WorkingCalendar, from: Date, milliseconds: number): Date {
  let left = milliseconds;
  for (const { start, end } of shiftsFrom(calendar, from)) {
    if (left <= end - start) return new Date(start + left);
    left -= end - start;
  }
  throw new RangeError(`expected a calendar of ${calendar.timeZone} with working days, got none in two years`);
}

/** Milliseconds of working time between two moments; 0 where `to` is not later. */
export function workingTimeBetween(calendar: WorkingCalendar, from: Date, to: Date): number {
  let sum = 0;
  for (const { start, end } of shiftsFrom(calendar, from)) {
    if (start >= to.getTime()) break;
    sum += Math.min(end, to.getTime()) - start;
  }
  return sum;
}

/** The local date of a shift that has begun by `at` and not ended; undefined outside working hours. */
export function workingDate(calendar: WorkingCalendar, at: Date): string | undefined {
  const [shift] = shiftsFrom(calendar, at);
  return shift && shift.start <= at.getTime() ? localDate(calendar.timeZone, at.getTime()) : undefined;
}

/**
 * When hours begin next, after a moment.
 *
 * @throws {RangeError} the calendar has no working day within two years
 */
export function nextStart(calendar: WorkingCalendar, after: Date): Date {
  for (const { start } of shiftsFrom(calendar, after)) if (start > after.getTime()) return new Date(start);
  throw new RangeError(`expected a calendar of ${calendar.timeZone} with working days, got none in two years`);
}

/** When hours last began after one moment and until another; undefined where they did not. */
export function lastStart(calendar: WorkingCalendar, after: Date, until: Date): Date | undefined {
  let last: Date | undefined;
  for (const { start } of shiftsFrom(calendar, after)) {
    if (start > until.getTime()) break;
    if (start > after.getTime()) last = new Date(start);
  }
  return last;
}

/** How much of the working time between two moments has passed, 0–1; where there is none of it, of all time. */
export function fractionPassed(calendar: WorkingCalendar, from: Date, to: Date, now: Date): number {
  const whole = workingTimeBetween(calendar, from, to);
  const fraction =
    whole > 0
      ? workingTimeBetween(calendar, from, now) / whole
      : (now.getTime() - from.getTime()) / (to.getTime() - from.getTime());
  return Math.min(1, Math.max(0, fraction));
}

/** The calendar's shifts in order, the first cut to begin at `from`. */
function* shiftsFrom({ timeZone, days, hours, holidays }: WorkingCalendar, from: Date): Generator<Shift> {
  const [opens, closes] = hours.map(minutesOf) as [number, number];
  const free = new Set(holidays);
  const first = Date.parse(localDate(timeZone, from.getTime()));
  for (let i = 0; i < MOST_DAYS; i++) {
    const midnight = first + i * DAY_MS;
    const date = new Date(midnight).toISOString().slice(0, 10);
    if (free.has(date) || !days.includes(WEEKDAYS[new Date(midnight).getUTCDay()]!)) continue;
    const start = instantOf(timeZone, midnight + opens * 60_000);
    // A date that a zone left out, as Samoa did when it crossed the date line, has no shift.
    if (localDate(timeZone, start) !== date) continue;
    const end = instantOf(timeZone, midnight + closes * 60_000);
    if (end > from.getTime()) yield { start: Math.max(start, from.getTime()), end };
  }
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/**
 * The instant at which clocks there show a time; the first of two, and after the gap where the hour is left out.
 *
 * @param wall the clock's reading as if it were UTC, in epoch milliseconds
 */
function instantOf(timeZone: string, wall: number): number {
  const candidates = [wall - DAY_MS, wall + DAY_MS].map((near) => wall - offsetAt(timeZone, near));
  const exact = candidates.filter((instant) => instant + offsetAt(timeZone, instant) === wall);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const part = '2-digit';
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: part,
      day: part,
      hour: part,
      minute: part,
      second: part,
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** What clocks there show, as if it were UTC; epoch milliseconds, whole seconds. */
export function wallClock(timeZone: string, instant: number): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: string) => Number(parts[type]);
  return Date.UTC(
    number('year'),
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
}

const offsetAt = (timeZone: string, instant: number): number =>
  wallClock(timeZone, instant) - Math.floor(instant / 1000) * 1000;

/** `2026-11-24`, as people there have it. */
export const localDate = (timeZone: string, instant: number): string =>
  new Date(wallClock(timeZone, instant)).toISOString().slice(0, 10);

/**
 * The calendar of a person: their own, otherwise that of the first of these roles that has one, otherwise the one called
 * `default`, otherwise whole days from Monday to Friday, UTC.
 */
export function calendarOf(config: DeployedConfig, person: string, roles: readonly string[] = []): WorkingCalendar {
  const calendars = new Map(Object.entries(config.calendars ?? {}));
  const ofRoles = new Map(Object.entries(config.roleCalendars ?? {}));
  const names = [
    new Map(Object.entries(config.people)).get(person)?.calendar,
    ...roles.map((role) => ofRoles.get(role)),
    'default',
  ];
  const name = names.find((one) => one !== undefined && calendars.has(one));
  return (name === undefined ? undefined : calendars.get(name)) ?? WHOLE_WEEKDAYS;
}
