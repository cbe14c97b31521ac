import { DatasetRefusedError } from '../errors.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { ColumnChecks, type ColumnReport } from './column-checks.ts';
import { assignRoles, type ColumnRoles } from './column-roles.ts';
import { judgeClasses, judgeColumns } from './judge-columns.ts';
import type { Table, TableRecord } from './table.ts';
import { parseTimestamp } from './timestamp.ts';

/** More rows than this need a test file of their own and a processing job, which this version does not have. */
const MAX_ROWS = 2_000_000;
/** Classes whose rows a report counts. */
const MAX_SHOWN_CLASSES = 50;
/** Problems listed in a report; the rest is counted. */
const MAX_PROBLEMS = 100;

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** What one pass over a dataset found, when nothing speaks against training on it. */
export interface DatasetSurvey {
  readonly roles: ColumnRoles;
  readonly rows: number;
  /** Milliseconds, in the order of the rows; only where the definition names a timestamp. */
  readonly timestamps: readonly number[];
  /** Rows per target value; classification only. */
  readonly classes: ReadonlyMap<string, number>;
  readonly columns: readonly ColumnReport[];
  readonly duplicates: number;
  readonly findings: readonly string[];
}

/** Is it a number, as datasets and model containers write one. */
const isNumber = (text: string): boolean => NUMBER.test(text) && Number.isFinite(Number(text));

/**
 * Reads the whole dataset once and checks everything that does not depend on the split.
 *
 * @throws {DatasetRefusedError} `details`: {rows, columns, problems}; the message holds the first ten problems, a line each
 */
export async function surveyDataset(table: Table, definition: ModelDefinition): Promise<DatasetSurvey> {
  const survey = new Survey(definition);
  for await (const batch of table) for (const record of batch) survey.add(record);
  return survey.finish();
}

/** Collects problems up to a number that a person reads. */
class Problems {
  readonly listed: string[] = [];
  #total = 0;

  add(problem: string): void {
    this.#total += 1;
    if (this.listed.length < MAX_PROBLEMS) this.listed.push(problem);
  }

  get any(): boolean {
    return this.#total > 0;
  }

  refuse(rows: number, columns: number, found: Partial<DatasetSurvey> = {}): never {
    const more = this.#total > 10 ? [`… and ${this.#total - 10} more`] : [];
    throw new DatasetRefusedError([...this.listed.slice(0, 10), ...more].join('\n'), {
      rows,
      columns,
      problems: this.listed,
      problemCount: this.#total,
      ...(found.columns && { features: found.columns }),
      ...(found.classes && { classes: Object.fromEntries([...found.classes].slice(0, MAX_SHOWN_CLASSES)) }),
      ...(found.duplicates !== undefined && { duplicates: found.duplicates }),
    });
  }
}

class Survey {
  readonly #definition: ModelDefinition;
  readonly #problems: Problems = new Problems();
  readonly #ids = new Set<string>();
  readonly #classes = new Map<string, number>();
  readonly #timestamps: number[] = [];
  readonly #checks: ColumnChecks;
  #columns = 0;
  #rows = 0;
  #roles: ColumnRoles | undefined;

  constructor(definition: ModelDefinition) {
    this.#definition = definition;
    this.#checks = new ColumnChecks(definition);
  }

  add(record: TableRecord): void {
    if (!this.#roles) {
      this.#readHeader(record);
      return;
    }
    this.#rows += 1;
    if (this.#rows > MAX_ROWS) {
      this.#problems.add(`expected at most ${MAX_ROWS} rows, got more`);
      this.#problems.refuse(this.#rows, this.#columns);
    }
    const where = record.line === undefined ? `row ${this.#rows}` : `row ${this.#rows} (line ${record.line})`;
    if (record.fields.length !== this.#roles.width) {
      this.#problems.add(`${where}: expected ${this.#roles.width} fields, got ${record.fields.length}`);
      return;
    }
    this.#addId(record.fields[this.#roles.id]!, where);
    this.#addTarget(record.fields[this.#roles.target]!, where);
    if (this.#roles.timestamp !== undefined) this.#addTimestamp(record.fields[this.#roles.timestamp]!, where);
    const features = this.#roles.features.map((i) => record.fields[i]!);
    this.#addFeatures(features, where);
    const compared = this.#roles.compared.map((i) => record.fields[i]!).join('\0');
    this.#checks.add(features, record.fields[this.#roles.target]!, compared);
  }

  finish(): DatasetSurvey {
    if (!this.#roles) this.#problems.add('expected a header and rows, got an empty file');
    const { minRows } = this.#definition.data.checks;
    if (this.#roles && this.#rows < minRows) {
      this.#problems.add(`expected at least ${minRows} rows (data.checks.minRows), got ${this.#rows}`);
    }
    const columns = this.#rows > 0 ? this.#checks.columns() : [];
    const { duplicates } = this.#checks;
    const judged = judgeColumns(this.#definition, Math.max(this.#rows, 1), columns, duplicates);
    if (this.#rows > 0) {
      for (const problem of judged.problems) this.#problems.add(problem);
      for (const problem of judgeClasses(this.#definition, this.#classes, shown)) this.#problems.add(problem);
    }
    const found = { columns, duplicates, classes: this.#classes };
    if (this.#problems.any || !this.#roles) this.#problems.refuse(this.#rows, this.#columns, found);
    return { roles: this.#roles, rows: this.#rows, timestamps: this.#timestamps, findings: judged.findings, ...found };
  }

  #readHeader({ fields }: TableRecord): void {
    this.#columns = fields.length;
    const { roles, problems } = assignRoles(fields, this.#definition);
    for (const problem of problems) this.#problems.add(problem);
    // Without roles no row can be judged.
    if (roles) this.#roles = roles;
    else this.#problems.refuse(0, fields.length);
  }

  #addId(id: string, where: string): void {
    const { columns } = this.#definition;
    if (id === '') this.#problems.add(`${where}: ${columns.id} is missing`);
    else if (this.#ids.has(id))
      this.#problems.add(`${where}: ${columns.id} "${shown(id)}" was there before; ids are unique`);
    else this.#ids.add(id);
  }

  #addTarget(value: string, where: string): void {
    const { type, target } = this.#definition.problem;
    if (value === '') this.#problems.add(`${where}: target ${target} is missing`);
    else if (type === 'regression') {
      if (!isNumber(value))
        this.#problems.add(`${where}: expected target ${target} to be a number, got "${shown(value)}"`);
    } else if (this.#classes.has(value) || this.#classes.size < 60) {
      this.#classes.set(value, (this.#classes.get(value) ?? 0) + 1);
    }
  }

  #addTimestamp(value: string, where: string): void {
    const time = parseTimestamp(value);
    this.#timestamps.push(time ?? Number.NaN);
    if (time === undefined) {
      this.#problems.add(
        `${where}: expected ${this.#definition.columns.timestamp} to be an ISO 8601 date or time, got "${shown(value)}"`,
      );
    }
  }

  #addFeatures(values: readonly string[], where: string): void {
    for (const [i, { name, type }] of this.#definition.features.entries()) {
      const value = values[i]!;
      if (value !== '' && type === 'numeric' && !isNumber(value)) {
        this.#problems.add(`${where}: expected ${name} to be a number, got "${shown(value)}"`);
      } else if (/[\r\n]/.test(value)) {
        this.#problems.add(`${where}: ${name} holds a line break; a prediction request has one row per line`);
      }
    }
  }
}

const shown = (text: string): string => {
  const line = text.replace(/\p{C}/gu, '�');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
};
