import type { Problem } from '../model-definition.ts';
import { measureAll } from './measure.ts';
import { type Sample, subsample } from './sample.ts';

/** One slice with enough rows of the hold-out. */
export interface SliceResult {
  readonly attribute: string;
  readonly value: string;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Slices that were not measured, so that nobody takes those that were for all. */
export interface SlicesLeftOut {
  readonly attribute: string;
  readonly slices: number;
  readonly rows: number;
}

/** What is measured at all, and how many of an attribute. */
const MIN_ROWS = 50;
const MOST = 50;

/** Row numbers per value of an attribute. */
export function slicesOf(values: readonly string[]): Map<string, number[]> {
  const slices = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const rows = slices.get(value);
    if (rows) rows.push(row);
    else slices.set(value, [row]);
  }
  return slices;
}

/** The slices of an attribute that count: at least 50 rows, the 50 largest, largest first. */
export function countedSlices(values: readonly string[]): readonly (readonly [value: string, rows: number[]])[] {
  return [...slicesOf(values)]
    .filter(([, rows]) => rows.length >= MIN_ROWS)
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, MOST);
}

/** Every measure on every slice that counts, and how many do not. */
export function measureSlices(
  sample: Sample,
  problem: Problem,
  attributes: ReadonlyMap<string, readonly string[]>,
): { readonly slices: readonly SliceResult[]; readonly slicesLeftOut: readonly SlicesLeftOut[] } {
  const slices: SliceResult[] = [];
  const slicesLeftOut: SlicesLeftOut[] = [];
  for (const [attribute, values] of attributes) {
    const counted = countedSlices(values);
    for (const [value, rows] of counted)
      slices.push({ attribute, value, rows: rows.length, metrics: measureAll(subsample(sample, rows), problem) });
    const all = slicesOf(values).size;
    const rows = values.length - counted.reduce((sum, [, of]) => sum + of.length, 0);
    if (all > counted.length) slicesLeftOut.push({ attribute, slices: all - counted.length, rows });
  }
  return { slices, slicesLeftOut };
}
