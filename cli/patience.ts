/**
 * How long something that was uploaded may go unanswered before that is said, in milliseconds of real time: functions start in
 * seconds, on a busy laptop in many.
 */
export const PATIENCE = 120_000;
