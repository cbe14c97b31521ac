import type { Baseline } from '../drift/baseline.ts';
import { CategoryCounter, NumericCounter } from '../drift/column-counters.ts';
import type { FeatureProfile, Profile } from '../drift/profile.ts';
import type { RowSink, Value } from '../drift/profile-builder.ts';
import type { Readable } from '../stream.ts';
import { type ByteLine, eachLine } from './byte-lines.ts';
import type { CaptureTally } from './capture-layout.ts';
import { CategoryBytes } from './category-bytes.ts';
import { UNCOMMON } from './cells.ts';
import { unzipped } from './gunzip.ts';
import { MAX_LINE_BYTES, RecordReader } from './read-captures.ts';
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
    this.#columns = new Columns(baseline);
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
    const visit = (line: ByteLine | undefined): void => {
      const rows = line ? this.#scanner.scan(line.bytes, line.from, line.to) : UNCOMMON;
      if (rows === UNCOMMON) {
        const text = line && decoder.decode(line.bytes.subarray(line.from, line.to));
        reader.read(text, line?.complete ?? true);
        return;
      }
      this.#columns.addScanned(line!.bytes, this.#scanner, rows);
      reader.tally.records += 1;
      reader.tally.rows += rows;
    };
    await reader.countDamage(() => eachLine(unzipped(file), MAX_LINE_BYTES, visit));
    return reader.tally;
  }

  /** What has been counted so far, as a copy. */
  profile(): Profile {
    return this.#columns.profile(this.#baseline);
  }
}

/** The running counts of every feature and of the prediction. */
class Columns implements RowSink {
  /** By feature; one of the two has it. */
  readonly #numeric: readonly (NumericCounter | undefined)[];
  readonly #categorical: readonly (CategoryBytes | undefined)[];
  readonly #prediction: NumericCounter;
  #rows = 0;

  constructor({ features, prediction }: Baseline) {
    this.#numeric = features.map(({ profile }) =>
      profile.kind === 'numeric' ? new NumericCounter(profile.edges) : undefined,
    );
    this.#categorical = features.map(({ type, profile }) =>
      profile.kind === 'categorical' ? new CategoryBytes(new CategoryCounter(type === 'numeric')) : undefined,
    );
    this.#prediction = new NumericCounter(prediction.edges);
  }

  addScanned(bytes: Uint8Array, scanner: RecordScanner, rows: number): void {
    const { numbers, starts, ends, hashes } = scanner.input;
    let cell = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < this.#numeric.length; column++, cell++) {
        const numeric = this.#numeric[column];
        if (numeric !== undefined) numeric.add(numbers[cell]!);
        else this.#categorical[column]!.add(bytes, starts[cell]!, ends[cell]!, hashes[cell]!);
      }
      this.#prediction.add(scanner.scoreOf(row));
    }
    this.#rows += rows;
  }

  row(features: readonly Value[], prediction: Value | undefined): void {
    this.#rows += 1;
    features.forEach((value, column) => {
      (this.#numeric[column] ?? this.#categorical[column]!.counter).addValue(value);
    });
    if (prediction !== undefined) this.#prediction.addValue(prediction);
  }

  profile({ features }: Baseline): Profile {
    return {
      rows: this.#rows,
      features: new Map(
        features.map(({ name }, i): [string, FeatureProfile] => [
          name,
          (this.#numeric[i] ?? this.#categorical[i]!.counter).profile(),
        ]),
      ),
      prediction: this.#prediction.profile(),
    };
  }
}
