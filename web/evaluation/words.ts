import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { Interval } from '../../domain/evaluation/intervals.ts';
import { FIRST_METRIC, lowerIsBetter } from '../../domain/evaluation/metric-names.ts';
import type { ModelDefinition, Problem } from '../../domain/model-definition.ts';

const LABELS: Readonly<Record<string, string>> = {
  auc: 'AUC',
  prAuc: 'PR-AUC',
  gini: 'Gini',
  ks: 'KS',
  logLoss: 'Log loss',
  brier: 'Brier score',
  accuracy: 'Accuracy',
  balancedAccuracy: 'Balanced accuracy',
  mcc: 'MCC',
  f1: 'F1',
  precision: 'Precision',
  recall: 'Recall',
  calibrationError: 'Calibration error',
  rmse: 'RMSE',
  mae: 'MAE',
  quantileLoss: 'Quantile loss',
  r2: 'R²',
};

/** `aucMacro` as `AUC, macro`; what has no label is shown as it is. */
export function labelOf(metric: string): string {
  const [, stem = metric, average] = /^(\w+?)(Macro|Weighted)$/.exec(metric) ?? [];
  const pairs = stem.endsWith('OneVersusOne');
  const label = LABELS[pairs ? stem.replace('OneVersusOne', '') : stem] ?? metric;
  return [label, pairs ? 'one versus one' : '', average?.toLowerCase() ?? ''].filter(Boolean).join(', ');
}

/** Three decimals below 1 (more where they would be zeros), four significant places above, thousands apart. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.0005) {
    const small = size < 1e-6 ? value.toExponential(0) : value.toFixed(Math.ceil(-Math.log10(size)));
    return small.replaceAll('-', '−');
  }
  const places = size < 1 ? 3 : Math.max(0, 3 - Math.floor(Math.log10(size)));
  const digits = Number.isInteger(value) ? {} : { minimumFractionDigits: places, maximumFractionDigits: places };
  const text = value.toLocaleString('en', digits);
  return text.replace('-', '−');
}

export const signed = (value: number): string => (value > 0 ? `+${number(value)}` : number(value));

export const count = (rows: number): string => rows.toLocaleString('en');

export const percent = (share: number): string => `${(100 * share).toFixed(share !== 0 && share < 0.1 ? 1 : 0)}\u00a0%`;

export const span = ({ low, high }: Pick<Interval, 'low' | 'high'>, show = number): string =>
  `${show(low)} to ${show(high)}`;

export const one = (number: number, singular: string, plural = `${singular}s`): string =>
  `${count(number)} ${number === 1 ? singular : plural}`;

type Standing = 'better' | 'worse' | 'no difference shown';

/** Whether chance alone could have made a difference. */
export function standingOf(metric: string, { low, high }: Interval): Standing {
  if (low <= 0 && high >= 0) return 'no difference shown';
  return low > 0 !== lowerIsBetter(metric) ? 'better' : 'worse';
}

/** How the gates ended, in the words of a headline. */
export function verdictOf({ gates, passed }: Evaluation): string {
  const open = gates.filter(({ verdict }) => verdict === 'NotComparable').length;
  if (!passed) {
    const missed = gates.filter(({ verdict }) => verdict === 'Failed' || verdict === 'Undefined').length;
    return gates.length === 1 ? 'refused by its gate' : `refused by ${missed} of ${gates.length} gates`;
  }
  if (gates.length === 0) return 'measured; no gate was asked for';
  if (open > 0) return `passes, but ${one(open, 'gate')} could not be compared`;
  return gates.length === 1 ? 'passes its gate' : `passes all ${gates.length} gates`;
}

/** In the owner's words where there are some, otherwise in those of the definition. */
export const purpose = (definition: ModelDefinition): string => definition.description ?? decides(definition);

export function decides({ problem, columns, features }: ModelDefinition): string {
  const from = `from ${one(features.length, 'feature')}`;
  if (problem.classes)
    return `It decides for each ${columns.id} which of ${problem.classes.length} classes ${problem.target} is, ${from}.`;
  if (problem.type === 'regression') return `It estimates ${problem.target} for each ${columns.id}, ${from}.`;
  return `It decides for each ${columns.id} whether ${problem.target} is ${problem.positiveClass} (a score of ${problem.decisionThreshold} or more), ${from}.`;
}

/** What was measured, in a sentence. */
export function measured({ candidate, rows, positives }: Evaluation, problem: Problem): string {
  const first = FIRST_METRIC[problem.type];
  const value = candidate.metrics[first];
  const interval = candidate.intervals?.[first];
  const classes = positives === undefined ? '' : ` (${count(positives)} of them ${problem.positiveClass})`;
  const on = `${count(rows)} rows${classes} that it was not trained on`;
  if (value === undefined) return `On ${on}, ${labelOf(first)} has no value.`;
  return `On ${on}, its ${labelOf(first)} is ${number(value)}${interval ? ` (95\u00a0% of resamples: ${span(interval)})` : ''}.`;
}

/** Better, worse or neither, in a sentence. */
export function compared({ champion, notComparable }: Evaluation, problem: Problem): string {
  if (notComparable !== undefined) return `It could not be compared with what serves. ${notComparable}`;
  if (!champion) return 'It is the first version: there is no champion to compare with.';
  const first = FIRST_METRIC[problem.type];
  const difference = champion.differences?.[first];
  const on = `on ${count(champion.rows)} rows that neither was trained on`;
  if (!difference) return `Version ${champion.version} serves; both were measured ${on}.`;
  const standing = standingOf(first, difference);
  const range = `${labelOf(first)} ${signed(difference.value)}, 95\u00a0% of resamples: ${span(difference, signed)}`;
  if (standing === 'no difference shown')
    return `No difference to version ${champion.version}, which serves, is shown ${on} (${range}).`;
  return `It is ${standing} than version ${champion.version}, which serves, ${on} (${range}).`;
}

/** A classifier that gives everybody the same answer ranks, at best: a person must see it before any table. */
export function sameForAll({ plots, candidate }: Evaluation, problem: Problem): string | undefined {
  if (plots?.kind !== 'binary') return undefined;
  const { recall, falsePositiveRate } = plots.candidate.decides;
  const label = problem.positiveClass ?? '1';
  const at = `At its threshold of ${problem.decisionThreshold} (problem.decisionThreshold)`;
  if (recall === 0 && falsePositiveRate === 0)
    return `${at} it decides for ${label} in no row: its scores rank, and its decisions say nothing.`;
  if (recall === 1 && falsePositiveRate === 1)
    return `${at} it decides for ${label} in every row: its scores rank, and its decisions say nothing.`;
  return candidate.metrics.recall === 0 ? `${at} it finds no ${label}.` : undefined;
}

export function changes({ changedDecisions: changed }: Evaluation, problem: Problem): string | undefined {
  if (!changed || changed.rows === 0) return undefined;
  const share = `${count(changed.changed)} of ${count(changed.rows)} decisions (${percent(changed.changed / changed.rows)}) would change`;
  if (changed.changed === 0) return 'No decision would change.';
  return problem.classes
    ? `${share}: ${count(changed.toPositive)} become right, ${count(changed.toNegative)} become wrong.`
    : `${share}: ${count(changed.toPositive)} become ${problem.positiveClass}, ${count(changed.toNegative)} no longer are.`;
}
