import { binIndex, type Edges } from '../drift/quantile.ts';
import type { COUNTED_METRICS } from '../evaluation/multiclass-metrics.ts';

/** How often scores came true on the hold-out, counted over the bins that live predictions are counted over. */
export interface ScoreOutcomes {
  readonly edges: Edges;
  /** By bin: edges.length + 1. */
  readonly rows: readonly number[];
  /** Of these, those whose answer is the positive class. */
  readonly positives: readonly number[];
}

const BINARY_ESTIMATES = ['auc', 'accuracy', 'precision', 'recall', 'f1'] as const;
type BinaryMetric = (typeof BINARY_ESTIMATES)[number];
export type ClassMetric = keyof typeof COUNTED_METRICS;
/** Of a binary classifier, and of one of more classes. */
export type EstimatedMetric = BinaryMetric | ClassMetric;

/** A measure that nobody has outcomes for yet. */
export interface Estimate {
  readonly value: number;
  /** Of hold-out and window together: what chance alone moves it by. */
  readonly standardError: number;
  /** The same estimator on the hold-out's own scores: what it is held against. */
  readonly onHoldOut: number;
}

export interface QualityEstimate {
  /** Scored rows of the window; of more classes, those with a probability of each. */
  readonly rows: number;
  /** Answered rows without. */
  readonly undecided?: number;
  readonly holdOutRows: number;
  /** A measure that is undefined here (one class only, nothing predicted positive) is absent. */
  readonly metrics: Readonly<Partial<Record<EstimatedMetric, Estimate>>>;
  /** Share of rows that the positive class is expected of, here and on the hold-out; of a binary classifier. */
  readonly expectedPositives?: { readonly window: number; readonly holdOut: number };
  /** The same of every class, of a classifier of more. */
  readonly expectedClasses?: readonly { readonly name: string; readonly window: number; readonly holdOut: number }[];
}

export const REPLICATES = 200;

/** Counts the hold-out's answers by their scores. */
export function countOutcomes(scores: ArrayLike<number>, truth: ArrayLike<number>, edges: Edges): ScoreOutcomes {
  const rows = new Array<number>(edges.length + 1).fill(0);
  const positives = [...rows];
  for (let i = 0; i < scores.length; i++) {
    const bin = binIndex(edges, scores[i]!);
    rows[bin]! += 1;
    positives[bin]! += truth[i]!;
  }
  return { edges, rows, positives };
}

/**
 * What a binary classifier is expected to be worth on scores without outcomes: confidence-based performance estimation. The
 * hold-out says how often each score comes true (isotonic, over bins), and the window's scores how often each is given.
 *
 * It rests on this: that a score means what it meant on the hold-out. Where the inputs move within what the model knows, it
 * follows them; where the relation of inputs and outcome itself changes, it sees nothing.
 *
 * @param counts the window's predictions by the hold-out's bins
 * @param threshold from which a score is a positive decision
 * @param random uniform on [0, 1)
 * @returns undefined where either side has no row, or the hold-out has one class only
 * @throws {RangeError} other bins
 * @see NannyML's CBPE; Robertson, Wright & Dykstra (1988), Order restricted statistical inference, for the calibration
 */
export function estimateQuality(
  holdOut: ScoreOutcomes,
  counts: readonly number[],
  threshold: number,
  random: () => number,
): QualityEstimate | undefined {
  if (counts.length !== holdOut.rows.length)
    throw new RangeError(`expected ${holdOut.rows.length} bins, got ${counts.length}`);
  const [rows, holdOutRows, positives] = [sum(counts), sum(holdOut.rows), sum(holdOut.positives)];
  if (rows === 0 || positives === 0 || positives === holdOutRows) return undefined;
  const decided = decidedShares(holdOut.edges, threshold);
  const chance = calibrated(holdOut);
  const here = measuresOf(counts, times(counts, chance), decided);
  const there = measuresOf(holdOut.rows, times(holdOut.rows, chance), decided);
  const errors = standardErrors(holdOut, counts, decided, random);
  const metrics: Partial<Record<EstimatedMetric, Estimate>> = {};
  for (const metric of BINARY_ESTIMATES) {
    const estimate = { value: here[metric], standardError: errors[metric], onHoldOut: there[metric] };
    if (Object.values(estimate).every(Number.isFinite)) metrics[metric] = estimate;
  }
  const shareOf = (of: readonly number[], all: number) => sum(times(of, chance)) / all;
  return {
    rows,
    holdOutRows,
    metrics,
    expectedPositives: { window: shareOf(counts, rows), holdOut: shareOf(holdOut.rows, holdOutRows) },
  };
}

