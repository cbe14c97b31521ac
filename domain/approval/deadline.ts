import type { DeployedConfig } from '../deployed-config.ts';
import { type Approver, MARGIN_BEFORE_TASK_MS } from './approval-request.ts';
import { addWorkingTime, calendarOf } from './working-calendar.ts';

const HOUR_MS = 3_600_000;
/** The workflow that waits may run for sixty days. */
const MOST_DAYS = 55;

/**
 * When silence becomes a no: once everyone who is asked has had these hours of their own working time, and at most 55 days after
 * they were asked.
 *
 * @param hours business hours that each of them has
 */
export function deadline(config: DeployedConfig, approvers: readonly Approver[], asked: Date, hours: number): Date {
  const ends = approvers.map(({ person, roles }) =>
    addWorkingTime(calendarOf(config, person, roles), asked, hours * HOUR_MS).getTime(),
  );
  const end = ends.length > 0 ? Math.max(...ends) : asked.getTime() + hours * HOUR_MS;
  return new Date(Math.min(end, asked.getTime() + MOST_DAYS * 24 * HOUR_MS));
}

/** How long the task waits for a request that expires at `end`: the task outlives its request. */
export const taskSeconds = (asked: Date, end: Date): number =>
  Math.ceil((end.getTime() - asked.getTime() + MARGIN_BEFORE_TASK_MS) / 1000);
