import { padded } from '../../adapters/dynamodb-table.ts';
import type { Connection } from '../connection.ts';

/** One checked window, as its row says. */
export interface WindowSummary {
  /** ISO 8601. */
  readonly start: string;
  readonly verdict: string;
  readonly records: number;
  /** Names of what moved, most first. */
  readonly features: readonly string[];
}
