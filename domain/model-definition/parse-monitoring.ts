import type { Monitoring } from '../model-definition.ts';
import type { Fields } from './fields.ts';
import { parseRetraining } from './parse-retraining.ts';
import { COLUMN } from './patterns.ts';

/** What the captures bucket's lifecycle keeps, for every model alike. */
const RETAIN_DAYS = 90;

export function parseMonitoring(root: Fields, featureNames: readonly string[]): Monitoring {
  const fields = root.section('monitoring', {
    known: ['windowHours', 'capture', 'drift', 'onDrift', 'retrain'],
    notYet: ['labels', 'quality', 'staleAfterDays'],
  });
  const capture = fields.section('capture', { known: ['fraction', 'retainDays'], notYet: ['redact'] });
  const retainDays = capture.number('retainDays', { min: 1, integer: true }, RETAIN_DAYS);
  if (retainDays !== RETAIN_DAYS) {
    capture.note(
      capture.where('retainDays'),
      `monitoring.capture.retainDays other than ${RETAIN_DAYS} is not supported yet`,
    );
  }
  return {
    windowHours: fields.number('windowHours', { min: 1, max: 168, integer: true }, 24),
    capture: { fraction: capture.number('fraction', { min: 0.01, max: 1 }, 1), retainDays },
    drift: parseDrift(fields, featureNames),
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
  const exclude = fields.texts('exclude', COLUMN, 'names of features');
  for (const name of exclude.filter((excluded) => !featureNames.includes(excluded))) {
    fields.note(fields.where('exclude'), `expected monitoring.drift.exclude to name features, got "${name}"`);
  }
  return {
    effect: fields.number('effect', { min: 0.001, max: 10 }, 0.1),
    falseDiscoveryRate: fields.number('falseDiscoveryRate', { min: 1e-6, max: 0.5 }, 0.01),
    persistence: { windows, of },
    exclude,
    thresholds: fields.oneOf<'fixed' | 'calibrated'>('thresholds', ['fixed', 'calibrated'], [], 'fixed'),
  };
}
