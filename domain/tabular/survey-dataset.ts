import { DatasetRefusedError } from '../errors.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { ColumnChecks, type ColumnReport } from './column-checks.ts';
import { assignRoles, type ColumnRoles } from './column-roles.ts';
import { HeldOutRows } from './held-out-rows.ts';
import { judgeClasses, judgeColumns } from './judge-columns.ts';
import { Problems } from './problems.ts';
import { type CheckedRow, RowChecks } from './row-checks.ts';
import type { Table } from './table.ts';

/** Classes whose rows a report counts. */
const MAX_SHOWN_CLASSES = 50;

/** Rows that one function can hold against each other: their digests, and their times where the split is by time. */
export const MAX_ROWS = 2_000_000;

/** The tables of a dataset. */
export interface DatasetTables {
  readonly train: Table;
  /** The user's own hold-out. */
  readonly test?: Table;
}

/** What one pass over a dataset found, when nothing speaks against training on it. */
export interface DatasetSurvey {
  readonly roles: ColumnRoles;
  readonly rows: number;
  /** Of the test file, where there is one; its columns may be in another order. */
  readonly test?: { readonly roles: ColumnRoles; readonly rows: number };
  /** Milliseconds, in the order of the rows; only where the definition names a timestamp. */
  readonly timestamps: Float64Array;
  /** ISO 8601, UTC. */
  readonly period?: { readonly from: string; readonly to: string };
  /** Rows per target value; classification only. */
  readonly classes: ReadonlyMap<string, number>;
  readonly columns: readonly ColumnReport[];
  readonly duplicates: number;
  readonly findings: readonly string[];
}

/**
 * Reads the whole dataset once and checks everything that does not depend on the split.
 *
 * @throws {DatasetRefusedError} `details`: {rows, columns, problems, problemDetails}; the message holds the first ten problems, a
 * line each
 */
export const surveyDataset = (tables: DatasetTables, definition: ModelDefinition): Promise<DatasetSurvey> =>
  new Survey(definition).read(tables);

class Survey {
  readonly #definition: ModelDefinition;
  readonly #problems: Problems = new Problems();
  readonly #checks: RowChecks;
  readonly #columns: ColumnChecks;
  #header = 0;

  constructor(definition: ModelDefinition) {
    this.#definition = definition;
    this.#checks = new RowChecks(definition, this.#problems);
    this.#columns = new ColumnChecks(definition);
  }

  async read({ train, test }: DatasetTables): Promise<DatasetSurvey> {
    const testChecks = new RowChecks(this.#definition, this.#problems);
    const held = test && new HeldOutRows(this.#definition, testChecks);
    const testRoles = test && (await this.#eachRow(test, testChecks, (row) => held!.add(row)));
    const roles = await this.#eachRow(train, this.#checks, (row) => {
      this.#columns.add(row.features, row.target, row.compared);
      held?.compare(row, this.#problems);
    });
    const findings = this.#judge(held, roles !== undefined);
    const { rows, classes } = this.#checks;
    const found = { columns: rows > 0 ? this.#columns.columns() : [], duplicates: this.#columns.duplicates };
    if (this.#problems.any || !roles) this.#refuse(found);
    return {
      roles,
      rows,
      timestamps: this.#checks.timestamps,
      ...periodOf(this.#checks.timestamps),
      classes,
      findings,
      ...(testRoles && { test: { roles: testRoles, rows: testChecks.rows } }),
      ...found,
    };
  }

  /** @returns the roles of the columns; undefined where they are not as declared, so that no row can be judged */
  async #eachRow(table: Table, checks: RowChecks, see: (row: CheckedRow) => void): Promise<ColumnRoles | undefined> {
    let roles: ColumnRoles | undefined;
    let hasHeader = false;
    try {
      for await (const batch of table) {
        for (const record of batch) {
          if (!hasHeader) {
            hasHeader = true;
            roles = this.#readHeader(record.fields, record.file);
            if (!roles) return undefined;
            continue;
          }
          const row = checks.check(record, roles!);
          if (row) see(row);
          if (checks.rows > MAX_ROWS) this.#refuseSize(checks.rows);
        }
      }
    } catch (error) {
      // What makes the rest unreadable is one more problem beside those found so far.
      if (!(error instanceof DatasetRefusedError) || !this.#problems.any) throw error;
      this.#problems.add(error.message);
    }
    checks.finish();
    if (!hasHeader) this.#problems.add('expected a header and rows, got an empty file');
    return roles;
  }

  #readHeader(header: readonly string[], file: string | undefined): ColumnRoles | undefined {
    this.#header = Math.max(this.#header, header.length);
    const { roles, problems } = assignRoles(header, this.#definition);
    for (const problem of problems) this.#problems.add(file === undefined ? problem : `${file}: ${problem}`);
    return roles;
  }

  #judge(held: HeldOutRows | undefined, hasRoles: boolean): string[] {
    const { minRows } = this.#definition.data.checks;
    const { rows, classes } = this.#checks;
    if (!hasRoles) return [];
    if (rows < minRows) this.#problems.add(`expected at least ${minRows} rows (data.checks.minRows), got ${rows}`);
    if (rows === 0) return [];
    const judged = judgeColumns(this.#definition, rows, this.#columns.columns(), this.#columns.duplicates);
    const balance = judgeClasses(this.#definition, classes);
    for (const { what, column } of [...judged.problems, ...balance.problems]) this.#problems.add(what, column);
    return [...judged.findings, ...balance.findings, ...(held?.judge(classes, this.#problems) ?? [])];
  }

  #refuseSize(rows: number): never {
    this.#problems.add(`expected at most ${MAX_ROWS} rows, got more`);
    this.#problems.refuse({ rows, columns: this.#header });
  }

  #refuse({ columns, duplicates }: Pick<DatasetSurvey, 'columns' | 'duplicates'>): never {
    const { rows, classes } = this.#checks;
    this.#problems.refuse({
      rows,
      columns: this.#header,
      ...(columns.length > 0 && { features: columns, duplicates }),
      ...(classes.size > 0 && { classes: Object.fromEntries([...classes].slice(0, MAX_SHOWN_CLASSES)) }),
    });
  }
}

function periodOf(timestamps: Float64Array): Pick<DatasetSurvey, 'period'> {
  if (timestamps.length === 0) return {};
  const iso = (time: number) => new Date(time).toISOString();
  const earlier = (time: number, other: number) => Math.min(time, other);
  const later = (time: number, other: number) => Math.max(time, other);
  return { period: { from: iso(timestamps.reduce(earlier)), to: iso(timestamps.reduce(later)) } };
}
