import { DataError, type Schema } from './schema.ts';

/** A rarer category has no column of its own: its weight would be noise. */
const LEAST_ROWS = 10;

/** How one feature becomes columns, fitted on the training rows. */
export type Encoding =
  | { readonly name: string; readonly type: 'numeric'; readonly mean: number; readonly deviation: number }
  | { readonly name: string; readonly type: 'categorical'; readonly values: readonly string[] };

/**
 * Fits the encoding: numbers are standardised, categories become one column for each value that training saw often enough.
 *
 * @param rows raw strings, features in declared order
 */
export const fitEncoding = (schema: Schema, rows: readonly (readonly string[])[]): Encoding[] =>
  schema.features.map(({ name, type }, i) => {
    if (type === 'categorical') return { name, type, values: commonValues(rows.map((row) => row[i]!)) };
    const numbers = rows.map((row) => toNumber(row[i]!, name)).filter((value) => value !== undefined);
    if (numbers.length === 0) throw new DataError(`expected numbers in column ${name}, got none`);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
    return { name, type, mean, deviation: Math.sqrt(variance) || 1 };
  });

/** Values that occur often enough to learn from, sorted. */
function commonValues(column: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of column) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= LEAST_ROWS)
    .map(([value]) => value)
    .sort();
}

/** Turns raw rows into the columns of the model: an intercept, then each feature's. */
export class Encoder {
  readonly #encodings: readonly Encoding[];
  readonly #positions: readonly ReadonlyMap<string, number>[];
  readonly columns: number;

  constructor(encodings: readonly Encoding[]) {
    let columns = 1;
    this.#encodings = encodings;
    this.#positions = encodings.map((encoding) => {
      const values = encoding.type === 'numeric' ? [''] : encoding.values;
      return new Map(values.map((value) => [value, columns++]));
    });
    this.columns = columns;
  }

  /** @throws {DataError} for another number of values, or a number that is none; a missing number counts as the mean, a category that training saw rarely or never as none */
  encode(row: readonly string[]): number[] {
    if (row.length !== this.#encodings.length) {
      throw new DataError(`expected ${this.#encodings.length} values, got ${row.length}`);
    }
    const encoded = new Array<number>(this.columns).fill(0);
    encoded[0] = 1;
    this.#encodings.forEach((encoding, i) => {
      const positions = this.#positions[i]!;
      if (encoding.type === 'numeric') {
        const value = toNumber(row[i]!, encoding.name) ?? encoding.mean;
        encoded[positions.get('')!] = (value - encoding.mean) / encoding.deviation;
      } else {
        const position = positions.get(row[i]!);
        if (position !== undefined) encoded[position] = 1;
      }
    });
    return encoded;
  }
}

/** @returns undefined for an empty value */
function toNumber(text: string, name: string): number | undefined {
  if (text.trim() === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new DataError(`expected a number in column ${name}, got '${text}'`);
  return value;
}
