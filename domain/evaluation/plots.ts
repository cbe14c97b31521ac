import type { Problem } from '../model-definition.ts';
import { calibrationBins } from './calibration.ts';
import { seededRandom } from './random.ts';
import { onceEach, type Sample } from './sample.ts';
import { shareInterval } from './share-interval.ts';

export type Point = readonly [x: number, y: number];

/** What the plots of an evaluation show, small enough to be kept with it. */
export type Plots =
  | { readonly kind: 'binary'; readonly candidate: BinaryCurves; readonly champion?: BinaryCurves }
  | { readonly kind: 'multiclass'; readonly calibration?: readonly CalibrationPoint[]; readonly confusion: Confusion }
  | { readonly kind: 'regression'; readonly candidate: Residuals; readonly champion?: Residuals };

export interface BinaryCurves {
  readonly rows: number;
  /** False against true positive rate, from (0, 0) to (1, 1). */
  readonly roc: readonly Point[];
  /** Recall against precision, by falling threshold. */
  readonly pr: readonly Point[];
  /** Where scores are no probabilities there is none. */
  readonly calibration?: readonly CalibrationPoint[];
  readonly scores: ScoreHistogram;
  /** The decision threshold's place on both curves. */
  readonly decides: { readonly falsePositiveRate: number; readonly recall: number; readonly precision?: number };
}

export interface CalibrationPoint {
  readonly rows: number;
  readonly meanScore: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

export interface ScoreHistogram {
  readonly low: number;
  readonly high: number;
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/** Rows by what is (first index) and what was decided; the last class stands for all that are not named. */
export interface Confusion {
  readonly classes: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

export interface Residuals {
  readonly rows: number;
  /** Prediction against answer, of at most 400 rows. */
  readonly points: readonly Point[];
  /** Answer − prediction: rows per bin of equal width. */
  readonly histogram: { readonly low: number; readonly high: number; readonly rows: readonly number[] };
}

const CURVE_STEP = 1 / 150;
const SCORE_BINS = 25;
const MOST_POINTS = 400;
const MOST_CLASSES = 16;

export function plotsOf(candidate: Sample, champion: Sample | undefined, problem: Problem, seed: number): Plots {
  if (problem.classes) return multiclassPlots(candidate, problem.classes);
  if (problem.type === 'regression') {
    const of = (sample: Sample) => residualsOf(sample, seed);
    return { kind: 'regression', candidate: of(candidate), ...(champion && { champion: of(champion) }) };
  }
  const of = (sample: Sample) => curvesOf(sample, problem.decisionThreshold);
  return { kind: 'binary', candidate: of(candidate), ...(champion && { champion: of(champion) }) };
}

function curvesOf(sample: Sample, threshold: number): BinaryCurves {
  const { truth, scores, order } = sample;
  const positives = truth.reduce((sum, y) => sum + y, 0);
  const negatives = truth.length - positives;
  const roc: Point[] = [[0, 0]];
  const pr: Point[] = [];
  let [found, wrong] = [0, 0];
  for (let i = order.length - 1; i >= 0; ) {
    const score = scores[order[i]!]!;
    for (; i >= 0 && scores[order[i]!] === score; i--) {
      if (truth[order[i]!] === 1) found += 1;
      else wrong += 1;
    }
    roc.push([wrong / negatives, found / positives]);
    pr.push([found / positives, found / (found + wrong)]);
  }
  const calibration = isProbability(sample) && calibrationOf(truth, scores);
  return {
    rows: truth.length,
    roc: thinned(roc),
    pr: thinned(pr),
    ...(calibration && { calibration }),
    scores: histogramOf(sample),
    decides: operatingPoint(sample, threshold, positives),
  };
}

const isProbability = ({ scores, order }: Sample): boolean => scores[order[0]!]! >= 0 && scores[order.at(-1)!]! <= 1;

function operatingPoint({ truth, scores }: Sample, threshold: number, positives: number): BinaryCurves['decides'] {
  let [selected, found] = [0, 0];
  for (const [row, score] of scores.entries()) {
    if (score < threshold) continue;
    selected += 1;
    found += truth[row]!;
  }
  return {
    falsePositiveRate: short((selected - found) / (truth.length - positives)),
    recall: short(found / positives),
    ...(selected > 0 && { precision: short(found / selected) }),
  };
}

function calibrationOf(outcomes: Float64Array, scores: Float64Array): CalibrationPoint[] {
  return calibrationBins(outcomes, scores, onceEach(outcomes.length))
    .filter(({ rows }) => rows > 0)
    .map(({ rows, positives, scores: sum }) => {
      const { low, high } = shareInterval(positives, rows);
      return { rows, meanScore: short(sum / rows), share: short(positives / rows), low: short(low), high: short(high) };
    });
}

/** Probabilities from 0 to 1, other scores from the least to the greatest. */
function histogramOf(sample: Sample): ScoreHistogram {
  const { truth, scores, order } = sample;
  const [low, high] = isProbability(sample) ? [0, 1] : [scores[order[0]!]!, scores[order.at(-1)!]!];
  const counts = [0, 1].map(() => new Array<number>(SCORE_BINS).fill(0));
  for (const [row, score] of scores.entries()) counts[truth[row]!]![binOf(score, low, high, SCORE_BINS)]! += 1;
  return { low, high, negatives: counts[0]!, positives: counts[1]! };
}

const binOf = (value: number, low: number, high: number, bins: number): number =>
  high === low ? 0 : Math.max(0, Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins)));

/** Leaves out points that are too close to be seen; the ends stay. */
function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const [i, [x, y]] of points.entries()) {
    const last = kept.at(-1);
    const far = !last || Math.abs(x - last[0]) >= CURVE_STEP || Math.abs(y - last[1]) >= CURVE_STEP;
    if (far || i === points.length - 1) kept.push([short(x), short(y)]);
  }
  return kept;
}

