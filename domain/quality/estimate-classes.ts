import { CONFIDENCE_BINS, type Decisions, decisionOf } from '../drift/decisions.ts';
import { type ClassCounts, COUNTED_METRICS } from '../evaluation/multiclass-metrics.ts';
import type { Sample } from '../evaluation/sample.ts';
import {
  binomial,
  type ClassMetric,
  calibrated,
  deviation,
  type Estimate,
  type QualityEstimate,
  REPLICATES,
  sum,
} from './estimate.ts';

/** What a multiclass model's decisions on the hold-out came to, counted as live decisions are. */
export interface DecisionOutcomes {
  readonly classes: number;
  /** By class that was decided for, then by bin of its probability: classes × CONFIDENCE_BINS. */
  readonly rows: readonly number[];
  /** Of these, those that were right. */
  readonly hits: readonly number[];
  /** By class that was decided for, then by the class that it was: classes × classes. */
  readonly confusion: readonly number[];
}

const CLASS_METRICS = Object.keys(COUNTED_METRICS) as ClassMetric[];

/**
 * Rows that a class is given beside its own, as all classes have them: one that the hold-out has hardly decided for is not known
 * from three rows.
 */
const PRIOR_ROWS = 5;

/** @returns undefined where a score is no probability: nothing could be said of decisions by their confidence */
export function countDecisionOutcomes({ truth, classes: samples = [] }: Sample): DecisionOutcomes | undefined {
  const classes = samples.length;
  const [rows, hits] = [0, 1].map(() => new Array<number>(classes * CONFIDENCE_BINS).fill(0)) as [number[], number[]];
  const confusion = new Array<number>(classes * classes).fill(0);
  for (let row = 0; row < truth.length; row++) {
    const decision = decisionOf(classes, (k) => samples[k]!.scores[row]!);
    if (decision === -1) return undefined;
    const decided = Math.floor(decision / CONFIDENCE_BINS);
    rows[decision]! += 1;
    if (truth[row] === decided) hits[decision]! += 1;
    confusion[decided * classes + truth[row]!]! += 1;
  }
  return { classes, rows, hits, confusion };
}

/**
 * What a multiclass classifier is expected to be worth on decisions without outcomes: confidence-based performance estimation. The
 * hold-out says how often a decision of each confidence is right, class by class (isotonic), and what a wrong one was instead; the
 * window says how often each decision is made. Measures follow from the confusion that is expected of it.
 *
 * It rests on this: that a decision for a class, made with a confidence, is as often right, and wrong in the same way, as it was on
 * the hold-out. Measures over ranks (AUC) are not among them: only the class that was decided for is counted live.
 *
 * @param names of the classes, in the order of their probabilities
 * @param random uniform on [0, 1)
 * @returns undefined where either side decided nothing, or the hold-out has one class only
 * @throws {RangeError} of other classes
 * @see NannyML's CBPE for multiclass classification, which calibrates each class as well
 */
export function estimateClasses(
  holdOut: DecisionOutcomes,
  decisions: Decisions,
  names: readonly string[],
  random: () => number,
): QualityEstimate | undefined {
  const { classes, confusion } = holdOut;
  if (decisions.classes !== classes)
    throw new RangeError(`expected decisions of ${classes} classes, got ${decisions.classes}`);
  const [rows, holdOutRows] = [sum(decisions.counts), sum(holdOut.rows)];
  const actual = sumsOf(confusion, classes, (place) => place % classes);
  if (rows === 0 || actual.filter((count) => count > 0).length < 2) return undefined;
  const chances = chancesOf(holdOut);
  const [here, there] = [expectedOf(decisions.counts, chances), expectedOf(holdOut.rows, chances)];
  const drawn = Array.from({ length: REPLICATES }, () => {
    const other = chancesOf(drawnOutcomes(holdOut, chances, random));
    return drawnConfusion(decisions.counts, other, random);
  });
  const metrics: Partial<Record<ClassMetric, Estimate>> = {};
  for (const metric of CLASS_METRICS) {
    const measure = (of: readonly number[]): number => COUNTED_METRICS[metric](countsOf(of, classes));
    const standardError = deviation(drawn.map(measure));
    metrics[metric] = { value: measure(here), standardError, onHoldOut: measure(there) };
  }
  const expected = (of: readonly number[]) => sumsOf(of, classes, (place) => place % classes);
  const [window, onHoldOut] = [expected(here), expected(there)];
  const expectedClasses = names.map((name, k) => ({
    ...{ name, window: window[k]! / rows, holdOut: onHoldOut[k]! / holdOutRows },
  }));
  return { rows, undecided: decisions.undecided, holdOutRows, metrics, expectedClasses };
}

