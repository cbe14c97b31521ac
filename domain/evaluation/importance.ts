import type { Problem } from '../model-definition.ts';
import { bootstrap, quantile, standardError } from './bootstrap.ts';
import { metricNamed } from './measure.ts';
import { FIRST_METRIC, lowerIsBetter } from './metric-names.ts';
import { seededRandom } from './random.ts';
import { onceEach, type Sample, type Weights } from './sample.ts';
import { undefinedBecause } from './undefined-measure.ts';

/** What a model loses when one feature tells it nothing. */
export interface FeatureImportance {
  readonly feature: string;
  /** How much worse the measure gets, 0 where the feature does not matter; below 0 by chance. */
  readonly loss: number;
  readonly standardError: number;
  /** 95 %. */
  readonly low: number;
  readonly high: number;
  /** Of the losses of all features, 0 … 1. */
  readonly share: number;
}

/** Permutation importance, or why it was not measured. */
export type Importance =
  | {
      readonly metric: string;
      readonly rows: number;
      readonly repeats: number;
      readonly seed: number;
      /** What matters most first. */
      readonly features: readonly FeatureImportance[];
    }
  | { readonly why: string };

/** Resamples of rows; a feature's copies are scored once, so they cost no prediction. */
const REPLICATES = 200;
const TAIL = 0.025;

/**
 * Permutation importance: the loss of the first measure where one feature's values are dealt out anew among the rows, mean of the
 * repeats, with a bootstrap over rows. Features that tell the same share what they tell: each alone may look dispensable.
 *
 * @param base the rows that were copied, as they are
 * @param copies per feature, per repeat: the same rows with that feature permuted
 * @see Breiman (2001), Random forests, section 10; Fisher, Rudin & Dominici (2019), All models are wrong, but many are useful
 */
export function measureImportance(
  features: readonly string[],
  base: Sample,
  copies: readonly (readonly Sample[])[],
  problem: Problem,
  seed: number,
): Importance {
  const metric = FIRST_METRIC[problem.type];
  const measure = metricNamed(metric, problem.type);
  const sign = lowerIsBetter(metric) ? -1 : 1;
  const rows = base.truth.length;
  if (!Number.isFinite(measure(base, onceEach(rows), problem)))
    return {
      why: `${metric} has no value on the ${rows} rows that were copied (${undefinedBecause(metric, base, problem.type)}).`,
    };
  const measured = features.map((feature, f) => {
    const lossOf = (weights: Weights) => {
      const whole = measure(base, weights, problem);
      const losses = copies[f]!.map((copy) => sign * (whole - measure(copy, weights, problem)));
      return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    };
    const values = bootstrap(rows, lossOf, seededRandom(seed), REPLICATES);
    return {
      feature,
      loss: lossOf(onceEach(rows)),
      standardError: standardError(values),
      low: quantile(values, TAIL),
      high: quantile(values, 1 - TAIL),
    };
  });
  const all = measured.reduce((sum, { loss }) => sum + Math.max(0, loss), 0);
  return {
    metric,
    rows,
    repeats: copies[0]!.length,
    seed,
    features: measured
      .map((one) => ({ ...one, share: all === 0 ? 0 : Math.max(0, one.loss) / all }))
      .sort((a, b) => b.loss - a.loss),
  };
}
