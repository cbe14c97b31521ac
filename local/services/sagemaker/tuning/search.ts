import { createHash } from 'node:crypto';
import type {
  ContinuousParameterRange,
  HyperParameterScalingType,
  HyperParameterTuningJobConfig,
  IntegerParameterRange,
  ParameterRanges,
} from '@aws-sdk/client-sagemaker';
import { validation } from '../names.ts';

/** What a training job is given, by hyperparameter; always text. */
export type Values = Readonly<Record<string, string>>;

const MOST_PARAMETERS = 30;
const MOST_CATEGORIES = 30;

/**
 * The values of the nth training job of a search: the same for the same seed, whatever ran in between.
 *
 * @param index from 0
 */
export function valuesOf(config: HyperParameterTuningJobConfig, seed: string, index: number): Values {
  return config.Strategy === 'Grid'
    ? gridValues(config.ParameterRanges!, index)
    : randomValues(config.ParameterRanges!, (name) => unitInterval(`${seed}/${index}/${name}`));
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

/** @param chance from 0 to below 1, by hyperparameter */
function randomValues(ranges: ParameterRanges, chance: (name: string) => number): Values {
  const integers = (ranges.IntegerParameterRanges ?? []).map(({ Name, MinValue, MaxValue, ScalingType }) => {
    // Each integer has an equal part of the line, those at the ends too.
    const value = scale(Number(MinValue), Number(MaxValue) + 1, ScalingType, chance(Name!));
    return [Name!, String(Math.min(Number(MaxValue), Math.floor(value)))] as const;
  });
  const continuous = (ranges.ContinuousParameterRanges ?? []).map(({ Name, MinValue, MaxValue, ScalingType }) => {
    return [Name!, String(scale(Number(MinValue), Number(MaxValue), ScalingType, chance(Name!)))] as const;
  });
  const categories = (ranges.CategoricalParameterRanges ?? []).map(({ Name, Values: values }) => {
    return [Name!, values![Math.floor(chance(Name!) * values!.length)]!] as const;
  });
  return Object.fromEntries([...integers, ...continuous, ...categories]);
}

function scale(low: number, high: number, scaling: HyperParameterScalingType | undefined, chance: number): number {
  switch (scaling) {
    case 'Logarithmic':
      return low * (high / low) ** chance;
    case 'ReverseLogarithmic':
      return 1 - (1 - low) * ((1 - high) / (1 - low)) ** chance;
    default:
      return low + (high - low) * chance;
  }
}

/** From 0 to below 1, evenly over texts. */
const unitInterval = (text: string): number => createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
