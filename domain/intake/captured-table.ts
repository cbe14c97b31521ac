import type { ModelDefinition } from '../model-definition.ts';
import type { LabelledRow } from '../staleness/labelled-sample.ts';
import { isNumber } from '../tabular/cell-hints.ts';
import { MAX_CELL_CHARACTERS } from '../tabular/row-checks.ts';
import { parseTimestamp } from '../tabular/timestamp.ts';

/** How the dataset is written that captured rows come to. */
export interface TableStyle {
  /** Its columns, in their order. */
  readonly header: readonly string[];
  /** Whether its times name their offset from UTC: a column does so in every row or in none. */
  readonly namesOffset: boolean;
}

/** Rows of a dataset by their id. */
export type RecordsById = ReadonlyMap<string, readonly string[]>;

/**
 * Labelled predictions as rows of a dataset: id, time, features as they were asked, and the outcome. Other columns are empty.
 * Left out is what the dataset would be refused for: no readable time where it has a column of times, text in a numeric feature, a
 * character that no text file holds.
 *
 * @param outcomeText what an outcome is called in the target's column
 */
export function capturedRecords(
  definition: Pick<ModelDefinition, 'columns' | 'features' | 'problem'>,
  rows: readonly LabelledRow[],
  style: TableStyle,
  outcomeText: (truth: number) => string,
): RecordsById {
  const { columns, features, problem } = definition;
  const placeOf = new Map(features.map(({ name }, i) => [name, i]));
  const records = new Map<string, readonly string[]>();
  for (const row of rows) {
    const time = timeText(row.at, style);
    if (columns.timestamp !== undefined && time === undefined) continue;
    if (features.some(({ type }, i) => !isReadable(type, row.features[i]!))) continue;
    const cell = (name: string): string => {
      if (name === columns.id) return row.id;
      if (name === columns.timestamp) return time!;
      if (name === problem.target) return outcomeText(row.truth);
      const feature = placeOf.get(name);
      return feature === undefined ? '' : row.features[feature]!;
    };
    records.set(row.id, style.header.map(cell));
  }
  return records;
}

/** Whether a column of times names offsets, as one of its values tells; undefined where it does not, as numbers of seconds. */
export const namesOffset = (time: string): boolean | undefined =>
  parseTimestamp(time) === undefined || /^\d+$/.test(time)
    ? undefined
    : time.length > 10 && /(Z|[+-]\d{2}:?\d{2})$/.test(time);

/**
 * What was collected before and what is collected now, in order of time where there is one. Of a prediction that both have, what
 * was asked then, as the capture of it may be gone by now, and what its outcome is said to be now.
 *
 * @param columns places in a record; a dataset may have no times
 * @param most rows; of more, the newest
 */
export function mergeRecords(
  former: RecordsById,
  fresh: RecordsById,
  { time, target }: { readonly time?: number; readonly target: number },
  most: number,
): readonly (readonly string[])[] {
  const now = [...fresh].map(([id, record]) => [id, former.get(id)?.with(target, record[target]!) ?? record] as const);
  const merged = [...new Map([...former, ...now]).values()];
  if (time !== undefined) {
    const timeOf = (record: readonly string[]) => parseTimestamp(record[time]!) ?? 0;
    merged.sort((a, b) => timeOf(a) - timeOf(b));
  }
  return merged.slice(-most);
}

function timeText(at: string, { namesOffset: withOffset }: TableStyle): string | undefined {
  const time = parseTimestamp(at);
  if (time === undefined) return undefined;
  const text = new Date(time).toISOString();
  return withOffset ? text : text.slice(0, -1);
}

const isReadable = (type: 'numeric' | 'categorical', text: string): boolean =>
  text.length <= MAX_CELL_CHARACTERS &&
  !text.includes('\0') &&
  (type === 'categorical' || text === '' || isNumber(text));
