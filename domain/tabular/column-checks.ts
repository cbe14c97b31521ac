import { BINARY_METRICS } from '../evaluation/binary-metrics.ts';
import { seededRandom } from '../evaluation/random.ts';
import { onceEach, sampleOf } from '../evaluation/sample.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { DigestSet } from './digest-set.ts';

/** Rows that leakage is measured on; drawn evenly from all, the same ones every time. */
const SAMPLE_ROWS = 50_000;
/** A category with more values than this is not ranked by its share of a class: it would remember the rows. */
const MAX_RANKED_VALUES = 100;
/** Distinct values that are counted. */
const MAX_DISTINCT = 10_000;
/** Fewer rows than this tell nothing about leakage. */
const LEAST_RANKED_ROWS = 50;

const MISSING_MARKS = ['NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', 'none', '?'];

/** One column of a report. */
export interface ColumnReport {
  readonly name: string;
  readonly type: 'numeric' | 'categorical';
  readonly missing: number;
  /** `10000` stands for that many or more. */
  readonly distinct: number;
  readonly min?: number;
  readonly max?: number;
  /** Categories that usually say that a value is missing. */
  readonly missingMarks?: readonly string[];
  /** How well the feature alone tells the target: AUC (0.5 to 1) for classes, |correlation| for numbers. */
  readonly leakage?: number;
}

interface ColumnState {
  missing: number;
  readonly distinct: Set<string>;
  min: number;
  max: number;
}

/** Watches features row by row, and judges them at the end. */
export class ColumnChecks {
  readonly #definition: ModelDefinition;
  readonly #states: readonly ColumnState[];
  readonly #sample: { readonly features: readonly string[]; readonly target: string }[] = [];
  readonly #random = seededRandom(1);
  readonly #seen = new DigestSet();
  #rows = 0;
  #duplicates = 0;

  constructor(definition: ModelDefinition) {
    this.#definition = definition;
    this.#states = definition.features.map(() => ({
      missing: 0,
      distinct: new Set<string>(),
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
    }));
  }

  /** @param compared the row without its id, as text: what makes two rows equal */
  add(features: readonly string[], target: string, compared: string): void {
    this.#rows += 1;
    if (!this.#seen.add(compared)) this.#duplicates += 1;
    for (const [i, value] of features.entries()) this.#addValue(this.#states[i]!, value, i);
    this.#draw({ features, target });
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  columns(): ColumnReport[] {
    return this.#definition.features.map(({ name, type }, i) => {
      const { missing, distinct, min, max } = this.#states[i]!;
      const leakage = this.#leakage(i);
      const missingMarks = type === 'categorical' ? MISSING_MARKS.filter((mark) => distinct.has(mark)) : [];
      return {
        name,
        type,
        missing,
        distinct: distinct.size,
        ...(type === 'numeric' && min <= max && { min, max }),
        ...(leakage !== undefined && { leakage }),
        ...(missingMarks.length > 0 && { missingMarks }),
      };
    });
  }

  #addValue(state: ColumnState, value: string, i: number): void {
    if (value === '') {
      state.missing += 1;
      return;
    }
    if (state.distinct.size < MAX_DISTINCT) state.distinct.add(value);
    if (this.#definition.features[i]!.type !== 'numeric') return;
    const number = Number(value);
    if (number < state.min) state.min = number;
    if (number > state.max) state.max = number;
  }

  /** Reservoir sampling: every row is as likely to be kept. */
  #draw(row: { readonly features: readonly string[]; readonly target: string }): void {
    if (this.#sample.length < SAMPLE_ROWS) this.#sample.push(row);
    else {
      const at = Math.floor(this.#random() * this.#rows);
      if (at < SAMPLE_ROWS) this.#sample[at] = row;
    }
  }

  #leakage(i: number): number | undefined {
    const { problem, features } = this.#definition;
    const rows = this.#sample.filter((row) => row.features[i] !== '');
    if (rows.length < LEAST_RANKED_ROWS) return undefined;
    const values = rows.map((row) => row.features[i]!);
    const isNumeric = features[i]!.type === 'numeric';
    if (problem.type === 'regression') {
      return isNumeric
        ? correlation(
            values.map(Number),
            rows.map(({ target }) => Number(target)),
          )
        : undefined;
    }
    if (!isNumeric && new Set(values).size > MAX_RANKED_VALUES) return undefined;
    const powers = (problem.classes ?? [problem.positiveClass ?? '']).flatMap((label) => {
      const truth = Float64Array.from(rows, ({ target }) => Number(target === label));
      return ranks(isNumeric ? Float64Array.from(values, Number) : shareOfClass(values, truth), truth);
    });
    return powers.length > 0 ? Math.max(...powers) : undefined;
  }
}

/** AUC of a value alone, in the direction in which it tells more; nothing where there is one class only. */
function ranks(scores: Float64Array, truth: Float64Array): number[] {
  if (scores.some((score) => !Number.isFinite(score))) return [];
  const auc = BINARY_METRICS.auc(sampleOf(truth, scores), onceEach(truth.length), { decisionThreshold: 0.5 });
  return Number.isFinite(auc) ? [Math.max(auc, 1 - auc)] : [];
}

/** Each value as the share of the class among the rows that hold it. */
function shareOfClass(values: readonly string[], truth: Float64Array): Float64Array {
  const counts = new Map<string, { rows: number; hits: number }>();
  for (const [row, value] of values.entries()) {
    const count = counts.get(value) ?? { rows: 0, hits: 0 };
    counts.set(value, count);
    count.rows += 1;
    count.hits += truth[row]!;
  }
  return Float64Array.from(values, (value) => counts.get(value)!.hits / counts.get(value)!.rows);
}

/** |Pearson's r|; undefined where either side does not vary. */
function correlation(x: readonly number[], y: readonly number[]): number | undefined {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [i, value] of x.entries()) {
    xx += (value - mx) ** 2;
    yy += (y[i]! - my) ** 2;
    xy += (value - mx) * (y[i]! - my);
  }
  const r = Math.abs(xy) / Math.sqrt(xx * yy);
  return Number.isFinite(r) ? Math.min(r, 1) : undefined;
}
