import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import type { Connection } from '../connection.ts';

/** One checked window, as its row says. */
export interface WindowSummary {
  /** ISO 8601. */
  readonly start: string;
  readonly verdict: string;
  /** Rows judged. */
  readonly rows: number;
  /** Names of what moved, most first. */
  readonly features: readonly string[];
}

/** The checked windows of a version, oldest first. */
export async function readWindows({ table }: Connection, model: string, version: number): Promise<WindowSummary[]> {
  const windows = await new DynamoDbMonitoringStore(table).lastWindows(model, version, 30);
  return windows.map(({ start, verdict, rows, drifted }) => ({ start, verdict, rows, features: drifted }));
}
