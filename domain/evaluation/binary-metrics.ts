import type { Problem } from '../model-definition.ts';
import { calibrationBins, expectedCalibrationError } from './calibration.ts';
import type { Sample, Weights } from './sample.ts';
import { weightedMean } from './weighted-mean.ts';

// Bound once: a global that is looked up at every row costs more than the row.
const { abs, log, max, min } = Math;
const { EPSILON } = Number;

/** A measure of a weighted sample; NaN where it is not defined (one class only, scores that are no probabilities). */
export type Metric = (sample: Sample, weights: Weights, settings: MetricSettings) => number;

/** What of the problem decides how it is measured. */
export type MetricSettings = Pick<Problem, 'decisionThreshold' | 'quantile'>;

/** Walks groups of equal scores, highest first, with the weight of each class at and above the score. */
function sweep(
  { truth, scores, order }: Sample,
  weights: Weights,
  visit: (positives: number, negatives: number, groupPositives: number, groupNegatives: number) => void,
): void {
  let positives = 0;
  let negatives = 0;
  for (let i = order.length - 1; i >= 0; ) {
    const score = scores[order[i]!]!;
    let groupPositives = 0;
    let groupNegatives = 0;
    for (; i >= 0 && scores[order[i]!]! === score; i--) {
      const row = order[i]!;
      if (truth[row] === 1) groupPositives += weights[row]!;
      else groupNegatives += weights[row]!;
    }
    positives += groupPositives;
    negatives += groupNegatives;
    visit(positives, negatives, groupPositives, groupNegatives);
  }
}

function totals({ truth }: Sample, weights: Weights): { readonly positives: number; readonly negatives: number } {
  let positives = 0;
  let all = 0;
  for (let row = 0; row < truth.length; row++) {
    all += weights[row]!;
    if (truth[row] === 1) positives += weights[row]!;
  }
  return { positives, negatives: all - positives };
}

/** Probability that a positive scores above a negative, ties counting half. */
const auc: Metric = (sample, weights) => {
  const { positives, negatives } = totals(sample, weights);
  let pairs = 0;
  sweep(sample, weights, (_p, seenNegatives, groupPositives, groupNegatives) => {
    const below = negatives - seenNegatives;
    pairs += groupPositives * (below + groupNegatives / 2);
  });
  return pairs / (positives * negatives);
};

/** Average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over distinct scores, highest first; no interpolation. */
const prAuc: Metric = (sample, weights) => {
  const { positives } = totals(sample, weights);
  let area = 0;
  sweep(sample, weights, (seenPositives, seenNegatives, groupPositives) => {
    if (groupPositives > 0) area += (groupPositives / positives) * (seenPositives / (seenPositives + seenNegatives));
  });
  return positives === 0 ? Number.NaN : area;
};

/** Largest distance between the two classes' score distributions. */
const ks: Metric = (sample, weights) => {
  const { positives, negatives } = totals(sample, weights);
  let largest = 0;
  sweep(sample, weights, (seenPositives, seenNegatives) => {
    largest = max(largest, abs(seenPositives / positives - seenNegatives / negatives));
  });
  return positives === 0 || negatives === 0 ? Number.NaN : largest;
};

/** Proper scoring needs probabilities; other scores have no log loss. */
const forProbabilities =
  (metric: Metric): Metric =>
  (sample, weights, settings) => {
    const { order, scores } = sample;
    const isProbability = order.length > 0 && scores[order[0]!]! >= 0 && scores[order.at(-1)!]! <= 1;
    return isProbability ? metric(sample, weights, settings) : Number.NaN;
  };

const logLoss: Metric = ({ truth, scores }, weights) =>
  weightedMean(weights, (row) => {
    const p = min(max(scores[row]!, EPSILON), 1 - EPSILON);
    return truth[row] === 1 ? -log(p) : -log(1 - p);
  });

const brier: Metric = ({ truth, scores }, weights) => weightedMean(weights, (row) => (truth[row]! - scores[row]!) ** 2);

const calibrationError: Metric = ({ truth, scores }, weights) =>
  expectedCalibrationError(calibrationBins(truth, scores, weights));

interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** Decides positive at `score ≥ threshold`. */
function confusion({ truth, scores }: Sample, weights: Weights, threshold: number): Confusion {
  const cells = [0, 0, 0, 0];
  for (let row = 0; row < truth.length; row++) {
    cells[(scores[row]! >= threshold ? 2 : 0) + (truth[row] === 1 ? 1 : 0)]! += weights[row]!;
  }
  const [trueNegatives, falseNegatives, falsePositives, truePositives] = cells as [number, number, number, number];
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

/** 0 / 0 counts as 0, as scikit-learn's `zero_division=0`. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const fromConfusion =
  (formula: (cells: Confusion) => number): Metric =>
  (sample, weights, { decisionThreshold }) =>
    formula(confusion(sample, weights, decisionThreshold));

/** Mean recall of the classes that occur. */
const balancedAccuracy = ({
  truePositives: tp,
  trueNegatives: tn,
  falsePositives: fp,
  falseNegatives: fn,
}: Confusion) => {
  const recalls = [
    { hit: tp, all: tp + fn },
    { hit: tn, all: tn + fp },
  ].filter(({ all }) => all > 0);
  return recalls.reduce((sum, { hit, all }) => sum + hit / all, 0) / recalls.length;
};

/** Matthews' correlation of answer and decision; 0 where either does not vary. */
const mcc = ({ truePositives: tp, trueNegatives: tn, falsePositives: fp, falseNegatives: fn }: Confusion): number =>
  share(tp * tn - fp * fn, Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn));

/**
 * Measures of a binary classifier. Truth is 1 or 0; the decision threshold turns scores into decisions.
 *
 * @see scikit-learn's roc_auc_score, average_precision_score, log_loss, brier_score_loss, f1_score, …, whose values these equal
 */
export const BINARY_METRICS = {
  auc,
  prAuc,
  gini: (sample, weights, settings) => 2 * auc(sample, weights, settings) - 1,
  ks,
  logLoss: forProbabilities(logLoss),
  brier: forProbabilities(brier),
  accuracy: fromConfusion(({ truePositives: tp, trueNegatives: tn, falsePositives: fp, falseNegatives: fn }) =>
    share(tp + tn, tp + tn + fp + fn),
  ),
  balancedAccuracy: fromConfusion(balancedAccuracy),
  mcc: fromConfusion(mcc),
  f1: fromConfusion(({ truePositives: tp, falsePositives: fp, falseNegatives: fn }) => share(2 * tp, 2 * tp + fp + fn)),
  precision: fromConfusion(({ truePositives: tp, falsePositives: fp }) => share(tp, tp + fp)),
  recall: fromConfusion(({ truePositives: tp, falseNegatives: fn }) => share(tp, tp + fn)),
  calibrationError: forProbabilities(calibrationError),
} as const satisfies Readonly<Record<string, Metric>>;
