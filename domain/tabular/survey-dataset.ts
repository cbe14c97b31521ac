import { DatasetRefusedError } from '../errors.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { ColumnChecks, type ColumnReport } from './column-checks.ts';
import { assignRoles, type ColumnRoles } from './column-roles.ts';
import { HeldOutRows } from './held-out-rows.ts';
import { judgeClasses, judgeColumns } from './judge-columns.ts';
import { Problems } from './problems.ts';
import { type CheckedRow, RowChecks } from './row-checks.ts';
import { MAX_COMPARED_ROWS, OWN_TEST_FILE, sizeLimits } from './size-limits.ts';
import type { Table } from './table.ts';

/** Classes whose rows a report counts. */
const MAX_SHOWN_CLASSES = 50;
/** Times beyond these are asked about. */
const [EARLIEST, LATEST] = ['1901', '2100'];

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
  /** Milliseconds, in the order of the rows; only for a split by time. */
  readonly timestamps: Float64Array;
  /** Rows come in order of time. */
  readonly isInTimeOrder: boolean;
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
    const { rows, classes, timestamps } = this.#checks;
    const found = {
      columns: this.#columns.rows > 0 ? this.#columns.columns() : [],
      duplicates: this.#columns.duplicates,
    };
    const findings = roles ? this.#judge(held, found.columns) : [];
    if (this.#problems.any || !roles) this.#refuse(found);
    return {
      roles,
      rows,
      timestamps: timestamps?.times ?? new Float64Array(),
      isInTimeOrder: timestamps?.isInOrder ?? false,
      ...(timestamps?.period && { period: timestamps.period }),
      classes,
      findings,
      ...(testRoles && { test: { roles: testRoles, rows: testChecks.rows } }),
      ...found,
    };
  }

  /** @returns the roles of the columns; undefined where they are not as declared, so that no row can be judged */
  async #eachRow(table: Table, checks: RowChecks, see: (row: CheckedRow) => void): Promise<ColumnRoles | undefined> {
    const limit = sizeLimits(checks === this.#checks ? this.#definition.data.test.split : 'time');
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
          if (checks.rows > limit.rows) this.#refuseSize(checks.rows, limit.rows);
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

  #judge(held: HeldOutRows | undefined, columns: readonly ColumnReport[]): string[] {
    const { minRows } = this.#definition.data.checks;
    const { rows, classes, onlyAnswer, unsendableIds } = this.#checks;
    const { columns: names, problem } = this.#definition;
    if (rows < minRows) this.#problems.add(`expected at least ${minRows} rows (data.checks.minRows), got ${rows}`);
    // Where no row was as wide as the header, nothing is known of any column.
    if (rows === 0 || columns.length === 0) return [];
    if (onlyAnswer !== undefined)
      this.#problems.add(
        `every row has target ${problem.target} = ${onlyAnswer}: nothing can be learned`,
        problem.target,
      );
    const judged = judgeColumns(this.#definition, rows, columns, this.#columns.duplicates);
    const balance = judgeClasses(this.#definition, classes);
    for (const { what, column } of [...judged.problems, ...balance.problems]) this.#problems.add(what, column);
    const uncompared =
      rows > MAX_COMPARED_ROWS
        ? [`Ids and equal rows were looked for among the first ${MAX_COMPARED_ROWS} different rows only.`]
        : [];
    const unsendable =
      unsendableIds > 0
        ? [
            `${names.id} is longer than 64 characters, or not plain ASCII, in ${unsendableIds} of ${rows} rows: no request can carry it as its InferenceId, so outcomes would be joined on eventId.`,
          ]
        : [];
    return [
      ...judged.findings,
      ...balance.findings,
      ...unsendable,
      ...this.#judgePeriod(),
      ...uncompared,
      ...(held?.judge(classes, this.#problems) ?? []),
    ];
  }

  /** Far from now is rarely a time: 9999-12-31 and 1900-01-01 stand for "unknown", and a split by time believes them. */
  #judgePeriod(): string[] {
    const { from = '', to = '' } = this.#checks.timestamps?.period ?? {};
    const odd = [from < EARLIEST ? from : '', to > LATEST ? to : ''].filter((time) => time !== '');
    const { timestamp } = this.#definition.columns;
    return odd.map(
      (time) => `${timestamp} holds ${time.slice(0, 10)}: is it a placeholder for a time that nobody knows?`,
    );
  }

  #refuseSize(rows: number, limit: number): never {
    const { split } = this.#definition.data.test;
    const instead = split === 'file' ? 'train on a sample' : OWN_TEST_FILE;
    this.#problems.add(`expected at most ${limit} rows for a split by ${split}, got more; ${instead}`);
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
