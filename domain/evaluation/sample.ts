/** Scored rows with their true answers, sorted once so that every measure and every resample is one pass. */
export interface Sample {
  /** 1 for the positive class and 0 otherwise; the value itself for regression; the class's number for multiclass. */
  readonly truth: Float64Array;
  /** Multiclass: the number of the most probable class. */
  readonly scores: Float64Array;
  /** Row numbers by ascending score. */
  readonly order: Uint32Array;
  /** Multiclass only: each class against the rest, in the order of `problem.classes`, scored with its probability. */
  readonly classes?: readonly Sample[];
}

/** @throws {RangeError} lengths differ, or a value is not finite */
export function sampleOf(truth: Float64Array, scores: Float64Array): Sample {
  if (truth.length !== scores.length)
    throw new RangeError(`expected as many scores as answers, got ${scores.length} and ${truth.length}`);
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad !== -1) throw new RangeError(`expected finite scores, got ${scores[bad]} at row ${bad + 1}`);
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  return { truth, scores, order };
}

/**
 * @param truth class numbers
 * @param probabilities per class, per row
 * @throws {RangeError} as sampleOf
 */
export function multiclassSampleOf(truth: Float64Array, probabilities: readonly Float64Array[]): Sample {
  const best = Float64Array.from(truth, (_, row) =>
    probabilities.reduce((most, of, k) => (of[row]! > probabilities[most]![row]! ? k : most), 0),
  );
  const classes = probabilities.map((scores, k) =>
    sampleOf(
      truth.map((is) => Number(is === k)),
      scores,
    ),
  );
  return { ...sampleOf(truth, best), classes };
}

/** The rows named, as a sample of their own. */
export const subsample = ({ truth, scores, classes }: Sample, rows: readonly number[]): Sample => ({
  ...sampleOf(
    Float64Array.from(rows, (row) => truth[row]!),
    Float64Array.from(rows, (row) => scores[row]!),
  ),
  ...(classes && { classes: classes.map((one) => subsample(one, rows)) }),
});

/** How often each row counts: a bootstrap resample, or once each. */
export type Weights = Uint32Array;

export const onceEach = (rows: number): Weights => new Uint32Array(rows).fill(1);
