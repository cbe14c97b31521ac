import type { Monitoring, RetrainPolicy } from '../model-definition.ts';
import type { Fields } from './fields.ts';

export function parseRetraining(monitoring: Fields): RetrainPolicy {
  const fields = monitoring.section('retrain', {
    known: ['schedule', 'cooldownHours', 'maxPerWeek', 'monthlyBudgetUsd'],
  });
  return {
    schedule: fields.oneOf<RetrainPolicy['schedule']>('schedule', ['none', 'daily', 'weekly', 'monthly'], [], 'none'),
    cooldownHours: fields.number('cooldownHours', { min: 1, max: 8760 }, 24),
    maxPerWeek: fields.number('maxPerWeek', { min: 1, max: 50, integer: true }, 2),
    monthlyBudgetUsd: fields.number('monthlyBudgetUsd', { min: 0, max: 1_000_000 }, 50),
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
