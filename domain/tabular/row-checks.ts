import type { ModelDefinition } from '../model-definition.ts';
import type { ColumnRoles } from './column-roles.ts';
import { DigestSet } from './digest-set.ts';
import { type Place, type Problems, shownCell } from './problems.ts';
import { MAX_COMPARED_ROWS } from './size-limits.ts';
import type { TableRecord } from './table.ts';
import { TimestampColumn } from './timestamp-column.ts';

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
/** Labels that are counted. */
const MAX_LABELS = 60;

/** Is it a number, as datasets and model containers write one. */
const isNumber = (text: string): boolean => NUMBER.test(text) && Number.isFinite(Number(text));

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
    if (fields.length !== roles.width) {
      this.#problems.at(place, undefined, `expected ${roles.width} fields`, String(fields.length));
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
    } else if (this.classes.has(value) || this.classes.size < MAX_LABELS) {
      this.classes.set(value, (this.classes.get(value) ?? 0) + 1);
    }
  }

  #checkFeatures({ features, place }: CheckedRow): void {
    const declared = this.#definition.features;
    for (let i = 0; i < declared.length; i++) {
      const { name, type } = declared[i]!;
      const value = features[i]!;
      if (type === 'numeric') {
        if (value !== '' && !isNumber(value))
          this.#problems.at(place, name, `expected ${name} to be a number`, shownCell(value), numberHint(value));
      } else if (/[\r\n]/.test(value)) {
        this.#problems.at(place, name, `${name} holds a line break; a prediction request has one row per line`);
      }
    }
  }
}

/** What the writer probably meant. */
function numberHint(value: string): string | undefined {
  if (/^\s|\s$/.test(value) && isNumber(value.trim())) return 'write it without spaces';
  if (/^[-+]?\d{1,3}([,. '’]\d{3})+([.,]\d+)?$/.test(value)) return 'write thousands without separators: 1234.5';
  if (/^[-+]?\d+,\d+$/.test(value)) return 'write decimals with a point: 1.5';
  if (/^(n\/?a|nan|null|none|nil|-|\?|\.|missing)$/i.test(value.trim()))
    return 'an empty field says that a value is missing';
  if (/^[-+]?inf(inity)?$/i.test(value)) return 'infinity is no value that a model can learn from';
  if (/^(true|false)$/i.test(value)) return 'declare it categorical';
  return undefined;
}
