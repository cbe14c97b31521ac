import type { RetrainPolicy } from '../model-definition.ts';

const DAY_MS = 86_400_000;

/**
 * The newest occurrence of a schedule: midnight, Monday's, or the first of the month's, UTC.
 *
 * @returns ISO 8601 UTC; undefined where nothing is scheduled
 */
export function newestOccurrence(schedule: RetrainPolicy['schedule'], at: Date): string | undefined {
  const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  switch (schedule) {
    case 'none':
      return undefined;
    case 'daily':
      return new Date(midnight).toISOString();
    case 'weekly':
      return new Date(midnight - ((at.getUTCDay() + 6) % 7) * DAY_MS).toISOString();
    case 'monthly':
      return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)).toISOString();
  }
}