/** How decisions come out. */
interface Chances {
  readonly classes: number;
  /** By class and bin, as decisions are counted: that it is right. */
  readonly right: readonly number[];
  /** By class, what a wrong decision for it was instead: classes × classes, 0 for itself. */
  readonly instead: readonly number[];
}

function chancesOf({ classes, rows, hits, confusion }: DecisionOutcomes): Chances {
  const binOf = (place: number) => place % CONFIDENCE_BINS;
  const all = { rows: sumsOf(rows, CONFIDENCE_BINS, binOf), positives: sumsOf(hits, CONFIDENCE_BINS, binOf) };
  const [chance, total] = [calibrated(all), sum(rows)];
  const prior = all.rows.map((count) => (PRIOR_ROWS * count) / total);
  const actual = sumsOf(confusion, classes, (place) => place % classes);
  const right: number[] = [];
  const instead: number[] = [];
  for (let k = 0; k < classes; k++) {
    const own = (counts: readonly number[], bin: number) => counts[k * CONFIDENCE_BINS + bin]!;
    const ofClass = {
      rows: prior.map((more, bin) => own(rows, bin) + more),
      positives: prior.map((more, bin) => own(hits, bin) + more * chance[bin]!),
    };
    right.push(...calibrated(ofClass));
    const others = total - actual[k]!;
    const wrong = actual.map((count, j) =>
      j === k ? 0 : confusion[k * classes + j]! + (others === 0 ? 0 : (PRIOR_ROWS * count) / others),
    );
    const whole = sum(wrong);
    instead.push(...wrong.map((weight) => (whole === 0 ? 0 : weight / whole)));
  }
  return { classes, right, instead };
}

/** The confusion expected of decisions, by class that was decided for, then by class that it is. */
const expectedOf = (counts: readonly number[], chances: Chances): number[] =>
  confusionOf(
    counts,
    chances,
    (n, p) => n * p,
    (wrong, shares) => shares.map((share) => wrong * share),
  );

const drawnConfusion = (counts: readonly number[], chances: Chances, random: () => number): number[] =>
  confusionOf(
    counts,
    chances,
    (n, p) => binomial(n, p, random),
    (wrong, shares) => multinomial(wrong, shares, random),
  );

function confusionOf(
  counts: readonly number[],
  { classes, right, instead }: Chances,
  hitsOf: (decisions: number, chance: number) => number,
  spread: (wrong: number, shares: readonly number[]) => readonly number[],
): number[] {
  const confusion: number[] = [];
  for (let k = 0; k < classes; k++) {
    let [hits, all] = [0, 0];
    for (let place = k * CONFIDENCE_BINS; place < (k + 1) * CONFIDENCE_BINS; place++) {
      if (counts[place] === 0) continue;
      all += counts[place]!;
      hits += hitsOf(counts[place]!, right[place]!);
    }
    const row = [...spread(all - hits, instead.slice(k * classes, (k + 1) * classes))];
    row[k]! += hits;
    confusion.push(...row);
  }
  return confusion;
}

/** Another hold-out of the same decisions, whose outcomes were drawn. */
function drawnOutcomes(holdOut: DecisionOutcomes, chances: Chances, random: () => number): DecisionOutcomes {
  const hits = holdOut.rows.map((rows, place) => binomial(rows, chances.right[place]!, random));
  // The hits of a class are drawn already: they come out of its bins as they are.
  const { classes, rows } = holdOut;
  const confusion: number[] = [];
  for (let k = 0; k < classes; k++) {
    const of = (counts: readonly number[]) => sum(counts.slice(k * CONFIDENCE_BINS, (k + 1) * CONFIDENCE_BINS));
    const row = multinomial(of(rows) - of(hits), chances.instead.slice(k * classes, (k + 1) * classes), random);
    row[k]! += of(hits);
    confusion.push(...row);
  }
  return { classes, rows, hits, confusion };
}

/** @param shares sum up to 1, or are all 0 where nothing is to be shared */
function multinomial(n: number, shares: readonly number[], random: () => number): number[] {
  let [left, whole] = [n, 1];
  return shares.map((share) => {
    const count = share <= 0 ? 0 : binomial(left, Math.min(1, share / whole), random);
    left -= count;
    whole -= share;
    return count;
  });
}

function countsOf(confusion: readonly number[], classes: number): ClassCounts {
  return {
    actual: Float64Array.from(sumsOf(confusion, classes, (place) => place % classes)),
    predicted: Float64Array.from(sumsOf(confusion, classes, (place) => Math.floor(place / classes))),
    hit: Float64Array.from({ length: classes }, (_, k) => confusion[k * classes + k]!),
    all: sum(confusion),
  };
}

/** Values summed by what they are of. */
function sumsOf(values: readonly number[], into: number, of: (place: number) => number): number[] {
  const sums = new Array<number>(into).fill(0);
  values.forEach((value, place) => {
    sums[of(place)]! += value;
  });
  return sums;
}
