import { BINARY_METRICS, type Metric } from './binary-metrics.ts';
import { calibrationBins, expectedCalibrationError } from './calibration.ts';
import type { Sample, Weights } from './sample.ts';

const { max, min } = Math;
const { EPSILON } = Number;

/** Weight per true class and per predicted class, and of rows where both agree. */
export interface ClassCounts {
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
  readonly hit: Float64Array;
  readonly all: number;
}

/** A multiclass sample's truth and scores are class numbers: what is, and what is most probable. */
function count({ truth, scores, classes = [] }: Sample, weights: Weights): ClassCounts {
  const [actual, predicted, hit] = [0, 1, 2].map(() => new Float64Array(classes.length));
  let all = 0;
  for (let row = 0; row < truth.length; row++) {
    const weight = weights[row]!;
    all += weight;
    actual![truth[row]!]! += weight;
    predicted![scores[row]!]! += weight;
    if (truth[row] === scores[row]) hit![truth[row]!]! += weight;
  }
  return { actual: actual!, predicted: predicted!, hit: hit!, all };
}

/** 0 / 0 counts as 0, as scikit-learn's `zero_division=0`. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

type Average = 'macro' | 'weighted';

/** Mean over the classes that occur or are predicted; `weighted` by how often each occurs. */
function average(counts: ClassCounts, how: Average, value: (k: number) => number): number {
  const { actual, predicted, all } = counts;
  const present = [...actual.keys()].filter((k) => actual[k]! + predicted[k]! > 0);
  const total = present.reduce((sum, k) => sum + value(k) * (how === 'macro' ? 1 : actual[k]!), 0);
  return total / (how === 'macro' ? present.length : all);
}

const averaged =
  (how: Average, formula: (counts: ClassCounts, k: number) => number) =>
  (counts: ClassCounts): number =>
    average(counts, how, (k) => formula(counts, k));

const precision = ({ hit, predicted }: ClassCounts, k: number): number => share(hit[k]!, predicted[k]!);
const recall = ({ hit, actual }: ClassCounts, k: number): number => share(hit[k]!, actual[k]!);
const f1 = ({ hit, actual, predicted }: ClassCounts, k: number): number =>
  share(2 * hit[k]!, actual[k]! + predicted[k]!);

/** One class against the rest, averaged; NaN where a class does not occur. */
const againstRest =
  (how: Average, metric: Metric): Metric =>
  (sample, weights, settings) => {
    const { actual, all } = count(sample, weights);
    const areas = (sample.classes ?? []).map((one) => metric(one, weights, settings));
    return areas.reduce((sum, area, k) => sum + area * (how === 'macro' ? 1 / areas.length : actual[k]! / all), 0);
  };

/**
 * One class against one other, on the rows of those two, averaged over all pairs; `weighted` by the rows of a pair.
 *
 * @see Hand & Till (2001), A simple generalisation of the area under the ROC curve for multiple class classification problems
 */
const aucOneVersusOne =
  (how: Average): Metric =>
  ({ truth, classes = [] }, weights, settings) => {
    let sum = 0;
    let all = 0;
    const both = new Uint32Array(weights.length);
    for (let a = 0; a < classes.length; a++) {
      for (let b = a + 1; b < classes.length; b++) {
        let rows = 0;
        for (let row = 0; row < weights.length; row++) {
          both[row] = truth[row] === a || truth[row] === b ? weights[row]! : 0;
          rows += both[row]!;
        }
        const weight = how === 'macro' ? 1 : rows;
        const area = BINARY_METRICS.auc(classes[a]!, both, settings) + BINARY_METRICS.auc(classes[b]!, both, settings);
        sum += (weight * area) / 2;
        all += weight;
      }
    }
    return sum / all;
  };

