import { KeyTable } from './key-table.ts';
import type { LabelSet } from './label-set.ts';
import type { LabelEffect, Outcomes } from './outcomes.ts';
import type { PredictionIndex } from './prediction-index.ts';

/** Finds the predictions of a window by the ids that outcomes name them by. */
export class PredictionFinder {
  readonly #byInference: KeyTable;
  readonly #byEvent: KeyTable;
  readonly #fraction: number;

  constructor({ inferenceKeys, eventKeys, fraction }: PredictionIndex) {
    this.#byInference = new KeyTable([inferenceKeys]);
    this.#byEvent = new KeyTable([eventKeys]);
    this.#fraction = fraction;
  }

  /** @returns its number; −1 where the window has none: of one id, the last prediction */
  find({ inferenceKeys, eventKeys, fractions }: LabelSet, label: number): number {
    if (fractions[label]! >= this.#fraction) return -1;
    const byInference = this.#byInference.find(inferenceKeys[label]!);
    return byInference === -1 ? this.#byEvent.find(eventKeys[label]!) : byInference;
  }
}

/** What labels did, by effect. */
export type Effects = Readonly<Record<LabelEffect, number>>;

export const NO_EFFECTS: Effects = { new: 0, repeated: 0, corrected: 0, outdated: 0 };

export const addEffects = (a: Effects, b: Effects): Effects => ({
  new: a.new + b.new,
  repeated: a.repeated + b.repeated,
  corrected: a.corrected + b.corrected,
  outdated: a.outdated + b.outdated,
});

export interface JoinedLabels {
  readonly effects: Effects;
  /** Places of the labels that name no prediction of this window. */
  readonly left: readonly number[];
}

/**
 * Takes each label that names a prediction of the window to the window's outcomes. Linear in the labels that are open.
 *
 * @param open places of the labels to look for, in the order of their file
 */
export function joinLabels(
  finder: PredictionFinder,
  outcomes: Outcomes,
  labels: LabelSet,
  open: readonly number[],
): JoinedLabels {
  const effects = { ...NO_EFFECTS };
  const left = open.filter((label) => {
    const prediction = finder.find(labels, label);
    if (prediction === -1) return true;
    effects[outcomes.add(prediction, labels, label)] += 1;
    return false;
  });
  return { effects, left };
}
