import { isMetric, lowerIsBetter, METRICS } from '../evaluation/metric-names.ts';
import type { Business, ModelDefinition, Monitoring, Problem, QualityGate } from '../model-definition.ts';
import type { Fields } from './fields.ts';
import { parseRetraining } from './parse-retraining.ts';
import { COLUMN } from './patterns.ts';

/** What the captures bucket's lifecycle keeps, for every model alike. */
const RETAIN_DAYS = 90;

export function parseMonitoring(
  root: Fields,
  { problem, features }: Pick<ModelDefinition, 'problem' | 'features'>,
): Monitoring {
  const featureNames = features.map(({ name }) => name);
  const fields = root.section('monitoring', {
    known: [
      ...['windowHours', 'capture', 'drift', 'labels', 'quality', 'staleAfterDays', 'stalenessEveryDays'],
      ...['onDrift', 'retrain'],
    ],
  });
  const capture = fields.section('capture', { known: ['fraction', 'redact', 'retainDays'] });
  const retainDays = capture.number('retainDays', { min: 1, integer: true }, RETAIN_DAYS);
  if (retainDays !== RETAIN_DAYS) {
    capture.note(
      capture.where('retainDays'),
      `monitoring.capture.retainDays other than ${RETAIN_DAYS} is not supported yet`,
    );
  }
  const labels = fields.section('labels', { known: ['completeAfterDays'] });
  const staleAfterDays = fields.optionalNumber('staleAfterDays', { min: 1, max: 3650 });
  const stalenessEveryDays = fields.optionalNumber('stalenessEveryDays', { min: 1, max: 365, integer: true });
  return {
    windowHours: fields.number('windowHours', { min: 1, max: 168, integer: true }, 24),
    capture: {
      fraction: capture.number('fraction', { min: 0.01, max: 1 }, 1),
      redact: namesOfFeatures(capture, 'redact', featureNames),
      retainDays,
    },
    drift: parseDrift(fields, featureNames),
    labels: { completeAfterDays: labels.number('completeAfterDays', { min: 0, max: 60 }, 2) },
    quality: fields
      .sections('quality', { known: ['metric', 'atLeast', 'atMost', 'minRows'] })
      .map((gate) => parseQualityGate(gate, problem)),
    ...(staleAfterDays !== undefined && { staleAfterDays }),
    ...(stalenessEveryDays !== undefined && { stalenessEveryDays }),
    onDrift: fields.oneOf<'alert' | 'retrain'>('onDrift', ['alert', 'retrain'], [], 'alert'),
    retrain: parseRetraining(fields),
  };
}

function parseDrift(monitoring: Fields, featureNames: readonly string[]): Monitoring['drift'] {
  const fields = monitoring.section('drift', {
    known: ['effect', 'falseDiscoveryRate', 'persistence', 'exclude', 'thresholds'],
  });
  const persistence = fields.section('persistence', { known: ['windows', 'of'] });
  const of = persistence.number('of', { min: 1, max: 30, integer: true }, 3);
  const windows = persistence.number('windows', { min: 1, max: 30, integer: true }, Math.min(2, of));
  if (windows > of)
    persistence.note(persistence.where('windows'), `expected at most ${of} windows of ${of}, got ${windows}`);
  return {
    effect: fields.number('effect', { min: 0.001, max: 10 }, 0.1),
    falseDiscoveryRate: fields.number('falseDiscoveryRate', { min: 1e-6, max: 0.5 }, 0.01),
    persistence: { windows, of },
    exclude: namesOfFeatures(fields, 'exclude', featureNames),
    thresholds: fields.oneOf<'fixed' | 'calibrated'>('thresholds', ['fixed', 'calibrated'], [], 'fixed'),
  };
}

function namesOfFeatures(fields: Fields, key: string, featureNames: readonly string[]): string[] {
  const names = fields.texts(key, COLUMN, 'names of features');
  for (const name of names.filter((one) => !featureNames.includes(one)))
    fields.note(fields.where(key), `expected ${key} to name features, got "${name}"`);
  return names;
}

function parseQualityGate(gate: Fields, { type }: Problem): QualityGate {
  const metric = gate.text('metric', /^\S/, 'the name of a metric');
  if (!isMetric(metric, type)) {
    const known = METRICS[type].join(', ');
    gate.note(gate.where('metric'), `expected a metric of ${type} (${known}), got "${metric.slice(0, 60)}"`);
  }
  const [bar, other] = lowerIsBetter(metric) ? (['atMost', 'atLeast'] as const) : (['atLeast', 'atMost'] as const);
  if (gate.has(other)) {
    const better = lowerIsBetter(metric) ? 'lower' : 'higher';
    gate.note(gate.where(other), `${metric} is better when ${better}: the bar is ${bar}`);
  }
  return {
    metric,
    [bar]: gate.number(bar, {}),
    minRows: gate.number('minRows', { min: 50, max: 1e6, integer: true }, 500),
  };
}

/** What decisions are worth; absent where nobody said. */
export function parseBusiness(root: Fields, { type }: Problem): Business | undefined {
  if (!root.has('business')) return undefined;
  const fields = root.section('business', {
    known: ['truePositiveValue', 'falsePositiveCost', 'falseNegativeCost', 'trueNegativeValue', 'currency'],
  });
  if (type !== 'binary-classification')
    root.note(root.where('business'), `business values decisions; ${type} has none in this version`);
  const amount = (key: string) => fields.number(key, { min: -1e12, max: 1e12 }, 0);
  return {
    truePositiveValue: amount('truePositiveValue'),
    falsePositiveCost: amount('falsePositiveCost'),
    falseNegativeCost: amount('falseNegativeCost'),
    trueNegativeValue: amount('trueNegativeValue'),
    currency: fields.text('currency', /^[A-Z]{3}$/, 'a currency code of three capitals, like USD', 'USD'),
  };
}
