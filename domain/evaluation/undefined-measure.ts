import type { Problem } from '../model-definition.ts';
import type { Sample } from './sample.ts';

/** Why a measure has no value, by name: a gate on it says this instead of a number. */
export type UndefinedBecause =
  | 'NoRows'
  | 'OneClassOnly'
  | 'ClassNotInHoldOut'
  | 'NotProbabilities'
  | 'AnswersAllEqual'
  | 'BeyondNumbers'
  | 'NotReported'
  | 'NotMeasured';

/** What a name means, as the end of a sentence that begins with the measure. */
export const UNDEFINED_IN_WORDS: Readonly<Record<UndefinedBecause, string>> = {
  NoRows: 'has no rows to be measured on',
  OneClassOnly: 'needs rows of both classes, and these are all of one',
  ClassNotInHoldOut: 'needs rows of every class, and one does not occur',
  NotProbabilities: 'needs scores from 0 to 1, and these are not',
  AnswersAllEqual: 'needs answers that differ, and these are all equal',
  BeyondNumbers: 'is beyond what a number can hold',
  NotMeasured: 'was not measured',
  NotReported: 'is not in the metrics.json that training wrote',
};

const OF_PROBABILITIES: ReadonlySet<string> = new Set(['logLoss', 'brier', 'calibrationError']);
const OF_BOTH_CLASSES: ReadonlySet<string> = new Set(['auc', 'gini', 'ks', 'prAuc']);

/** @param metric one whose value is not finite on this sample */
export function undefinedBecause(metric: string, sample: Sample, problem: Problem['type']): UndefinedBecause {
  const { truth, scores, order, classes } = sample;
  if (truth.length === 0) return 'NoRows';
  if (metric === 'r2') return new Set(truth).size < 2 ? 'AnswersAllEqual' : 'BeyondNumbers';
  if (problem === 'regression') return 'BeyondNumbers';
  if (OF_PROBABILITIES.has(metric)) return 'NotProbabilities';
  if (classes) return 'ClassNotInHoldOut';
  if (OF_BOTH_CLASSES.has(metric)) return 'OneClassOnly';
  return Number.isFinite(scores[order[0]!]!) ? 'OneClassOnly' : 'BeyondNumbers';
}
