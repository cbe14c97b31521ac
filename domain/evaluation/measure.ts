import type { Problem } from '../model-definition.ts';
import { BINARY_METRICS, type Metric } from './binary-metrics.ts';
import { METRICS } from './metric-names.ts';
import { MULTICLASS_METRICS } from './multiclass-metrics.ts';
import { REGRESSION_METRICS } from './regression-metrics.ts';
import { onceEach, type Sample } from './sample.ts';
import { type UndefinedBecause, undefinedBecause } from './undefined-measure.ts';

const BY_PROBLEM: Readonly<Record<Problem['type'], Readonly<Record<string, Metric>>>> = {
  'binary-classification': BINARY_METRICS,
  'multiclass-classification': MULTICLASS_METRICS,
  regression: REGRESSION_METRICS,
};

/** @throws {RangeError} no such metric for this kind of problem */
export function metricNamed(name: string, problem: Problem['type']): Metric {
  const metrics = BY_PROBLEM[problem];
  if (!Object.hasOwn(metrics, name)) throw new RangeError(`expected a metric of ${problem}, got ${name}`);
  return metrics[name]!;
}

/** Every measure that is defined for this sample; `undefinedMeasures` has the others. */
export function measureAll(sample: Sample, problem: Problem): Record<string, number> {
  const weights = onceEach(sample.truth.length);
  const values = Object.entries(BY_PROBLEM[problem.type]).map(
    ([name, metric]) => [name, metric(sample, weights, problem)] as const,
  );
  return Object.fromEntries(values.filter(([, value]) => Number.isFinite(value)));
}

/** @param defined what `measureAll` found @returns why each of the others has no value */
export function undefinedMeasures(
  sample: Sample,
  { type }: Problem,
  defined: Readonly<Record<string, number>>,
): Record<string, UndefinedBecause> {
  const missing = METRICS[type].filter((name) => !Object.hasOwn(defined, name));
  return Object.fromEntries(missing.map((name) => [name, undefinedBecause(name, sample, type)]));
}
