import { COVERAGE_FLOOR } from '../drift/judge-profile.ts';
import { firstUnchecked, LATE_MS } from '../drift/persistence.ts';
import type { Champion } from '../model.ts';
import { minute } from './recent-changes.ts';
import type { WindowRow } from './rows.ts';

/** What is known of a model's monitoring when it is looked at from outside. */
export interface Watched {
  readonly champion: Champion;
  readonly windowHours: number;
  readonly schedule: 'enabled' | 'disabled' | undefined;
  /** The newest checked window of the version that serves. */
  readonly last: WindowRow | undefined;
}

/** Something that keeps monitoring from seeing. */
export interface Blindness {
  readonly what: 'schedule' | 'checks' | 'captures';
  /** One sentence, without its full stop. */
  readonly why: string;
}

const HOUR_MS = 3_600_000;
/** A check may be late by as much: the next occurrence catches up. */
const GRACE_MS = 3 * HOUR_MS;

/** What is wrong with a model's monitoring: silence is not quiet. Empty where it sees. */
export function blindnessOf({ champion, windowHours, schedule, last }: Watched, at: Date): Blindness[] {
  const found: Blindness[] = [];
  if (schedule !== 'enabled') {
    const why = schedule === undefined ? 'there is no schedule that starts its monitoring' : 'its schedule is disabled';
    found.push({ what: 'schedule', why });
  }
  const due = Date.parse(firstUnchecked(champion.since, windowHours, last?.end)) + windowHours * HOUR_MS + LATE_MS;
  if (at.getTime() > due + GRACE_MS) {
    found.push({
      what: 'checks',
      why: `the window that closed at ${minute(new Date(due - LATE_MS).toISOString())} was not checked`,
    });
  }
  if (last?.coverage !== undefined && last.coverage < COVERAGE_FLOOR) {
    found.push({
      what: 'captures',
      why: `${Math.round(last.coverage * 100)} % of what was to be captured since ${minute(last.start)} was found`,
    });
  }
  return found;
}
