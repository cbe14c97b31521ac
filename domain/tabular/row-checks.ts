import type { ModelDefinition } from '../model-definition.ts';
import { isNumber, numberHint } from './cell-hints.ts';
import type { ColumnRoles } from './column-roles.ts';
import { DigestSet } from './digest-set.ts';
import { type Place, type Problems, shownCell } from './problems.ts';
import { MAX_COMPARED_ROWS } from './size-limits.ts';
import type { TableRecord } from './table.ts';
import { TimestampColumn } from './timestamp-column.ts';

/** Characters of one feature's value: a category is no document, and travels in every request. */
export const MAX_CELL_CHARACTERS = 32_768;
/** What SageMaker takes as an InferenceId. */
const INFERENCE_ID = /^[\x20-\x7e]{1,64}$/;
/** Labels that are counted. */
const MAX_LABELS = 60;

/** A row, field by field in the roles of its columns. */
export interface CheckedRow {
  readonly features: readonly string[];
  readonly target: string;
  /** Everything but the id, as one text: what makes two rows equal. */
  readonly compared: string;
  readonly place: Place;
  readonly id: string;
}

/** Checks the rows of one file, or of one set of parts, cell by cell. */
export class RowChecks {
  readonly #definition: ModelDefinition;
  readonly #problems: Problems;
  readonly #timestamps: TimestampColumn | undefined;
  readonly ids: DigestSet = new DigestSet(MAX_COMPARED_ROWS);
  /** Rows per label; classification only. */
  readonly classes = new Map<string, number>();
  /** Rows whose id no request can carry. */
  unsendableIds = 0;
  readonly #answers = { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
  #file: string | undefined;
  #rowOfFile = 0;
  rows = 0;

  constructor(definition: ModelDefinition, problems: Problems) {
    this.#definition = definition;
    this.#problems = problems;
    const { timestamp } = definition.columns;
    if (timestamp !== undefined)
      this.#timestamps = new TimestampColumn(timestamp, problems, definition.data.test.split === 'time');
  }

  get timestamps(): TimestampColumn | undefined {
    return this.#timestamps;
  }

  /** @returns undefined for a row of another width, whose cells have no columns */
  check(record: TableRecord, roles: ColumnRoles): CheckedRow | undefined {
    const { fields } = record;
    const place = this.#placeOf(record);
    if (fields[roles.target] === this.#definition.problem.target && fields[roles.id] === this.#definition.columns.id) {
      this.#problems.at(place, undefined, 'expected a row, got the header again: were files joined?');
      return undefined;
    }
    if (fields.length !== roles.width) {
      const hint = isOnlyAComma(fields, roles.width) ? 'is there a comma at the end of the lines?' : undefined;
      this.#problems.at(place, undefined, `expected ${roles.width} fields`, String(fields.length), hint);
      return undefined;
    }
    const row = {
      id: fields[roles.id]!,
      target: fields[roles.target]!,
      features: roles.features.map((i) => fields[i]!),
      compared: roles.compared.map((i) => fields[i]!).join('\0'),
      place,
    };
    this.#checkId(row);
    this.#checkTarget(row);
    if (roles.timestamp !== undefined) this.#timestamps?.add(fields[roles.timestamp]!, place);
    this.#checkFeatures(row);
    return row;
  }

  /** The answer of every row, where a regression has one only. */
  get onlyAnswer(): number | undefined {
    const { least, most } = this.#answers;
    return least === most ? least : undefined;
  }

  /** What only the whole column shows. */
  finish(): void {
    this.#timestamps?.judge();
  }

  #placeOf({ line, file }: TableRecord): Place {
    this.rows += 1;
    if (file !== this.#file) this.#rowOfFile = 0;
    this.#file = file;
    this.#rowOfFile += 1;
    return { row: this.#rowOfFile, ...(line !== undefined && { line }), ...(file !== undefined && { file }) };
  }

  #checkId({ id, place }: CheckedRow): void {
    const { id: name } = this.#definition.columns;
    if (!INFERENCE_ID.test(id)) this.unsendableIds += 1;
    if (id === '') this.#problems.at(place, name, `${name} is missing`);
    else if (!this.ids.add(id))
      this.#problems.at(place, name, `expected ${name} to be unique`, `${shownCell(id)} again`);
  }

  #checkTarget({ target: value, place }: CheckedRow): void {
    const { type, target } = this.#definition.problem;
    if (value === '') this.#problems.at(place, target, `target ${target} is missing`);
    else if (type === 'regression') {
      if (!isNumber(value))
        this.#problems.at(
          place,
          target,
          `expected target ${target} to be a number`,
          shownCell(value),
          numberHint(value),
        );
      else this.#span(Number(value));
    } else if (this.classes.has(value) || this.classes.size < MAX_LABELS) {
      this.classes.set(value, (this.classes.get(value) ?? 0) + 1);
    }
  }

  #span(answer: number): void {
    if (answer < this.#answers.least) this.#answers.least = answer;
    if (answer > this.#answers.most) this.#answers.most = answer;
  }

  #checkFeatures({ features, place }: CheckedRow): void {
    const declared = this.#definition.features;
    for (let i = 0; i < declared.length; i++) {
      const { name, type } = declared[i]!;
      const value = features[i]!;
      if (value.length > MAX_CELL_CHARACTERS) {
        this.#problems.at(place, name, `${name} holds more than ${MAX_CELL_CHARACTERS} characters`, shownCell(value));
      } else if (type === 'numeric') {
        if (value !== '' && !isNumber(value))
          this.#problems.at(place, name, `expected ${name} to be a number`, shownCell(value), numberHint(value));
      } else if (/[\r\n]/.test(value)) {
        this.#problems.at(place, name, `${name} holds a line break; a prediction request has one row per line`);
      }
    }
  }
}

const isOnlyAComma = (fields: readonly string[], width: number): boolean =>
  fields.length === width + 1 && fields.at(-1) === '';
