import type { Problem } from '../model-definition.ts';
import { bootstrap, quantile, standardError } from './bootstrap.ts';
import { metricNamed } from './measure.ts';
import { METRICS } from './metric-names.ts';
import { seededRandom } from './random.ts';
import { onceEach, type Sample, type Weights } from './sample.ts';

/** A measure with what chance alone makes of it; `low` to `high` holds 95 % of the resamples. */
export interface Interval {
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

export type Intervals = Readonly<Record<string, Interval>>;

/** What a resample may cost, in visits of rows. */
const BUDGET = 4e7;
const TAIL = 0.025;
/** Every pair of classes is measured: beyond this many, too often to be resampled. */
const MOST_CLASSES_IN_PAIRS = 10;

/**
 * 95 % percentile intervals of every measure that is defined on the whole sample.
 *
 * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13
 */
export const intervalsOf = (sample: Sample, problem: Problem, seed: number): Intervals =>
  intervals(
    sample,
    problem,
    seed,
    (metric) => (weights) => metricNamed(metric, problem.type)(sample, weights, problem),
  );

/** The same of candidate − champion, resampled together so that what the rows have in common cancels. */
export const differencesOf = (candidate: Sample, champion: Sample, problem: Problem, seed: number): Intervals =>
  intervals(candidate, problem, seed, (metric) => {
    const measure = metricNamed(metric, problem.type);
    return (weights) => measure(candidate, weights, problem) - measure(champion, weights, problem);
  });

function intervals(
  { truth, classes = [] }: Sample,
  problem: Problem,
  seed: number,
  statisticOf: (metric: string) => (weights: Weights) => number,
): Intervals {
  const names = METRICS[problem.type].filter(
    (name) => !name.startsWith('aucOneVersusOne') || classes.length <= MOST_CLASSES_IN_PAIRS,
  );
  const found: Record<string, Interval> = {};
  const visits = truth.length * names.length * Math.max(1, classes.length);
  const replicates = Math.max(100, Math.min(1000, Math.floor(BUDGET / Math.max(1, visits))));
  for (const name of names) {
    const statistic = statisticOf(name);
    const value = statistic(onceEach(truth.length));
    if (!Number.isFinite(value)) continue;
    // The same seed for each measure: they are all of the same resamples.
    const values = bootstrap(truth.length, statistic, seededRandom(seed), replicates);
    const error = standardError(values);
    if (!Number.isFinite(error)) continue;
    found[name] = {
      value,
      standardError: error,
      low: quantile(values, TAIL),
      high: quantile(values, 1 - TAIL),
    };
  }
  return found;
}
