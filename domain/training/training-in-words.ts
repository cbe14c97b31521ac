import type { TrainingResult } from '../step-results.ts';

/** `212 s on 2 × ml.m5.large, spot, interrupted twice; best of 20 trainings by validation:auc (0.712): depth 6, rate 0.05`. */
export function trainingInWords(training: TrainingResult): string {
  const {
    seconds,
    instanceType,
    instanceCount = 1,
    isSpot,
    interruptions = 0,
    withoutCapacity = [],
    search,
  } = training;
  const instances = instanceCount > 1 ? `${instanceCount} × ${instanceType}` : instanceType;
  const spot = isSpot ? `, spot${interruptions > 0 ? `, interrupted ${times(interruptions)}` : ''}` : '';
  const had = withoutCapacity.length > 0 ? ` (${withoutCapacity.join(', ')} had no capacity)` : '';
  return `${Math.round(seconds)} s on ${instances}${had}${spot}${search ? `; ${searchInWords(search)}` : ''}`;
}

function searchInWords({ trials, metric, objective, tuned }: NonNullable<TrainingResult['search']>): string {
  const found = Object.entries(tuned).map(([name, value]) => `${name} ${value}`);
  return `best of ${trials} trainings by ${metric} (${Number(objective.toPrecision(4))}): ${found.join(', ')}`;
}

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
