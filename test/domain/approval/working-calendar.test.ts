import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addWorkingTime,
  calendarOf,
  fractionPassed,
  WHOLE_WEEKDAYS,
  workingDate,
  workingTimeBetween,
} from '../../../domain/approval/working-calendar.ts';
import type { WorkingCalendar } from '../../../domain/deployed-config.ts';
import { CONFIG } from '../../support/approval-fixtures.ts';

interface Reference {
  readonly calendars: readonly WorkingCalendar[];
  readonly cases: readonly {
    readonly calendar: number;
    readonly from: string;
    readonly to: string;
    readonly minutes: number;
  }[];
}

/** Counted minute by minute by Python's zoneinfo: `make_working_time_reference.py`. */
const REFERENCE = JSON.parse(readFileSync('test/domain/approval/working-time-reference.json', 'utf8')) as Reference;
const HOUR = 3_600_000;
const AMSTERDAM: WorkingCalendar = {
  timeZone: 'Europe/Amsterdam',
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
  hours: ['09:00', '17:00'],
  holidays: ['2026-12-25'],
};
const later = (calendar: WorkingCalendar, from: string, hours: number) =>
  addWorkingTime(calendar, new Date(from), hours * HOUR).toISOString();

describe('working time', () => {
  it('is what counting minute by minute gives, over clock changes, holidays and date lines', () => {
    const minutes = REFERENCE.cases.map(
      ({ calendar, from, to }) =>
        workingTimeBetween(REFERENCE.calendars[calendar]!, new Date(from), new Date(to)) / 60_000,
    );
    expect(minutes).toEqual(REFERENCE.cases.map((one) => one.minutes));
    expect(minutes).toHaveLength(64);
  });

  it('runs on the next working day where it begins after hours, at a weekend or on a holiday', () => {
    expect(later(AMSTERDAM, '2026-11-20T16:30:00Z', 1)).toBe('2026-11-23T09:00:00.000Z');
    expect(later(AMSTERDAM, '2026-12-24T15:00:00Z', 2)).toBe('2026-12-28T09:00:00.000Z');
  });

  it('follows the clock there when it is changed', () => {
    // 09:00 in Amsterdam is 08:00 UTC in winter and 07:00 in summer; clocks change on Sunday 29 March 2026.
    expect(later(AMSTERDAM, '2026-03-27T15:00:00Z', 2)).toBe('2026-03-30T08:00:00.000Z');
    expect(later(AMSTERDAM, '2026-10-23T14:00:00Z', 2)).toBe('2026-10-26T09:00:00.000Z');
  });

  it('is whole days from Monday to Friday, UTC, where nothing is configured', () => {
    expect(later(WHOLE_WEEKDAYS, '2026-11-20T18:00:00Z', 24)).toBe('2026-11-23T18:00:00.000Z');
  });

  it('added and counted again is the same', () => {
    const moments = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    const calendars = fc.constantFrom(...REFERENCE.calendars);
    fc.assert(
      fc.property(calendars, moments, fc.integer({ min: 1, max: 240 * HOUR }), (calendar, from, time) => {
        const end = addWorkingTime(calendar, from, time);
        expect(workingTimeBetween(calendar, from, end)).toBe(time);
        // Not a millisecond earlier.
        expect(workingTimeBetween(calendar, from, new Date(end.getTime() - 1))).toBe(time - 1);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a calendar on which nobody ever works', () => {
    const never = { ...AMSTERDAM, days: [] };
    expect(() => later(never, '2026-01-01T00:00:00Z', 1)).toThrow('expected a calendar of Europe/Amsterdam with');
  });
});

describe('a working date', () => {
  it('is the local one, within hours only', () => {
    const kolkata: WorkingCalendar = { ...AMSTERDAM, timeZone: 'Asia/Kolkata' };
    expect(workingDate(kolkata, new Date('2026-11-23T03:30:00Z'))).toBe('2026-11-23');
    expect(workingDate(kolkata, new Date('2026-11-23T03:29:59Z'))).toBeUndefined();
    expect(workingDate(kolkata, new Date('2026-11-23T11:30:00Z'))).toBeUndefined();
    expect(workingDate(kolkata, new Date('2026-11-22T05:00:00Z'))).toBeUndefined();
  });
});

describe('the fraction of time passed', () => {
  it('stands still over the night', () => {
    const [from, to] = [new Date('2026-11-23T08:00:00Z'), new Date('2026-11-24T16:00:00Z')];
    const at = (now: string) => fractionPassed(AMSTERDAM, from, to, new Date(now));
    expect([at('2026-11-23T16:00:00Z'), at('2026-11-24T07:00:00Z'), at('2026-11-24T12:00:00Z')]).toEqual([
      0.5, 0.5, 0.75,
    ]);
    expect(at('2026-12-01T00:00:00Z')).toBe(1);
  });

  it('is that of all time where none of it is working time', () => {
    const [from, to] = [new Date('2026-11-21T00:00:00Z'), new Date('2026-11-22T00:00:00Z')];
    expect(fractionPassed(AMSTERDAM, from, to, new Date('2026-11-21T06:00:00Z'))).toBe(0.25);
  });
});

describe("a person's calendar", () => {
  it('is their own, or the role’s, or the default, or whole weekdays', () => {
    const named = (timeZone: string) => ({ ...AMSTERDAM, timeZone });
    const calendars = { own: named('Asia/Tokyo'), role: named('Asia/Kolkata'), default: named('Europe/Paris') };
    const people = { ...CONFIG.people, ada: { ...CONFIG.people.ada!, calendar: 'own' } };
    const config = { ...CONFIG, people, calendars, roleCalendars: { business: 'role' } };
    const zone = (person: string, roles: string[] = []) => calendarOf(config, person, roles).timeZone;
    expect(zone('ada', ['business'])).toBe('Asia/Tokyo');
    expect(zone('ben', ['model-risk', 'business'])).toBe('Asia/Kolkata');
    expect(zone('abe')).toBe('Europe/Paris');
    expect(calendarOf(CONFIG, 'ada')).toBe(WHOLE_WEEKDAYS);
  });
});
