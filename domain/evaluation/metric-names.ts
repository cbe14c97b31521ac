import type { Problem } from '../model-definition.ts';

/** What can be measured and gated, by kind of problem. */
export const METRICS = {
  'binary-classification': [
    'auc',
    'prAuc',
    'gini',
    'ks',
    'logLoss',
    'brier',
    'accuracy',
    'f1',
    'precision',
    'recall',
    'calibrationError',
  ],
  regression: ['rmse', 'mae', 'r2'],
} as const satisfies Readonly<Record<Problem['type'], readonly string[]>>;

const LOWER_IS_BETTER: ReadonlySet<string> = new Set(['logLoss', 'brier', 'calibrationError', 'rmse', 'mae']);

export const isMetric = (name: string, problem: Problem['type']): boolean =>
  (METRICS[problem] as readonly string[]).includes(name);

export const lowerIsBetter = (metric: string): boolean => LOWER_IS_BETTER.has(metric);