/** Of the class that is decided for: |share that is right − mean probability|. NaN where a score is no probability. */
const calibrationError: Metric = ({ truth, scores, classes = [] }, weights) => {
  const right = truth.map((is, row) => Number(is === scores[row]));
  const confidence = scores.map((k, row) => classes[k]!.scores[row]!);
  if (confidence.some((p) => p < 0 || p > 1)) return Number.NaN;
  return expectedCalibrationError(calibrationBins(right, confidence, weights));
};

/** Matthews' correlation of answers and decisions over all classes; 0 where either does not vary. */
function mcc({ actual, predicted, hit, all }: ClassCounts): number {
  const sum = (value: (k: number) => number) => actual.reduce((total, _, k) => total + value(k), 0);
  const right = sum((k) => hit[k]!);
  const covariance = right * all - sum((k) => actual[k]! * predicted[k]!);
  const spreads = (all * all - sum((k) => predicted[k]! ** 2)) * (all * all - sum((k) => actual[k]! ** 2));
  return share(covariance, Math.sqrt(spreads));
}

/** Measures that follow from how often each class is, is decided for, and is decided for rightly. */
export const COUNTED_METRICS = {
  accuracy: ({ hit, all }) => hit.reduce((sum, rows) => sum + rows, 0) / all,
  balancedAccuracy: (counts) => {
    const present = [...counts.actual.keys()].filter((k) => counts.actual[k]! > 0);
    return present.reduce((sum, k) => sum + recall(counts, k), 0) / present.length;
  },
  mcc,
  f1Macro: averaged('macro', f1),
  f1Weighted: averaged('weighted', f1),
  precisionMacro: averaged('macro', precision),
  precisionWeighted: averaged('weighted', precision),
  recallMacro: averaged('macro', recall),
  recallWeighted: averaged('weighted', recall),
} as const satisfies Readonly<Record<string, (counts: ClassCounts) => number>>;

const counted =
  (name: keyof typeof COUNTED_METRICS): Metric =>
  (sample, weights) =>
    COUNTED_METRICS[name](count(sample, weights));

/** Mean −ln p of what is; p is clipped to [ε, 1 − ε] and divided by its row's sum. NaN where a score is no probability. */
const logLoss: Metric = ({ truth, classes = [] }, weights) => {
  let sum = 0;
  let all = 0;
  for (let row = 0; row < truth.length; row++) {
    if (weights[row] === 0) continue;
    let whole = 0;
    let own = 0;
    for (const [k, { scores }] of classes.entries()) {
      if (scores[row]! < 0 || scores[row]! > 1) return Number.NaN;
      const p = min(max(scores[row]!, EPSILON), 1 - EPSILON);
      whole += p;
      if (k === truth[row]) own = p;
    }
    sum -= weights[row]! * Math.log(own / whole);
    all += weights[row]!;
  }
  return sum / all;
};

/**
 * Measures of a classifier of three classes or more, over probabilities per class.
 *
 * @see scikit-learn's roc_auc_score(multi_class='ovr' and 'ovo'), log_loss, precision_recall_fscore_support(zero_division=0)
 */
export const MULTICLASS_METRICS = {
  accuracy: counted('accuracy'),
  balancedAccuracy: counted('balancedAccuracy'),
  logLoss,
  calibrationError,
  mcc: counted('mcc'),
  aucMacro: againstRest('macro', BINARY_METRICS.auc),
  aucWeighted: againstRest('weighted', BINARY_METRICS.auc),
  aucOneVersusOneMacro: aucOneVersusOne('macro'),
  aucOneVersusOneWeighted: aucOneVersusOne('weighted'),
  prAucMacro: againstRest('macro', BINARY_METRICS.prAuc),
  prAucWeighted: againstRest('weighted', BINARY_METRICS.prAuc),
  f1Macro: counted('f1Macro'),
  f1Weighted: counted('f1Weighted'),
  precisionMacro: counted('precisionMacro'),
  precisionWeighted: counted('precisionWeighted'),
  recallMacro: counted('recallMacro'),
  recallWeighted: counted('recallWeighted'),
} as const satisfies Readonly<Record<string, Metric>>;
