/** How long after the request expires the waiting task does. */
const GRACE_SECONDS = 15 * 60;

/**
 * Seconds that a workflow waits, so that people have at least this many hours of working days (Monday to Friday) whenever the
 * waiting starts: one weekend for each started five days, and the quarter of an hour by which the request expires earlier.
 */
export const approvalTimeoutSeconds = (businessHours: number): number =>
  (businessHours + 48 * Math.ceil(businessHours / 120)) * 3600 + GRACE_SECONDS;
