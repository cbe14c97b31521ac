import type { CreateHyperParameterTuningJobRequest } from '@aws-sdk/client-sagemaker';

/** The objective as a training job said it, epoch by epoch: more is better. */
export type Curve = readonly number[];

/** Of each round of Hyperband one in so many goes on. */
const ETA = 3;

/**
 * Whether a training job that has just said its objective should end, since others do better.
 *
 * @param curves of the search's training jobs, in the order they were started
 * @param index of the one
 */
export function shouldEnd(
  request: CreateHyperParameterTuningJobRequest,
  curves: readonly Curve[],
  index: number,
): boolean {
  const { Strategy, TrainingJobEarlyStoppingType } = request.HyperParameterTuningJobConfig!;
  if (Strategy === 'Hyperband') return endsInHyperband(hyperbandRange(request), curves, index);
  return TrainingJobEarlyStoppingType === 'Auto' && isBelowMedian(curves, index);
}

/** AWS's rule: worse than the median of the averages that the jobs before had up to the same epoch. */
function isBelowMedian(curves: readonly Curve[], index: number): boolean {
  const curve = curves[index]!;
  const averages = curves
    .slice(0, index)
    .filter((other) => other.length >= curve.length)
    .map((other) => other.slice(0, curve.length).reduce((sum, value) => sum + value, 0) / curve.length)
    .sort((a, b) => a - b);
  if (averages.length === 0) return false;
  const middle = Math.floor(averages.length / 2);
  const median = averages.length % 2 ? averages[middle]! : (averages[middle - 1]! + averages[middle]!) / 2;
  return curve.at(-1)! < median;
}

/** What HyperbandStrategyConfig allows a training job, in epochs. */
interface Range {
  readonly least: number;
  readonly most: number;
}

/** Names of a fixed hyperparameter that says the epochs, where MaxResource does not. */
const EPOCHS = ['epochs', 'numepochs', 'n-epochs', 'n_epochs', 'num_epochs'];

/** `most` is NaN where nothing says it. */
export function hyperbandRange({
  HyperParameterTuningJobConfig: config,
  TrainingJobDefinition: definition,
}: CreateHyperParameterTuningJobRequest): Range {
  const { MinResource: least = 1, MaxResource: most } = config!.StrategyConfig?.HyperbandStrategyConfig ?? {};
  const fixed = definition!.StaticHyperParameters ?? {};
  return { least, most: most ?? Number(fixed[EPOCHS.find((name) => Object.hasOwn(fixed, name)) ?? '']) };
}

/**
 * Asynchronous Hyperband: training jobs are dealt to brackets in turn, the bracket s first looks at them after `least` × 3^s
 * epochs, then at three times as many. At each look those go on that are in the best third of the bracket's so far.
 */
function endsInHyperband({ least, most }: Range, curves: readonly Curve[], index: number): boolean {
  const epochs = curves[index]!.length;
  if (epochs >= most) return true;
  const looks = looksOf({ least, most });
  // The last bracket's jobs are all left to run to their end.
  const brackets = looks.length + 1;
  const bracket = index % brackets;
  if (!looks.slice(bracket).includes(epochs)) return false;
  const reached = curves
    .filter((curve, at) => at % brackets === bracket && curve.length >= epochs)
    .map((curve) => curve[epochs - 1]!);
  const better = reached.filter((value) => value > curves[index]![epochs - 1]!).length;
  return reached.length >= ETA && better >= Math.ceil(reached.length / ETA);
}

function looksOf({ least, most }: Range): number[] {
  const looks: number[] = [];
  for (let epochs = least; epochs < most; epochs *= ETA) looks.push(epochs);
  return looks;
}