/**
 * Per bin the chance of the positive class, never falling with the score: pooled adjacent violators. A bin that the hold-out left
 * empty lies between its neighbours.
 */
export function calibrated({ rows, positives }: Pick<ScoreOutcomes, 'rows' | 'positives'>): number[] {
  const blocks: { rows: number; positives: number; bins: number[] }[] = [];
  rows.forEach((count, bin) => {
    if (count === 0) return;
    blocks.push({ rows: count, positives: positives[bin]!, bins: [bin] });
    for (let last = blocks.length - 1; last > 0 && falls(blocks[last - 1]!, blocks[last]!); last--) {
      const { rows: more, positives: of, bins } = blocks.pop()!;
      const into = blocks[last - 1]!;
      into.rows += more;
      into.positives += of;
      into.bins.push(...bins);
    }
  });
  const chance = new Array<number>(rows.length).fill(Number.NaN);
  for (const block of blocks) for (const bin of block.bins) chance[bin] = block.positives / block.rows;
  return filled(chance);
}

const falls = (a: { rows: number; positives: number }, b: { rows: number; positives: number }): boolean =>
  a.positives * b.rows >= b.positives * a.rows;

/** Missing values on the line between their neighbours; outside them as the nearest. */
function filled(values: readonly number[]): number[] {
  const known = values.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
  return values.map((value, i) => {
    if (!Number.isNaN(value)) return value;
    const [left, right] = [known.findLast((one) => one < i), known.find((one) => one > i)];
    if (left === undefined || right === undefined) return values[left ?? right!]!;
    return values[left]! + ((values[right]! - values[left]!) * (i - left)) / (right - left);
  });
}

/** Per bin the share of its scores that are decided positive: all, none, or in the bin of the threshold a part. */
function decidedShares(edges: Edges, threshold: number): number[] {
  return Array.from({ length: edges.length + 1 }, (_, bin) => {
    const [from, to] = [edges[bin - 1] ?? Number.NEGATIVE_INFINITY, edges[bin] ?? Number.POSITIVE_INFINITY];
    if (from >= threshold) return 1;
    if (to <= threshold) return 0;
    return Number.isFinite(from) && Number.isFinite(to) ? (to - threshold) / (to - from) : 0.5;
  });
}

/** @param positives expected or drawn, by bin */
function measuresOf(
  counts: readonly number[],
  positives: readonly number[],
  decided: readonly number[],
): Record<BinaryMetric, number> {
  let [negativesBelow, ordered, truePositives, falsePositives] = [0, 0, 0, 0];
  counts.forEach((count, bin) => {
    const [positive, negative] = [positives[bin]!, count - positives[bin]!];
    ordered += positive * (negativesBelow + negative / 2);
    negativesBelow += negative;
    truePositives += decided[bin]! * positive;
    falsePositives += decided[bin]! * negative;
  });
  const all = sum(counts);
  const allPositive = sum(positives);
  const precision = truePositives / (truePositives + falsePositives);
  const recall = truePositives / allPositive;
  return {
    auc: ordered / (allPositive * negativesBelow),
    accuracy: (truePositives + negativesBelow - falsePositives) / all,
    precision,
    recall,
    f1: (2 * truePositives) / (truePositives + falsePositives + allPositive),
  };
}

/** By a parametric bootstrap: other answers on the hold-out, another calibration, and outcomes drawn from it. */
function standardErrors(
  holdOut: ScoreOutcomes,
  counts: readonly number[],
  decided: readonly number[],
  random: () => number,
): Record<BinaryMetric, number> {
  const chance = calibrated(holdOut);
  const drawn = Array.from({ length: REPLICATES }, () => {
    const positives = holdOut.rows.map((rows, bin) => binomial(rows, chance[bin]!, random));
    const other = calibrated({ rows: holdOut.rows, positives });
    const outcomes = counts.map((count, bin) => binomial(count, other[bin]!, random));
    return measuresOf(counts, outcomes, decided);
  });
  return Object.fromEntries(
    BINARY_ESTIMATES.map((metric) => [metric, deviation(drawn.map((one) => one[metric]).filter(Number.isFinite))]),
  ) as Record<BinaryMetric, number>;
}

/** From so many on a binomial count is drawn as a normal one. */
const NORMAL_FROM = 50;

export function binomial(n: number, p: number, random: () => number): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (n < NORMAL_FROM) {
    let hits = 0;
    for (let i = 0; i < n; i++) if (random() < p) hits += 1;
    return hits;
  }
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(n, Math.max(0, Math.round(n * p + normal * Math.sqrt(n * p * (1 - p)))));
}

export function deviation(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1));
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const times = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value * b[i]!);
