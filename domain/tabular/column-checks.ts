import { BINARY_METRICS } from '../evaluation/binary-metrics.ts';
import { seededRandom } from '../evaluation/random.ts';
import { onceEach, sampleOf } from '../evaluation/sample.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { DigestSet } from './digest-set.ts';
import { type OddCategories, oddCategories } from './odd-categories.ts';
import { MAX_COMPARED_ROWS } from './size-limits.ts';

/** Rows that leakage is measured on; drawn evenly from all, the same ones every time. */
const SAMPLE_ROWS = 50_000;
/** A category with more values than this is not ranked by its share of a class: it would remember the rows. */
const MAX_RANKED_VALUES = 100;
/** Distinct values that are counted. */
const MAX_DISTINCT = 10_000;
/** Fewer rows than this tell nothing about leakage. */
const LEAST_RANKED_ROWS = 50;

/** One column of a report. */
export interface ColumnReport extends OddCategories {
  readonly name: string;
  readonly type: 'numeric' | 'categorical';
  readonly missing: number;
  /** `10000` stands for that many or more. */
  readonly distinct: number;
  readonly min?: number;
  readonly max?: number;
  /** How well the feature alone tells the target: AUC (0.5 to 1) for classes, the largest of |Pearson|, |Spearman| and η for numbers. */
  readonly leakage?: number;
}

interface SampledRow {
  readonly features: readonly string[];
  readonly target: string;
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
  readonly #sample: SampledRow[] = [];
  readonly #random = seededRandom(1);
  readonly #seen = new DigestSet(MAX_COMPARED_ROWS);
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
    for (let i = 0; i < features.length; i++) this.#addValue(this.#states[i]!, features[i]!, i);
    this.#draw(features, target);
  }

  /** As wide as the header, so that their cells have columns. */
  get rows(): number {
    return this.#rows;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  columns(): ColumnReport[] {
    return this.#definition.features.map(({ name, type }, i) => {
      const { missing, distinct, min, max } = this.#states[i]!;
      const leakage = this.#leakage(i);
      return {
        name,
        type,
        missing,
        distinct: distinct.size,
        ...(type === 'numeric' && min <= max && { min, max }),
        ...(leakage !== undefined && { leakage }),
        ...(type === 'categorical' && oddCategories(distinct)),
      };
    });
  }

  #addValue(state: ColumnState, value: string, i: number): void {
    if (value === '') {
      state.missing += 1;
      return;
    }
    if (state.distinct.size < MAX_DISTINCT && !state.distinct.has(value)) state.distinct.add(detached(value));
    if (this.#definition.features[i]!.type !== 'numeric') return;
    const number = Number(value);
    if (number < state.min) state.min = number;
    if (number > state.max) state.max = number;
  }

  /** Reservoir sampling: every row is as likely to be kept. */
  #draw(features: readonly string[], target: string): void {
    const size = this.#sample.length;
    const at = size < SAMPLE_ROWS ? size : Math.floor(this.#random() * this.#rows);
    if (at < SAMPLE_ROWS) this.#sample[at] = { features: features.map(detached), target: detached(target) };
  }

  /** The most that the values tell, or whether there is one at all: a reason for a delay is given only where there was one. */
  #leakage(i: number): number | undefined {
    const { features } = this.#definition;
    const present = this.#sample.filter((row) => row.features[i] !== '');
    const isNumeric = features[i]!.type === 'numeric';
    const told = [
      ...(present.length < LEAST_RANKED_ROWS ? [] : this.#powers(present, i, isNumeric)),
      ...(present.length === this.#sample.length || this.#sample.length < LEAST_RANKED_ROWS
        ? []
        : this.#powers(this.#sample, i, 'missing')),
    ];
    return told.length > 0 ? Math.max(...told) : undefined;
  }

  #powers(rows: readonly SampledRow[], i: number, as: boolean | 'missing'): number[] {
    const { problem } = this.#definition;
    const values = rows.map(({ features }) => features[i]!);
    const numbers =
      as === 'missing'
        ? Float64Array.from(values, (value) => Number(value === ''))
        : as
          ? Float64Array.from(values, Number)
          : undefined;
    if (!numbers && !isRanked(values)) return [];
    if (problem.type === 'regression') {
      const truth = Float64Array.from(rows, ({ target }) => Number(target));
      return numbers
        ? [...correlation(numbers, truth), ...correlation(ranksOf(numbers), ranksOf(truth))]
        : ratio(values, truth);
    }
    return (problem.classes ?? [problem.positiveClass ?? '']).flatMap((label) => {
      const truth = Float64Array.from(rows, ({ target }) => Number(target === label));
      return ranks(numbers ?? shareOfClass(values, truth), truth);
    });
  }
}

/** A copy that does not keep the stretch of the file alive that it was cut from. */
const detached = (text: string): string => (text.length < 13 ? text : ` ${text}`.slice(1));

/** Few enough categories that each says something about its rows together. */
const isRanked = (values: readonly string[]): boolean => {
  const distinct = new Set(values).size;
  return distinct <= MAX_RANKED_VALUES && distinct * 5 <= values.length;
};

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

/** |Pearson's r|, of ranks Spearman's; nothing where either side does not vary. */
function correlation(x: Float64Array, y: Float64Array): number[] {
  const [mx, my] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [i, value] of x.entries()) {
    xx += (value - mx) ** 2;
    yy += (y[i]! - my) ** 2;
    xy += (value - mx) * (y[i]! - my);
  }
  const r = Math.abs(xy) / Math.sqrt(xx * yy);
  return Number.isFinite(r) ? [Math.min(r, 1)] : [];
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranksOf(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) result[order[i]!] = (from + to + 1) / 2;
    from = to;
  }
  return result;
}

/** Correlation ratio η: the share of the spread that lies between categories, as a root, so that it compares with |r|. */
function ratio(values: readonly string[], y: Float64Array): number[] {
  const groups = new Map<string, { rows: number; sum: number }>();
  for (const [row, value] of values.entries()) {
    const group = groups.get(value) ?? { rows: 0, sum: 0 };
    groups.set(value, group);
    group.rows += 1;
    group.sum += y[row]!;
  }
  const center = mean(y);
  const total = y.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const between = [...groups.values()].reduce((sum, { rows, sum: s }) => sum + rows * (s / rows - center) ** 2, 0);
  const eta = Math.sqrt(between / total);
  return Number.isFinite(eta) ? [Math.min(eta, 1)] : [];
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
