import type { EventMetadata } from '../capture/read-captures.ts';
import { KeyTable } from './key-table.ts';
import { labelKey } from './label-key.ts';
import { type LabelSet, labelsIn } from './label-set.ts';

/** Finds what became of a prediction among the labels of many files: of several labels of one prediction, the newest. */
export class LabelLookup {
  readonly #truth: Float64Array;
  readonly #byInference: KeyTable;
  readonly #byEvent: KeyTable;

  /** @param sets in the order in which their files became known */
  constructor(sets: readonly LabelSet[]) {
    const all = sets.flatMap((set) => Array.from({ length: labelsIn(set) }, (_, label) => ({ set, label })));
    // As Outcomes has it: by when it was labelled, then by when it was uploaded, then by its place.
    all.sort((a, b) => a.set.labelledAt[a.label]! - b.set.labelledAt[b.label]! || a.set.uploadedAt - b.set.uploadedAt);
    this.#truth = Float64Array.from(all, ({ set, label }) => set.truth[label]!);
    this.#byInference = new KeyTable([Float64Array.from(all, ({ set, label }) => set.inferenceKeys[label]!)]);
    this.#byEvent = new KeyTable([Float64Array.from(all, ({ set, label }) => set.eventKeys[label]!)]);
  }

  /**
   * @param row of the request, from 0
   * @returns undefined where no label names the prediction
   */
  find({ inferenceId, eventId }: EventMetadata, row: number): number | undefined {
    const inference = typeof inferenceId === 'string' && inferenceId !== '' ? inferenceId : undefined;
    const event = typeof eventId === 'string' && eventId !== '' ? eventId : undefined;
    const newest = Math.max(
      inference === undefined ? -1 : this.#byInference.find(labelKey('inference', inference, row)),
      event === undefined ? -1 : this.#byEvent.find(labelKey('event', event, row)),
    );
    return newest === -1 ? undefined : this.#truth[newest];
  }
}
