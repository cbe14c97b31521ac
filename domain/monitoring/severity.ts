import type { Severity } from './rows.ts';

/** What an incident's weight is made of. */
export interface Weight {
  /** Largest effect relative to its threshold; 1 is on it. */
  readonly strength: number;
  /** Share of the model's decisions that rests on what moved, 0 … 1; undefined where nobody measured it. */
  readonly importance?: number;
  readonly rowsPerDay: number;
}

/** Twice its threshold is not a matter of where the threshold is. */
const STRONG = 2;
/** Features that carry a tenth of the decisions, or unknown ones, count in full. */
const FULL_IMPORTANCE = 0.1;
/** Traffic that is worth waking somebody for, and traffic that can wait for the day's digest. */
const BUSY_ROWS_PER_DAY = 500;
const QUIET_ROWS_PER_DAY = 20;
const NEGLIGIBLE = 0.5;

/** How loudly people are told. Unknown importance is taken for importance. */
export function severityOf({ strength, importance, rowsPerDay }: Weight): Severity {
  const weighed = strength * Math.min(1, (importance ?? FULL_IMPORTANCE) / FULL_IMPORTANCE);
  if (weighed < NEGLIGIBLE || rowsPerDay < QUIET_ROWS_PER_DAY) return 'digest';
  return weighed >= STRONG && rowsPerDay >= BUSY_ROWS_PER_DAY ? 'page' : 'mail';
}
