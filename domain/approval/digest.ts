import type { DeployedConfig } from '../deployed-config.ts';
import type { ApprovalRequest, Approver } from './approval-request.ts';
import { calendarOf, lastStart, localDate, nextStart } from './working-calendar.ts';

/** The hourly look that mails digests comes up to this much after hours begin. */
const HOURLY_MS = 3_600_000;

/**
 * True where an approver of a tier with a daily digest is mailed at once all the same: the request expires before their next
 * digest is sure to be mailed.
 */
export function isUrgent(config: DeployedConfig, request: ApprovalRequest, approver: Approver, now: Date): boolean {
  const next = nextStart(calendarOf(config, approver.person, approver.roles), now);
  return Date.parse(request.expiresAt) <= next.getTime() + HOURLY_MS;
}

/**
 * The working day, where the approver lives, whose digest is the last that lists a request; a late look mails it later that day
 * or after it.
 *
 * @returns `2030-01-02`; undefined until their hours have begun once since it was asked
 */
export function digestDay(
  config: DeployedConfig,
  request: ApprovalRequest,
  approver: Approver,
  now: Date,
): string | undefined {
  const calendar = calendarOf(config, approver.person, approver.roles);
  const start = lastStart(calendar, new Date(request.createdAt), now);
  return start && localDate(calendar.timeZone, start.getTime());
}
