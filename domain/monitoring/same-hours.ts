import type { TimeWindow } from '../drift/persistence.ts';
import type { ServiceCounts } from './service.ts';

/** Weeks looked back on, and days before that stand for usual until weeks were served: all seven, so that a weekend is among them. */
export const WEEKS_BACK = 4;
export const DAYS_BACK = 7;
const DAY_MS = 86_400_000;

/** How a window was answered, beside the same hours before; no call where the model did not serve then. */
export interface CountedCalls {
  readonly now: ServiceCounts;
  /** One to four weeks before. */
  readonly weeks: readonly ServiceCounts[];
  /** One to seven days before. */
  readonly days: readonly ServiceCounts[];
}

/** The window, and the same hours of the weeks and of the days before, as `countedCalls` takes their counts. */
export function sameHours(window: TimeWindow): TimeWindow[] {
  const back = (days: number): TimeWindow => {
    const [start, end] = [window.start, window.end].map((time) =>
      new Date(Date.parse(time) - days * DAY_MS).toISOString(),
    );
    return { start: start!, end: end! };
  };
  const steps = (most: number, days: number) => Array.from({ length: most }, (_, i) => back((i + 1) * days));
  return [window, ...steps(WEEKS_BACK, 7), ...steps(DAYS_BACK, 1)];
}

/** @param counts of `sameHours`, in its order */
export function countedCalls([now, ...before]: readonly ServiceCounts[]): CountedCalls {
  return { now: now!, weeks: before.slice(0, WEEKS_BACK), days: before.slice(WEEKS_BACK) };
}
