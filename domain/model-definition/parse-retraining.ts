import type { ModelDefinition, Monitoring, RetrainPolicy } from '../model-definition.ts';
import type { Fields } from './fields.ts';

export function parseRetraining(monitoring: Fields): RetrainPolicy {
  const fields = monitoring.section('retrain', {
    known: ['schedule', 'cooldownHours', 'maxPerWeek', 'monthlyBudgetUsd', 'rows'],
  });
  return {
    schedule: fields.oneOf<RetrainPolicy['schedule']>('schedule', ['none', 'daily', 'weekly', 'monthly'], [], 'none'),
    cooldownHours: fields.number('cooldownHours', { min: 1, max: 8760 }, 24),
    maxPerWeek: fields.number('maxPerWeek', { min: 1, max: 50, integer: true }, 2),
    monthlyBudgetUsd: fields.number('monthlyBudgetUsd', { min: 0, max: 1_000_000 }, 50),
    rows: fields.oneOf<RetrainPolicy['rows']>('rows', ['uploads', 'captures'], [], 'uploads'),
  };
}

/** A governor that never has anything to train on would be a promise that is not kept. */
export function checkRetraining(root: Fields, startOn: string, { onDrift, retrain }: Monitoring): void {
  const scheduled = (retrain?.schedule ?? 'none') !== 'none';
  const wanted =
    onDrift === 'retrain' ? 'monitoring.onDrift: retrain' : scheduled ? 'monitoring.retrain.schedule' : undefined;
  if (wanted !== undefined && startOn === 'upload') {
    root.note(
      root.where('monitoring'),
      `${wanted} needs rows to train on: with release.startOn: upload every dataset starts a release by itself; set release.startOn: schedule, so that uploads wait`,
    );
  }
  if (startOn === 'schedule' && wanted === undefined) {
    root.note(
      root.where('release'),
      'release.startOn: schedule would start nothing: set monitoring.retrain.schedule, or monitoring.onDrift: retrain',
    );
  }
}

/** Captures hold ids, times, features and, joined, outcomes; a dataset of them can be no more than that. */
export function checkCapturedRows(
  root: Fields,
  { monitoring, release, data, validation }: Pick<ModelDefinition, 'monitoring' | 'release' | 'data' | 'validation'>,
): void {
  if (monitoring.retrain?.rows !== 'captures') return;
  const refuse = (why: string) => root.note(root.where('monitoring'), `monitoring.retrain.rows: captures ${why}`);
  if (release.startOn !== 'schedule')
    refuse('needs release.startOn: schedule, so that what is collected waits for the governor');
  if (data.format !== 'csv') refuse(`writes CSV only in this version, and data.format is ${data.format}`);
  const usesAttributes = validation.fairness.length > 0 || validation.gates.some(({ slice }) => slice !== undefined);
  if (usesAttributes && data.test.split !== 'file')
    refuse(
      'would hold out rows without attributes, which validation.fairness and sliced gates are measured on: hold out a file of your own (data.test.split: file)',
    );
}
