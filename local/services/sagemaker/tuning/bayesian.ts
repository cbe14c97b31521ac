import type { ParameterRanges } from '@aws-sdk/client-sagemaker';
import { unitInterval } from '../unit-interval.ts';
import { GaussianProcess, type Prediction } from './gaussian-process.ts';
import { coordinatesOf, type Dimension, dimensionsOf, type Values, valuesAt } from './space.ts';

/** A training job that was started, and its objective where that is known: more is better. */
export interface Observation {
  readonly values: Values;
  readonly objective?: number;
}

/** Training jobs with an objective before their results guide the search. */
const RANDOM_FIRST = 3;
/** Results that guide it: the latest. */
const MOST_RESULTS = 300;
const CANDIDATES = 400;
/** How far from the best so far a candidate near it may be. */
const REACH = 0.1;

/**
 * The values of a Bayesian search's next training job: of random candidates, and some near the best so far, the one whose
 * expected improvement is greatest under a Gaussian process through the results.
 *
 * @param seed the same for the same seed, observations and number of them
 */
export function bayesianValues(ranges: ParameterRanges, observations: readonly Observation[], seed: string): Values {
  const dimensions = dimensionsOf(ranges);
  const chances = (what: string) => (dimension: Dimension) => unitInterval(`${seed}/${what}/${dimension.name}`);
  const known = observations.filter(({ objective }) => objective !== undefined).slice(-MOST_RESULTS);
  const index = observations.length;
  if (known.length < RANDOM_FIRST) return valuesAt(dimensions, chances(String(index)));
  const best = known.reduce((one, other) => (other.objective! > one.objective! ? other : one));
  const tried = new Set(observations.map(({ values }) => keyOf(values)));
  const candidates = Array.from({ length: CANDIDATES }, (_, at) => {
    const chance = chances(`${index}/${at}`);
    return valuesAt(dimensions, at % 4 === 0 ? near(best.values, chance) : chance);
  });
  const fresh = candidates.filter((values) => !tried.has(keyOf(values)));
  const process = believed(dimensions, observations, known);
  return maxBy(fresh.length > 0 ? fresh : candidates, (values) =>
    expectedImprovement(process.predict(coordinatesOf(dimensions, values)), best.objective!),
  );
}

/** What has no objective, most of it because it still runs, is taken to give what is expected of it, so that the next one goes elsewhere. */
function believed(
  dimensions: readonly Dimension[],
  observations: readonly Observation[],
  known: readonly Observation[],
): GaussianProcess {
  const at = ({ values }: Observation) => coordinatesOf(dimensions, values);
  const objectives = known.map(({ objective }) => objective!);
  const process = new GaussianProcess(known.map(at), objectives);
  const running = observations.filter(({ objective }) => objective === undefined);
  if (running.length === 0) return process;
  return new GaussianProcess([...known, ...running].map(at), [
    ...objectives,
    ...running.map((one) => process.predict(at(one)).mean),
  ]);
}

const near = (values: Values, chance: (dimension: Dimension) => number) => (dimension: Dimension) => {
  const place = dimension.placeOf(values[dimension.name]!) + REACH * (2 * chance(dimension) - 1);
  return Math.min(Math.max(place, 0), 1 - Number.EPSILON);
};

const keyOf = (values: Values): string => JSON.stringify(Object.entries(values));

function expectedImprovement({ mean, deviation }: Prediction, best: number): number {
  const z = (mean - best) / deviation;
  const density = Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
  return deviation * (z * normalBelow(z) + density);
}

/** The chance that a standard normal is below z, to within 8e-8 (Abramowitz and Stegun 26.2.17). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
}

function maxBy<T extends object>(items: readonly T[], score: (item: T) => number): T {
  const scored = items.map((item) => ({ item, score: score(item) }));
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).item;
}
