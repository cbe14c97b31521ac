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
    'balancedAccuracy',
    'mcc',
    'f1',
    'precision',
    'recall',
    'calibrationError',
  ],
  'multiclass-classification': [
    'accuracy',
    'balancedAccuracy',
    'logLoss',
    'calibrationError',
    'mcc',
    'aucMacro',
    'aucWeighted',
    'aucOneVersusOneMacro',
    'aucOneVersusOneWeighted',
    'prAucMacro',
    'prAucWeighted',
    'f1Macro',
    'f1Weighted',
    'precisionMacro',
    'precisionWeighted',
    'recallMacro',
    'recallWeighted',
  ],
  regression: ['rmse', 'mae', 'quantileLoss', 'r2'],
} as const satisfies Readonly<Record<Problem['type'], readonly string[]>>;

const LOWER_IS_BETTER: ReadonlySet<string> = new Set([
  'logLoss',
  'brier',
  'calibrationError',
  'rmse',
  'mae',
  'quantileLoss',
]);

/** The measure that people read first; its standard error is part of every evaluation. */
export const FIRST_METRIC = {
  'binary-classification': 'auc',
  'multiclass-classification': 'aucMacro',
  regression: 'rmse',
} as const satisfies Readonly<Record<Problem['type'], string>>;

/** What a model costs to run; better when lower, and never compared with a champion: they are measured once. */
export const OPERATION_METRICS = ['latencyMsPerRow', 'artifactMb'] as const;
export type OperationMetric = (typeof OPERATION_METRICS)[number];

const CUSTOM = /^custom:([A-Za-z][A-Za-z0-9_.-]{0,63})$/;

/** @returns the name in metrics.json of `custom:NAME` */
export const customName = (metric: string): string | undefined => CUSTOM.exec(metric)?.[1];

export const isOperationMetric = (metric: string): metric is OperationMetric =>
  (OPERATION_METRICS as readonly string[]).includes(metric);

/** Measured on the hold-out's rows, so it has slices, intervals and a champion's value. */
export const isMetric = (name: string, problem: Problem['type']): boolean =>
  (METRICS[problem] as readonly string[]).includes(name);

export const lowerIsBetter = (metric: string): boolean => LOWER_IS_BETTER.has(metric) || isOperationMetric(metric);
