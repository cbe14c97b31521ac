import type { EventMetadata } from '../capture/read-captures.ts';
import { readNumber, type Value } from '../drift/profile-builder.ts';
import { decodeColumns, encodeColumns } from './columns.ts';
import { KeyTable } from './key-table.ts';
import { fractionOf, labelKey } from './label-key.ts';

/** Predictions of a window that are kept to be joined with outcomes; of more, a sample by id. */
export const MOST_PREDICTIONS = 1_000_000;

/** The predictions of a window, to be found by the ids that outcomes name them by. Captures are not read again for them. */
export interface PredictionIndex {
  /** Rows that were captured, whatever became of them. */
  readonly rows: number;
  /** Rows that nothing could name. */
  readonly withoutId: number;
  /** Rows whose answer is missing or no number in one of its columns. */
  readonly withoutScore: number;
  /** Events that were delivered more than once; each is kept once. */
  readonly repeated: number;
  /** Share of ids that is kept: all those whose `fractionOf` is below. */
  readonly fraction: number;
  /** Columns of an answer: one, or one per class. */
  readonly width: number;
  /** By prediction, then column. */
  readonly scores: Float64Array;
  /** By prediction: the caller's id; NaN where it gave none. */
  readonly inferenceKeys: Float64Array;
  /** By prediction: SageMaker's id. */
  readonly eventKeys: Float64Array;
}

/** How many predictions an index holds. */
export const sizeOf = ({ eventKeys }: Pick<PredictionIndex, 'eventKeys'>): number => eventKeys.length;

/** Collects the predictions of a window. Memory is bounded: where there are too many, every second id is let go. */
export class PredictionIndexBuilder {
  readonly #width: number;
  readonly #most: number;
  #rows = 0;
  #withoutId = 0;
  #withoutScore = 0;
  #fraction = 1;
  #kept = 0;
  #scores: Float64Array;
  #inferenceKeys = new Float64Array(1024);
  #eventKeys = new Float64Array(1024);
  #fractions = new Float64Array(1024);

  /** @param width columns of an answer that are scores */
  constructor(width: number, most = MOST_PREDICTIONS) {
    this.#width = width;
    this.#most = most;
    this.#scores = new Float64Array(1024 * width);
  }

  /**
   * @param answer the scores of the row; undefined where it has none
   * @param index of the row in its request
   */
  add(
    { inferenceId, eventId }: EventMetadata,
    index: number,
    answer: readonly (Value | undefined)[] | undefined,
  ): void {
    this.#rows += 1;
    const inference = typeof inferenceId === 'string' && inferenceId !== '' ? inferenceId : undefined;
    const event = typeof eventId === 'string' && eventId !== '' ? eventId : undefined;
    const primary = inference ?? event;
    if (primary === undefined) {
      this.#withoutId += 1;
      return;
    }
    const at = this.#kept;
    if (at === this.#eventKeys.length) this.#grow();
    if (!this.#readScores(at, answer)) {
      this.#withoutScore += 1;
      return;
    }
    const fraction = fractionOf(primary);
    if (fraction >= this.#fraction) return;
    this.#fractions[at] = fraction;
    this.#inferenceKeys[at] = inference === undefined ? Number.NaN : labelKey('inference', inference, index);
    this.#eventKeys[at] = event === undefined ? Number.NaN : labelKey('event', event, index);
    this.#kept += 1;
    if (this.#kept > this.#most) this.#thin();
  }

  finish(): PredictionIndex {
    const rows = this.#kept;
    const events = new KeyTable([this.#eventKeys.subarray(0, rows)]);
    this.#keep((at) => Number.isNaN(this.#eventKeys[at]!) || events.find(this.#eventKeys[at]!) === at);
    return {
      repeated: rows - this.#kept,
      rows: this.#rows,
      withoutId: this.#withoutId,
      withoutScore: this.#withoutScore,
      fraction: this.#fraction,
      width: this.#width,
      scores: this.#scores.slice(0, this.#kept * this.#width),
      inferenceKeys: this.#inferenceKeys.slice(0, this.#kept),
      eventKeys: this.#eventKeys.slice(0, this.#kept),
    };
  }

  #readScores(at: number, answer: readonly (Value | undefined)[] | undefined): boolean {
    for (let column = 0; column < this.#width; column++) {
      const score = readNumber(answer?.[column] ?? null);
      if (typeof score !== 'number' || !Number.isFinite(score)) return false;
      this.#scores[at * this.#width + column] = score;
    }
    return true;
  }

  /** Lets go of the upper half of the ids until the rest fits. */
  #thin(): void {
    while (this.#kept > this.#most) {
      this.#fraction /= 2;
      this.#keep((at) => this.#fractions[at]! < this.#fraction);
    }
  }

  #keep(isKept: (at: number) => boolean): void {
    let kept = 0;
    for (let at = 0; at < this.#kept; at++) {
      if (!isKept(at)) continue;
      this.#fractions[kept] = this.#fractions[at]!;
      this.#inferenceKeys[kept] = this.#inferenceKeys[at]!;
      this.#eventKeys[kept] = this.#eventKeys[at]!;
      this.#scores.copyWithin(kept * this.#width, at * this.#width, (at + 1) * this.#width);
      kept += 1;
    }
    this.#kept = kept;
  }

  #grow(): void {
    const longer = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const twice = new Float64Array(column.length * 2);
      twice.set(column);
      return twice;
    };
    this.#scores = longer(this.#scores);
    this.#inferenceKeys = longer(this.#inferenceKeys);
    this.#eventKeys = longer(this.#eventKeys);
    this.#fractions = longer(this.#fractions);
  }
}

type Header = Omit<PredictionIndex, 'scores' | 'inferenceKeys' | 'eventKeys'> & { readonly schema: string };

const SCHEMA = 'launchway/prediction-index/v1';

export function encodeIndex({ scores, inferenceKeys, eventKeys, ...facts }: PredictionIndex): Uint8Array {
  const header: Header = { schema: SCHEMA, ...facts };
  return encodeColumns(header, { scores, inferenceKeys, eventKeys });
}

/** @throws {ColumnsFormatError} something else, or damaged */
export function decodeIndex(bytes: Uint8Array): PredictionIndex {
  const { header, columns } = decodeColumns<Header>(bytes);
  const { schema: _schema, ...facts } = header;
  const numbers = (name: string) => columns.get(name) as Float64Array;
  return {
    ...facts,
    scores: numbers('scores'),
    inferenceKeys: numbers('inferenceKeys'),
    eventKeys: numbers('eventKeys'),
  };
}
