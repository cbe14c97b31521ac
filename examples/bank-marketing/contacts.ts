import { parse } from 'csv-parse/sync';

const MONTHS = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map((name, i) => [name, i]),
);
const FIRST_YEAR = 2008;

/** Columns that a caller sends, in the order that model.yaml declares. */
export const FEATURES = [
  'age',
  'job',
  'marital',
  'education',
  'default',
  'housing',
  'loan',
  'contact',
  'month',
  'day_of_week',
  'campaign',
  'pdays',
  'previous',
  'poutcome',
  'emp.var.rate',
  'cons.price.idx',
  'cons.conf.idx',
  'euribor3m',
  'nr.employed',
] as const;

/**
 * Turns UCI's bank-additional file (`;`, quoted) into a data set with an id and a time.
 *
 * The file is in order of date but has only month and weekday. A year passes where the month goes back; within a month the
 * rows are spread evenly, so `contacted_at` keeps the order and the month, and says no more than the file does.
 *
 * @returns CSV: contact_id, contacted_at, then UCI's columns
 * @throws {RangeError} for other columns or an unknown month
 */
export function toDataset(text: string): string {
  const [header, ...rows] = parse(text, { delimiter: ';', bom: true, skip_empty_lines: true }) as string[][];
  const month = header?.indexOf('month') ?? -1;
  if (month < 0 || header!.at(-1) !== 'y') {
    throw new RangeError(
      `expected UCI's bank-additional columns (month … y), got ${header?.join(', ') ?? 'an empty file'}`,
    );
  }
  const lines = contactTimes(rows.map((row) => row[month]!)).map((time, i) => {
    return [`c${String(i + 1).padStart(5, '0')}`, time, ...rows[i]!].join(',');
  });
  return `${['contact_id', 'contacted_at', ...header!].join(',')}\n${lines.join('\n')}\n`;
}

/** ISO 8601 by row: rows of the same month in a row share that month evenly. */
function contactTimes(months: readonly string[]): string[] {
  const times: string[] = [];
  let year = FIRST_YEAR;
  let before = -1;
  for (let from = 0; from < months.length; ) {
    let to = from;
    while (to < months.length && months[to] === months[from]) to++;
    const month = MONTHS.get(months[from]!);
    if (month === undefined)
      throw new RangeError(`expected a month such as may in row ${from + 2}, got '${months[from]}'`);
    if (month < before) year++;
    before = month;
    const [start, end] = [Date.UTC(year, month), Date.UTC(year, month + 1)];
    for (let i = from; i < to; i++) {
      times.push(new Date(start + Math.floor(((end - start) * (i - from)) / (to - from))).toISOString());
    }
    from = to;
  }
  return times;
}
