import type { Baseline } from '../drift/baseline.ts';
import { CategoryCounter, DecisionCounter, NumericCounter } from '../drift/column-counters.ts';
import type { FeatureProfile, Profile } from '../drift/profile.ts';
import type { Value } from '../drift/profile-builder.ts';
import type { Readable } from '../stream.ts';
import { type ByteLine, eachLine } from './byte-lines.ts';
import type { CaptureTally } from './capture-layout.ts';
import { CategoryBytes } from './category-bytes.ts';
import { BATCH, UNCOMMON } from './cells.ts';
import { unzipped } from './gunzip.ts';
import { type EventMetadata, MAX_LINE_BYTES, RecordReader, type RecordSink } from './read-captures.ts';
import { RecordScanner } from './record-scanner.ts';

/**
 * Profiles capture files over a baseline's bins: what readCaptures and a ProfileBuilder give, to the last bit, several times as
 * fast. Records of the common shape are scanned as bytes; any other line is parsed.
 *
 * One counter takes one file at a time; memory does not grow with what it has read.
 */
export class CaptureCounter {
  readonly #baseline: Baseline;
  readonly #scanner: RecordScanner;
  readonly #columns: Columns;
  readonly #scoreColumn: number;

  /** @param scoreColumn column of a response that is the prediction, from 0 */
  constructor(baseline: Baseline, scoreColumn: number) {
    this.#baseline = baseline;
    this.#scoreColumn = scoreColumn;
    this.#scanner = new RecordScanner(baseline, scoreColumn);
    this.#columns = new Columns(baseline, this.#scanner, scoreColumn);
  }

  /**
   * Counts one capture file.
   *
   * @returns what was read of it, and what could not be, by reason
   */
  async count(file: Readable): Promise<CaptureTally> {
    const features = this.#baseline.features.map(({ name }) => name);
    const reader = new RecordReader({ features, scoreColumn: this.#scoreColumn }, this.#columns);
    const decoder = new TextDecoder('utf-8');
    const take = (bytes: Uint8Array, from: number): number => {
      const end = this.#scanner.scan(bytes, from);
      if (end === UNCOMMON) return UNCOMMON;
      reader.tally.records += 1;
      reader.tally.rows += this.#columns.addScanned(bytes);
      return end;
    };
    const visit = (line: ByteLine | undefined): void => {
      const text = line && decoder.decode(line.bytes.subarray(line.from, line.to));
      reader.read(text, line?.complete ?? true);
    };
    await reader.countDamage(() => eachLine(unzipped(file), MAX_LINE_BYTES, { take, visit }));
    return reader.tally;
  }

  /** What has been counted so far, as a copy. */
  profile(): Profile {
    return this.#columns.profile(this.#baseline);
  }
}

/** The running counts of every feature and of the prediction. */
class Columns implements RecordSink {
  /** By feature. */
  readonly #counters: readonly (NumericCounter | CategoryBytes)[];
  readonly #prediction: NumericCounter;
  readonly #decisions: DecisionCounter | undefined;
  readonly #scoreColumn: number;
  readonly #numeric: readonly NumericCounter[];
  readonly #categorical: readonly CategoryBytes[];
  /** Its rows wait to be counted together, column by column. */
  readonly #scanner: RecordScanner;
  #rows = 0;

  constructor({ features, prediction }: Baseline, scanner: RecordScanner, scoreColumn: number) {
    this.#scoreColumn = scoreColumn;
    this.#decisions = prediction.classes === undefined ? undefined : new DecisionCounter(prediction.classes);
    this.#counters = features.map(({ type, profile }) =>
      profile.kind === 'numeric'
        ? new NumericCounter(profile.edges)
        : new CategoryBytes(new CategoryCounter(type === 'numeric', new Set(profile.counts.keys()))),
    );
    this.#prediction = new NumericCounter(prediction.edges);
    this.#numeric = this.#counters.filter((counter) => counter instanceof NumericCounter);
    this.#categorical = this.#counters.filter((counter) => counter instanceof CategoryBytes);
    this.#scanner = scanner;
  }

  /** Counts the record that was scanned last. @returns its rows */
  addScanned(bytes: Uint8Array): number {
    const { starts, ends, hashes, rows, kept } = this.#scanner.input;
    const { view } = this.#scanner;
    const categorical = this.#categorical;
    for (let row = kept, cell = 0; row < rows; row++) {
      for (let i = 0; i < categorical.length; i++, cell++)
        categorical[i]!.add(bytes, view, starts[cell]!, ends[cell]!, hashes[cell]!);
    }
    if (rows >= BATCH) this.#countWaiting();
    return rows - kept;
  }

  row(
    features: readonly Value[],
    prediction: Value | undefined,
    _metadata: EventMetadata,
    _index: number,
    answer: readonly Value[] | undefined,
  ): void {
    // Sums depend on the order of their terms.
    this.#countWaiting();
    this.#rows += 1;
    features.forEach((value, column) => {
      const counter = this.#counters[column]!;
      if (counter instanceof NumericCounter) counter.addValue(value);
      else counter.counter.addValue(value);
    });
    if (prediction !== undefined) this.#prediction.addValue(prediction);
    if (answer) this.#decisions?.addAnswer(answer, this.#scoreColumn);
  }

  profile({ features }: Baseline): Profile {
    this.#countWaiting();
    return {
      rows: this.#rows,
      features: new Map(
        features.map(({ name }, i): [string, FeatureProfile] => {
          const counter = this.#counters[i]!;
          return [name, counter instanceof NumericCounter ? counter.profile() : counter.counter.profile()];
        }),
      ),
      prediction: this.#prediction.profile(),
      ...(this.#decisions && { decisions: this.#decisions.decisions() }),
    };
  }

  #countWaiting(): void {
    const { input, output } = this.#scanner;
    this.#numeric.forEach((counter, i) => {
      counter.addAll(input.numbers, i * input.stride, i * input.stride + input.rows);
    });
    this.#prediction.addAll(output.numbers, 0, output.rows);
    this.#decisions?.addAll(output.numbers, output.stride, output.rows);
    this.#rows += input.rows;
    input.clear();
    output.clear();
  }
}
