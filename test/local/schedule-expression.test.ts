import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSchedule } from '../../local/schedule-expression.ts';

/** The next occurrences after a moment, as UTC minutes. */
function occurrences(expression: string, timeZone: string, from: string, count: number): string[] {
  const found: string[] = [];
  const { next } = readSchedule(expression, timeZone, Date.parse(from));
  for (let at = next(Date.parse(from)); at !== undefined && found.length < count; at = next(at)) {
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe('a cron expression in a time zone', () => {
  it('leaves out what falls where the clocks go forward', () => {
    expect(occurrences('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ]);
    expect(occurrences('cron(0 2,3 * * ? *)', 'Europe/Berlin', '2026-03-29T00:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });

  it('happens once where the clocks go back', () => {
    expect(occurrences('cron(30 1 * * ? *)', 'America/New_York', '2026-11-01T00:00Z', 2)).toEqual([
      '2026-11-01T05:30',
      '2026-11-02T06:30',
    ]);
    expect(occurrences('cron(0 * * * ? *)', 'Europe/Berlin', '2026-10-24T23:30Z', 3)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T02:00',
      '2026-10-25T03:00',
    ]);
    expect(occurrences('cron(15 1 * * ? *)', 'Australia/Lord_Howe', '2026-04-04T00:00Z', 2)).toEqual([
      '2026-04-04T14:15',
      '2026-04-05T14:45',
    ]);
  });

  it('keeps to its local hour over the year', () => {
    const days = occurrences('cron(0 9 ? * MON-FRI *)', 'Europe/Berlin', '2026-01-01T00:00Z', 260);
    const hours = days.map((day) =>
      new Date(`${day}Z`).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' }),
    );
    expect(new Set(hours)).toEqual(new Set(['09:00']));
    expect(days).toHaveLength(260);
  });

  it('never goes back, wherever it is and whatever the hour', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC');
    const day = fc.integer({ min: 0, max: 364 });
    fc.assert(
      fc.property(zone, day, fc.nat(23), fc.nat(59), (timeZone, offset, hour, minute) => {
        const from = Date.UTC(2026, 0, 1 + offset);
        const next = readSchedule(`cron(${minute} ${hour} * * ? *)`, timeZone, from).next(from)!;
        expect(next).toBeGreaterThan(from);
        // A day has at most 25 hours, and at most one occurrence falls into a gap.
        expect(next).toBeLessThanOrEqual(from + 2 * 25 * 3_600_000);
        const wall = new Date(next).toLocaleTimeString('en-GB', { timeZone, timeStyle: 'short' });
        expect(wall).toBe(`${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
      }),
      { numRuns: 200 },
    );
  });
});

describe("AWS's own ways to write a cron expression", () => {
  it.each([
    ['cron(0/20 10 * * ? *)', ['2026-01-01T10:00', '2026-01-01T10:20', '2026-01-01T10:40', '2026-01-02T10:00']],
    ['cron(5-30/10 10 * * ? *)', ['2026-01-01T10:05', '2026-01-01T10:15', '2026-01-01T10:25', '2026-01-02T10:05']],
    ['cron(0 8 L * ? *)', ['2026-01-31T08:00', '2026-02-28T08:00']],
    ['cron(0 8 ? * 6L *)', ['2026-01-30T08:00', '2026-02-27T08:00']],
    ['cron(0 8 ? * 2#1 *)', ['2026-01-05T08:00', '2026-02-02T08:00']],
    ['cron(0 8 3W * ? *)', ['2026-01-02T08:00', '2026-02-03T08:00']],
    ['cron(0 8 1 1 ? 2027)', ['2027-01-01T08:00']],
  ])('%s', (expression, expected) => {
    expect(occurrences(expression, 'UTC', '2026-01-01T00:00Z', expected.length)).toEqual(expected);
  });
});

describe('a one-off expression', () => {
  it('is at its local time', () => {
    expect(occurrences('at(2026-07-01T09:00:00)', 'Europe/Berlin', '2026-01-01T00:00Z', 2)).toEqual([
      '2026-07-01T07:00',
    ]);
  });
});

describe('a rate', () => {
  it('counts its hours whatever the clocks do', () => {
    expect(occurrences('rate(1 day)', 'Europe/Berlin', '2026-03-28T12:00Z', 2)).toEqual([
      '2026-03-29T12:00',
      '2026-03-30T12:00',
    ]);
  });
});

it.each([
  ['at(2026-02-30T09:00:00)', 'UTC', 'expected at('],
  ['at(2026-02-03T25:00:00)', 'UTC', 'expected at('],
  ['rate(0 minutes)', 'UTC', 'expected rate('],
  ['cron(0 8 * * * *)', 'UTC', 'with one ?'],
  ['cron(0 8 1 * ? *)', 'Mars/Olympus', "expected the name of a time zone, got 'Mars/Olympus'"],
  ['daily', 'UTC', 'expected at(…), rate(…) or cron(…)'],
])('%s in %s is refused', (expression, timeZone, message) => {
  expect(() => readSchedule(expression, timeZone, 0)).toThrow(message);
});
