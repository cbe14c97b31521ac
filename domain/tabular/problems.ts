import { DatasetRefusedError } from '../errors.ts';

/** Problems that are told apart; what comes after is counted. */
const MAX_PROBLEMS = 100;
/** Problems that the message of the refusal, and so a mail, holds. */
const MAX_TOLD = 10;
/** Rows that a problem names. */
const MAX_EXAMPLES = 5;
/** Rows that its sentence names. */
const MAX_SHOWN = 3;

/** A row, as a person finds it. */
export interface Place {
  /** Within its file, from 1, the header not counted. */
  readonly row: number;
  readonly line?: number;
  readonly file?: string;
}

/** Something that speaks against a dataset, with the first rows that show it. */
export interface DataProblem {
  readonly column?: string;
  /** `expected distance to be a number` */
  readonly what: string;
  /** How many rows show it; absent where it is about the whole dataset. */
  readonly rows?: number;
  /** The offending cell alone, cut short: a report is no copy of the data. */
  readonly examples: readonly (Place & { readonly value?: string })[];
  readonly hint?: string;
}

interface Collected extends DataProblem {
  rows: number;
  readonly examples: (Place & { readonly value?: string })[];
}

/** Collects what is wrong, the same thing in many rows once. */
export class Problems {
  readonly #collected = new Map<string, DataProblem | Collected>();
  #hidden = 0;

  /** About the whole dataset. */
  add(what: string, column?: string): void {
    this.#keep(what, { what, ...(column !== undefined && { column }), examples: [] });
  }

  /** About one cell, or one row. @param value as it may be shown */
  at(place: Place, column: string | undefined, what: string, value?: string, hint?: string): void {
    const known = this.#collected.get(what) as Collected | undefined;
    const example = { ...place, ...(value !== undefined && { value }) };
    if (known) {
      known.rows += 1;
      if (known.examples.length < MAX_EXAMPLES) known.examples.push(example);
      return;
    }
    const problem: Collected = { ...(column !== undefined && { column }), what, rows: 1, examples: [example] };
    this.#keep(what, hint === undefined ? problem : { ...problem, hint });
  }

  #keep(key: string, problem: DataProblem): void {
    if (this.#collected.size < MAX_PROBLEMS || this.#collected.has(key)) this.#collected.set(key, problem);
    else this.#hidden += 1;
  }

  get any(): boolean {
    return this.#collected.size > 0;
  }

  /** @param found what is known of the dataset all the same: rows, columns, features … */
  refuse(found: Readonly<Record<string, unknown>>): never {
    const details = [...this.#collected.values()];
    const sentences = details.map(sentenceOf);
    const more = sentences.length - MAX_TOLD + this.#hidden;
    const told = [
      ...(sentences.length > 1 ? [headline(details, sentences.length + this.#hidden)] : []),
      ...sentences.slice(0, MAX_TOLD),
      ...(more > 0 ? [`… and ${more} more`] : []),
    ];
    throw new DatasetRefusedError(told.join('\n'), {
      ...found,
      problems: sentences,
      problemCount: sentences.length + this.#hidden,
      problemDetails: details,
    });
  }
}

/** What a subject line holds: which columns, and no cell of anybody's. */
function headline(problems: readonly DataProblem[], total: number): string {
  const columns = [...new Set(problems.flatMap(({ column }) => (column === undefined ? [] : [column])))];
  const named = columns.slice(0, MAX_SHOWN).map((column) => (column.length > 40 ? `${column.slice(0, 40)}…` : column));
  const others = columns.length > named.length ? ' and others' : '';
  return `${total} problems${named.length > 0 ? `, in ${named.join(', ')}${others}` : ''}`;
}

/** `row 8 (line 9)`, `part-2.csv row 8 (line 9)` */
export const placeText = ({ row, line, file }: Place): string =>
  `${file === undefined ? '' : `${file} `}row ${row}${line === undefined ? '' : ` (line ${line})`}`;

/** `row 8 (line 9): expected distance to be a number, got "far"` */
export function sentenceOf({ what, rows, examples, hint }: DataProblem): string {
  const end = hint === undefined ? '' : `; ${hint}`;
  const [first] = examples;
  if (!first) return `${what}${end}`;
  if (rows === 1) return `${placeText(first)}: ${what}${first.value === undefined ? '' : `, got ${first.value}`}${end}`;
  const shown = examples
    .slice(0, MAX_SHOWN)
    .map((example) => (example.value === undefined ? placeText(example) : `${example.value} in ${placeText(example)}`));
  const others = rows !== undefined && rows > shown.length ? ', …' : '';
  const where = isExpectation(what) ? `; ${rows} rows are otherwise` : `, in ${rows} rows`;
  return `${what}${where}: ${shown.join(', ')}${others}${end}`;
}

/** `expected …` says what rows should be; anything else what they are. */
export const isExpectation = (what: string): boolean => what.startsWith('expected ');

/** A cell as a report may show it: one line, short, in quotes. */
export function shownCell(text: string): string {
  const line = text.replace(/\p{C}/gu, '�');
  return `"${line.length > 40 ? `${line.slice(0, 40)}…` : line}"`;
}