function multiclassPlots({ truth, scores, classes: samples = [] }: Sample, classes: readonly string[]): Plots {
  const right = truth.map((is, row) => Number(is === scores[row]));
  const confidence = scores.map((k, row) => samples[k]!.scores[row]!);
  const isProbabilities = samples.every(isProbability);
  return {
    kind: 'multiclass',
    ...(isProbabilities && { calibration: calibrationOf(right, confidence) }),
    confusion: confusionOf(truth, scores, classes),
  };
}

/** The most frequent classes by name, all others as one. */
function confusionOf(truth: Float64Array, decided: Float64Array, classes: readonly string[]): Confusion {
  const frequency = new Array<number>(classes.length).fill(0);
  for (const k of truth) frequency[k]! += 1;
  const all = [...classes.keys()];
  const tooMany = classes.length > MOST_CLASSES;
  const named = tooMany ? all.toSorted((a, b) => frequency[b]! - frequency[a]!).slice(0, MOST_CLASSES - 1) : all;
  const shown = named.toSorted((a, b) => a - b);
  const place = new Map(shown.map((k, i) => [k, i]));
  const size = shown.length + (tooMany ? 1 : 0);
  const rows = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const [row, is] of truth.entries()) {
    rows[place.get(is) ?? size - 1]![place.get(decided[row]!) ?? size - 1]! += 1;
  }
  const names = shown.map((k) => classes[k]!);
  return { classes: tooMany ? [...names, `${classes.length - shown.length} others`] : names, rows };
}

function residualsOf({ truth, scores }: Sample, seed: number): Residuals {
  const random = seededRandom(seed);
  const residuals = truth.map((y, row) => y - scores[row]!);
  const low = Math.min(0, ...extremes(residuals, 'low'));
  const high = Math.max(0, ...extremes(residuals, 'high'));
  const rows = new Array<number>(SCORE_BINS).fill(0);
  for (const residual of residuals) rows[binOf(residual, low, high, SCORE_BINS)]! += 1;
  const wanted = MOST_POINTS / truth.length;
  const points = [...truth.keys()]
    .filter(() => random() < wanted)
    .slice(0, MOST_POINTS)
    .map((row): Point => [short(scores[row]!), short(truth[row]!)]);
  return { rows: truth.length, points, histogram: { low: short(low), high: short(high), rows } };
}

/** The half per cent at either end is counted in the outermost bins: one outlier would leave the rest one bar. */
function extremes(values: Float64Array, end: 'low' | 'high'): number[] {
  if (values.length === 0) return [];
  const sorted = values.toSorted();
  return [sorted[Math.floor((end === 'low' ? 0.005 : 0.995) * (sorted.length - 1))]!];
}

const short = (value: number): number => Number(value.toPrecision(5));
