import type { ModelDefinition, TunedRange, Tuning } from '../model-definition.ts';

/** `HyperParameterTuningJobConfig` and the metric's definition, as SageMaker takes them. */
export interface SearchPlan {
  readonly config: Readonly<Record<string, unknown>>;
  readonly metricDefinitions: readonly { readonly Name: string; readonly Regex: string }[];
}

const STRATEGIES = { random: 'Random', bayesian: 'Bayesian', grid: 'Grid' } as const;
const SCALINGS = {
  auto: 'Auto',
  linear: 'Linear',
  logarithmic: 'Logarithmic',
  reverseLogarithmic: 'ReverseLogarithmic',
} as const;

/**
 * The search that `training.tuning` asks for.
 *
 * @param seed so that the same inputs search in the same way
 */
export function searchPlan({ training }: ModelDefinition, tuning: Tuning, seed: number): SearchPlan {
  const { strategy, goal, metric, pattern, maxJobs, maxParallelJobs, ranges } = tuning;
  const named = Object.entries(ranges);
  return {
    config: {
      Strategy: STRATEGIES[strategy],
      HyperParameterTuningJobObjective: { Type: goal === 'maximize' ? 'Maximize' : 'Minimize', MetricName: metric },
      ResourceLimits: {
        // A grid has as many as it has combinations.
        ...(strategy !== 'grid' && { MaxNumberOfTrainingJobs: maxJobs }),
        MaxParallelTrainingJobs: maxParallelJobs,
      },
      ParameterRanges: {
        IntegerParameterRanges: named.flatMap(([name, range]) => numeric('integer', name, range)),
        ContinuousParameterRanges: named.flatMap(([name, range]) => numeric('continuous', name, range)),
        CategoricalParameterRanges: named.flatMap(([name, range]) =>
          range.kind === 'categorical' ? [{ Name: name, Values: range.values.map(asWritten(training.framework)) }] : [],
        ),
      },
      TrainingJobEarlyStoppingType: 'Off',
      RandomSeed: seed,
    },
    metricDefinitions: [{ Name: metric, Regex: pattern }],
  };
}

function numeric(kind: 'integer' | 'continuous', name: string, range: TunedRange) {
  if (range.kind !== kind) return [];
  return [
    { Name: name, MinValue: String(range.low), MaxValue: String(range.high), ScalingType: SCALINGS[range.scaling] },
  ];
}

/** Script mode reads hyperparameters as JSON: a text has quotes. Numbers are JSON as they are. */
const asWritten =
  (framework: string | undefined) =>
  (value: string): string =>
    framework === undefined ? value : JSON.stringify(value);
