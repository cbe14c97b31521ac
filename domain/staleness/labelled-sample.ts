import type { EventMetadata } from '../capture/read-captures.ts';
import type { Value } from '../drift/profile-builder.ts';
import { fractionOf } from '../quality/label-key.ts';

/** A captured request's row whose outcome is known. */
export interface LabelledRow {
  /** As its label names it: the caller's id, else the event's; `id#1` is the second row of a request. */
  readonly id: string;
  /** When it was asked, as the capture says; empty where it does not. */
  readonly at: string;
  /** As captured, in declared order; missing is empty. */
  readonly features: readonly string[];
  readonly truth: number;
}

/** Rows that versions are held against each other on at most. */
export const MOST_ROWS = 10_000;

interface Kept extends LabelledRow {
  readonly fraction: number;
}

/**
 * Of more labelled predictions than are asked for, those whose ids have the smallest hashes: the same whatever the order, and the
 * same when it is done again. Memory is bounded by `most`.
 *
 * Of requests under one id the first counts, however they come: what is asked under an id whose outcome is known may have been asked
 * because of it.
 */
export class LabelledSample {
  readonly #most: number;
  #below = 1;
  #rows = new Map<string, Kept>();
  #labelled = 0;
  #unsendable = 0;

  constructor(most = MOST_ROWS) {
    this.#most = most;
  }

  /** Labelled predictions so far, those included that were let go or came again. */
  get labelled(): number {
    return this.#labelled;
  }

  /** Rows that would be among them but hold a line break: a batch transform splits its input by lines. */
  get unsendable(): number {
    return this.#unsendable;
  }

  /** @param index of the row in its request */
  add(
    { inferenceId, eventId, inferenceTime }: EventMetadata,
    index: number,
    features: readonly Value[],
    truth: number,
  ): void {
    const [name, given] = named('i', inferenceId) ?? named('e', eventId) ?? [];
    if (name === undefined || given === undefined) return;
    this.#labelled += 1;
    const key = `${name}\n${index}`;
    const fraction = fractionOf(key);
    if (fraction >= this.#below) return;
    const texts = features.map((value) => (value === null ? '' : String(value)));
    if (texts.some((text) => /[\r\n]/.test(text))) {
      this.#unsendable += 1;
      return;
    }
    const id = index === 0 ? given : `${given}#${index}`;
    const at = typeof inferenceTime === 'string' ? inferenceTime : '';
    const before = this.#rows.get(key);
    if (before && !isEarlier(at, before.at)) return;
    this.#rows.set(key, { id, at, features: texts, truth, fraction });
    if (this.#rows.size >= 2 * this.#most) this.#thin();
  }

  /** By hash: neighbours in time are spread over the whole. */
  finish(): readonly LabelledRow[] {
    this.#thin();
    return [...this.#rows.values()].map(({ fraction: _, ...row }) => row);
  }

  #thin(): void {
    const sorted = [...this.#rows].sort(([, a], [, b]) => a.fraction - b.fraction);
    const first = sorted[this.#most];
    if (first) this.#below = first[1].fraction;
    this.#rows = new Map(sorted.slice(0, this.#most));
  }
}

/** As captures write times; what has none is no earlier than anything. */
const isEarlier = (at: string, than: string): boolean => at !== '' && (than === '' || at < than);

const named = (kind: string, id: unknown): readonly [name: string, id: string] | undefined =>
  typeof id === 'string' && id !== '' ? [`${kind}${id}`, id] : undefined;
