import { DynamoDbMonitoringStore } from '../adapters/dynamodb-monitoring-store.ts';
import type { DynamoDbTable } from '../adapters/dynamodb-table.ts';
import type { WindowRow } from '../domain/monitoring/rows.ts';
import { costInWords, type DecisionValue, type ServingCost, valueInWords } from '../domain/monitoring/worth.ts';
import type { QualityRow } from '../domain/quality/rows.ts';
import { table } from './output.ts';

/** What a window cost and was worth; absent is not known. */
export interface Worth {
  readonly start: string;
  readonly end: string;
  /** Requests that were answered. */
  readonly calls?: number;
  readonly cost?: ServingCost;
  readonly value?: DecisionValue;
}

/** Checked windows that are read at most: two years of hours are more than anybody looks at. */
const MOST_WINDOWS = 1_000;

/** What the windows of a version that began since then cost and were worth. @param from ISO 8601 UTC */
export async function readWorth(
  rows: DynamoDbTable,
  model: string,
  version: number,
  from: string,
  quality: readonly QualityRow[],
): Promise<Worth[]> {
  const checked = await new DynamoDbMonitoringStore(rows).lastWindows(model, version, MOST_WINDOWS);
  return worthOf(
    checked.filter(({ start }) => start >= from),
    quality,
  );
}

/** @param windows checked ones, oldest first */
export const worthOf = (windows: readonly WindowRow[], quality: readonly QualityRow[]): Worth[] =>
  windows.map(({ start, end, cost, usage }) => {
    const value = quality.find((row) => row.start === start)?.evaluation?.value;
    return { start, end, ...(usage && { calls: usage.invocations }), ...(cost && { cost }), ...(value && { value }) };
  });

const UNKNOWN = 'not known';

/** A table of windows, and what makes a value known where none is. */
export function worthInWords(worth: readonly Worth[]): string[] {
  const rows = worth.map(({ start, end, calls, cost, value }) => [
    `${start.slice(0, 16)}/${end.slice(0, 16)}`,
    calls?.toString() ?? UNKNOWN,
    cost ? costInWords(cost) : UNKNOWN,
    value ? valueInWords(value) : UNKNOWN,
  ]);
  const why = 'value: business in model.yaml says what a decision is worth, and labels which decisions were right';
  return [
    table([['window', 'calls', 'serving cost', 'value of decisions'], ...rows]),
    ...(worth.every(({ value }) => value === undefined) ? [why] : []),
  ];
}
