/** Bins of 0 … 1 that the probability of a class that was decided for is counted over. */
export const CONFIDENCE_BINS = 100;

/** What a multiclass model decided, as additive state: how often each class was the most probable one, by how probable it was. */
export interface Decisions {
  readonly classes: number;
  /** By class, then by bin of its probability: classes × CONFIDENCE_BINS. */
  readonly counts: readonly number[];
  /** Answers that are not a probability (0 … 1) of every class. */
  readonly undecided: number;
}

export const emptyDecisions = (classes: number): Decisions => ({
  classes,
  counts: new Array<number>(classes * CONFIDENCE_BINS).fill(0),
  undecided: 0,
});

/** @throws {RangeError} of other classes */
export function mergeDecisions(a: Decisions, b: Decisions): Decisions {
  if (a.classes !== b.classes) throw new RangeError(`expected decisions of ${a.classes} classes, got ${b.classes}`);
  const counts = a.counts.map((count, i) => count + b.counts[i]!);
  return { classes: a.classes, counts, undecided: a.undecided + b.undecided };
}

/**
 * Where an answer is counted. Of equally probable classes the first is the one decided for, as in evaluation.
 *
 * @param probabilityOf a class, from 0
 * @returns −1 where one is no probability
 */
export function decisionOf(classes: number, probabilityOf: (k: number) => number): number {
  let [best, most] = [0, -1];
  for (let k = 0; k < classes; k++) {
    const p = probabilityOf(k);
    if (!(p >= 0 && p <= 1)) return -1;
    if (p > most) [best, most] = [k, p];
  }
  return best * CONFIDENCE_BINS + Math.min(CONFIDENCE_BINS - 1, Math.floor(most * CONFIDENCE_BINS));
}
