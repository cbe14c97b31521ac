import { Categories } from './categories.ts';
import { type Column, decodeColumns, encodeColumns } from './columns.ts';
import type { AttributeColumn, LabelSet } from './label-set.ts';

/** What a label did to what was known. */
export type LabelEffect =
  /** The prediction had no outcome. */
  | 'new'
  /** The same outcome once more. */
  | 'repeated'
  /** Another outcome, and newer. */
  | 'corrected'
  /** Another outcome, and older: the newer one stays. */
  | 'outdated';

/** What became of a window's predictions, as far as it is known. Additive: labels may come in any order, again and again. */
export class Outcomes {
  /** By prediction; NaN where nothing is known. */
  readonly truth: Float64Array;
  /** By prediction, ms since 1970. */
  readonly labelledAt: Float64Array;
  readonly #uploadedAt: Float64Array;
  readonly #attributes: Map<string, { readonly categories: Categories; readonly numbers: Uint32Array }>;
  #labelled = 0;

  /** @param predictions how many there are */
  constructor(predictions: number) {
    this.truth = new Float64Array(predictions).fill(Number.NaN);
    this.labelledAt = new Float64Array(predictions);
    this.#uploadedAt = new Float64Array(predictions);
    this.#attributes = new Map();
  }

  /** Predictions whose outcome is known. */
  get labelled(): number {
    return this.#labelled;
  }

  /** By attribute; of predictions without an outcome the first value, which is unknown. */
  get attributes(): ReadonlyMap<string, AttributeColumn> {
    return new Map(
      [...this.#attributes].map(([name, { categories, numbers }]) => [name, { values: categories.values, numbers }]),
    );
  }

  /**
   * Takes a label in; the newest stays: by when it was labelled, then by when it was uploaded, then by its place in its file.
   *
   * @param label its place in the set
   */
  add(prediction: number, set: LabelSet, label: number): LabelEffect {
    const truth = set.truth[label]!;
    const before = this.truth[prediction]!;
    const isKnown = !Number.isNaN(before);
    if (isKnown && !this.#isNewer(prediction, set.labelledAt[label]!, set.uploadedAt))
      return before === truth ? 'repeated' : 'outdated';
    if (!isKnown) this.#labelled += 1;
    this.truth[prediction] = truth;
    this.labelledAt[prediction] = set.labelledAt[label]!;
    this.#uploadedAt[prediction] = set.uploadedAt;
    for (const [name, { values, numbers }] of set.attributes) this.#set(name, prediction, values[numbers[label]!]!);
    return isKnown ? (before === truth ? 'repeated' : 'corrected') : 'new';
  }

  #isNewer(prediction: number, labelledAt: number, uploadedAt: number): boolean {
    const known = this.labelledAt[prediction]!;
    return labelledAt === known ? uploadedAt >= this.#uploadedAt[prediction]! : labelledAt > known;
  }

  #set(name: string, prediction: number, value: string): void {
    let column = this.#attributes.get(name);
    if (!column) {
      column = { categories: new Categories(), numbers: new Uint32Array(this.truth.length) };
      this.#attributes.set(name, column);
    }
    // A correction that says nothing of an attribute takes nothing back.
    if (value !== '') column.numbers[prediction] = column.categories.numberOf(value);
  }

  encode(): Uint8Array {
    const attributes = [...this.#attributes].map(([name, { categories }]) => [name, categories.values] as const);
    const columns: Record<string, Column> = {
      truth: this.truth,
      labelledAt: this.labelledAt,
      uploadedAt: this.#uploadedAt,
    };
    [...this.#attributes.values()].forEach(({ numbers }, i) => {
      columns[`attribute${i}`] = numbers;
    });
    return encodeColumns({ schema: SCHEMA, attributes } satisfies Header, columns);
  }

  /** @throws {ColumnsFormatError} something else, or damaged */
  static decode(bytes: Uint8Array): Outcomes {
    const { header, columns } = decodeColumns<Header>(bytes);
    const truth = columns.get('truth') as Float64Array;
    const outcomes = new Outcomes(truth.length);
    outcomes.truth.set(truth);
    outcomes.labelledAt.set(columns.get('labelledAt')!);
    outcomes.#uploadedAt.set(columns.get('uploadedAt')!);
    outcomes.#labelled = truth.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
    header.attributes.forEach(([name, values], i) => {
      const numbers = columns.get(`attribute${i}`) as Uint32Array;
      outcomes.#attributes.set(name, { categories: new Categories(values), numbers });
    });
    return outcomes;
  }
}

interface Header {
  readonly schema: string;
  readonly attributes: readonly (readonly [name: string, values: readonly string[]])[];
}

const SCHEMA = 'launchway/outcomes/v1';
