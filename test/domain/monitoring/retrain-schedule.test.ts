import { describe, expect, it } from '@jest/globals';
import { newestOccurrence } from '../../../domain/monitoring/retrain-schedule.ts';

describe('the newest occurrence of a schedule', () => {
  it.each([
    ['none', '2026-02-11T13:15:00Z', undefined],
    ['daily', '2026-02-11T00:00:00Z', '2026-02-11T00:00:00.000Z'],
    ['daily', '2026-02-11T23:59:59Z', '2026-02-11T00:00:00.000Z'],
    ['weekly', '2026-02-11T13:15:00Z', '2026-02-09T00:00:00.000Z'],
    ['weekly', '2026-02-09T00:00:00Z', '2026-02-09T00:00:00.000Z'],
    ['weekly', '2026-02-08T23:00:00Z', '2026-02-02T00:00:00.000Z'],
    ['weekly', '2026-03-01T23:00:00Z', '2026-02-23T00:00:00.000Z'],
    ['monthly', '2026-03-31T13:15:00Z', '2026-03-01T00:00:00.000Z'],
  ] as const)('%s at %s is %s', (schedule, at, occurrence) => {
    expect(newestOccurrence(schedule, new Date(at))).toBe(occurrence);
  });
});
