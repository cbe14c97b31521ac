import type {
  ContinuousParameterRange,
  HyperParameterTuningJobConfig,
  IntegerParameterRange,
  ParameterRanges,
} from '@aws-sdk/client-sagemaker';
import { validation } from '../names.ts';
import { unitInterval } from '../unit-interval.ts';
import { bayesianValues, type Observation } from './bayesian.ts';
import { dimensionsOf, type Values, valuesAt } from './space.ts';

const MOST_PARAMETERS = 30;
const MOST_CATEGORIES = 30;

/** The values of a search's next training job: the same for the same seed and, in a Bayesian one, the same results. */
export function nextValues(
  { Strategy, ParameterRanges: ranges }: HyperParameterTuningJobConfig,
  seed: string,
  before: readonly Observation[],
): Values {
  if (Strategy === 'Grid') return gridValues(ranges!, before.length);
  if (Strategy === 'Bayesian') return bayesianValues(ranges!, before, seed);
  return valuesAt(dimensionsOf(ranges!), ({ name }) => unitInterval(`${seed}/${before.length}/${name}`));
}

/** How many training jobs a search has in all. */
export function searchSize({ Strategy, ParameterRanges, ResourceLimits }: HyperParameterTuningJobConfig): number {
  return Strategy === 'Grid' ? combinations(ParameterRanges!) : ResourceLimits!.MaxNumberOfTrainingJobs!;
}

/** @throws {ServiceError} ValidationException for ranges that cannot be searched */
export function checkSearch(config: HyperParameterTuningJobConfig, fixed: Values): void {
  const ranges = config.ParameterRanges ?? {};
  const names = namesOf(ranges);
  if (names.length < 1 || names.length > MOST_PARAMETERS) {
    throw validation(`expected from 1 to ${MOST_PARAMETERS} hyperparameters to search, got ${names.length}`);
  }
  const twice = names.find((name, at) => names.indexOf(name) < at || Object.hasOwn(fixed, name));
  if (twice !== undefined) throw validation(`expected hyperparameter '${twice}' once, got it twice`);
  for (const range of ranges.IntegerParameterRanges ?? []) checkRange(range, true);
  for (const range of ranges.ContinuousParameterRanges ?? []) checkRange(range, false);
  for (const { Name, Values: values = [] } of ranges.CategoricalParameterRanges ?? []) {
    if (values.length >= 1 && values.length <= MOST_CATEGORIES) continue;
    throw validation(`expected from 1 to ${MOST_CATEGORIES} values of hyperparameter '${Name}', got ${values.length}`);
  }
  if (config.Strategy === 'Grid') checkGrid(config);
}

function checkGrid({ ParameterRanges: ranges, ResourceLimits: limits }: HyperParameterTuningJobConfig): void {
  if (ranges?.IntegerParameterRanges?.length || ranges?.ContinuousParameterRanges?.length) {
    throw validation('expected only categorical hyperparameters for the Grid strategy');
  }
  const all = combinations(ranges!);
  const most = limits?.MaxNumberOfTrainingJobs;
  if (most !== undefined && most !== all) {
    throw validation(
      `expected MaxNumberOfTrainingJobs to be absent or ${all}, the number of combinations, got ${most}`,
    );
  }
}

function checkRange(range: IntegerParameterRange | ContinuousParameterRange, integer: boolean): void {
  const { Name, MinValue, MaxValue, ScalingType } = range;
  const [low, high] = [Number(MinValue), Number(MaxValue)];
  const valid = integer ? Number.isSafeInteger : Number.isFinite;
  if (!MinValue || !MaxValue || !valid(low) || !valid(high) || low > high) {
    throw validation(
      `expected MinValue <= MaxValue, both ${integer ? 'integers' : 'numbers'}, of '${Name}', got ${MinValue} and ${MaxValue}`,
    );
  }
  if (ScalingType === 'Logarithmic' && low <= 0) {
    throw validation(`expected MinValue > 0 of '${Name}' for Logarithmic scaling, got ${MinValue}`);
  }
  if (ScalingType === 'ReverseLogarithmic' && (integer || low < 0 || high >= 1)) {
    throw validation(`expected a continuous range within 0 <= x < 1 of '${Name}' for ReverseLogarithmic scaling`);
  }
}

const namesOf = (ranges: ParameterRanges): string[] =>
  [
    ...(ranges.IntegerParameterRanges ?? []),
    ...(ranges.ContinuousParameterRanges ?? []),
    ...(ranges.CategoricalParameterRanges ?? []),
  ].map((range) => range.Name!);

const combinations = ({ CategoricalParameterRanges: ranges = [] }: ParameterRanges): number =>
  ranges.reduce((product, { Values: values = [] }) => product * values.length, 1);

/** The last parameter changes fastest. */
function gridValues({ CategoricalParameterRanges: ranges = [] }: ParameterRanges, index: number): Values {
  let rest = index;
  const chosen: [string, string][] = [];
  for (const { Name, Values: values } of ranges.toReversed()) {
    chosen.unshift([Name!, values![rest % values!.length]!]);
    rest = Math.floor(rest / values!.length);
  }
  return Object.fromEntries(chosen);
}
