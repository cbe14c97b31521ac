import type { HyperParameterScalingType, ParameterRanges } from '@aws-sdk/client-sagemaker';

/** What a training job is given, by hyperparameter; always text. */
export type Values = Readonly<Record<string, string>>;

/** One hyperparameter to search: its values along a line from 0 to 1, and where each is on it. */
export interface Dimension {
  readonly name: string;
  /** @param place from 0 to below 1 */
  valueAt(place: number): string;
  placeOf(value: string): number;
  /** Where a value is among others, for distances: places of a number, corners of a category. */
  coordinates(value: string): number[];
}

/** The hyperparameters of a search: integers, then continuous ones, then categories, each in the order given. */
export const dimensionsOf = (ranges: ParameterRanges): Dimension[] => [
  // Each integer has an equal part of the line, those at the ends too.
  ...(ranges.IntegerParameterRanges ?? []).map(({ Name, MinValue, MaxValue, ScalingType }) =>
    numbers(Name!, lineOf(Number(MinValue), Number(MaxValue) + 1, ScalingType), (value) =>
      Math.min(Number(MaxValue), Math.floor(value)),
    ),
  ),
  ...(ranges.ContinuousParameterRanges ?? []).map(({ Name, MinValue, MaxValue, ScalingType }) =>
    numbers(Name!, lineOf(Number(MinValue), Number(MaxValue), ScalingType), (value) => value),
  ),
  ...(ranges.CategoricalParameterRanges ?? []).map(({ Name, Values: values }) => categories(Name!, values!)),
];

export const valuesAt = (dimensions: readonly Dimension[], placeOf: (dimension: Dimension) => number): Values =>
  Object.fromEntries(dimensions.map((dimension) => [dimension.name, dimension.valueAt(placeOf(dimension))]));

export const coordinatesOf = (dimensions: readonly Dimension[], values: Values): number[] =>
  dimensions.flatMap((dimension) => dimension.coordinates(values[dimension.name]!));

function numbers(name: string, line: Line, round: (value: number) => number): Dimension {
  const placeOf = (value: string) => line.placeOf(Number(value));
  return {
    name,
    valueAt: (place) => String(round(line.valueAt(place))),
    placeOf,
    coordinates: (value) => [placeOf(value)],
  };
}

function categories(name: string, values: readonly string[]): Dimension {
  return {
    name,
    valueAt: (place) => values[Math.floor(place * values.length)]!,
    placeOf: (value) => (values.indexOf(value) + 0.5) / values.length,
    // Any two are one apart.
    coordinates: (value) => values.map((other) => (other === value ? Math.SQRT1_2 : 0)),
  };
}

interface Line {
  valueAt(place: number): number;
  placeOf(value: number): number;
}

function lineOf(low: number, high: number, scaling: HyperParameterScalingType | undefined): Line {
  if (low === high) return { valueAt: () => low, placeOf: () => 0 };
  switch (scaling) {
    case 'Logarithmic':
      return {
        valueAt: (place) => low * (high / low) ** place,
        placeOf: (value) => Math.log(value / low) / Math.log(high / low),
      };
    case 'ReverseLogarithmic': {
      const ratio = (1 - high) / (1 - low);
      return {
        valueAt: (place) => 1 - (1 - low) * ratio ** place,
        placeOf: (value) => Math.log((1 - value) / (1 - low)) / Math.log(ratio),
      };
    }
    default:
      return { valueAt: (place) => low + (high - low) * place, placeOf: (value) => (value - low) / (high - low) };
  }
}
