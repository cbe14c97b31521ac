import { Categories } from './categories.ts';
import { type Column, decodeColumns, encodeColumns } from './columns.ts';

/** Outcomes as they were uploaded: what is known, of which prediction, and since when. */
export interface LabelSet {
  /** When the file was uploaded, ms since 1970. */
  readonly uploadedAt: number;
  /** By label: the number that the caller's id gives; NaN where the file names events only. */
  readonly inferenceKeys: Float64Array;
  /** By label: the number that SageMaker's id gives. */
  readonly eventKeys: Float64Array;
  /** By label: where its id lies between 0 and 1. */
  readonly fractions: Float64Array;
  /** 1 or 0 for binary classification, the class's number for multiclass, the value for regression. */
  readonly truth: Float64Array;
  /** By label, ms since 1970: as the file says, else when it was uploaded. */
  readonly labelledAt: Float64Array;
  /** Values for slices, by attribute. */
  readonly attributes: ReadonlyMap<string, AttributeColumn>;
}

export interface AttributeColumn {
  readonly values: readonly string[];
  /** By label or prediction: a place in `values`; the first, the empty text, is unknown. */
  readonly numbers: Uint32Array;
}

export const labelsIn = ({ truth }: Pick<LabelSet, 'truth'>): number => truth.length;

/** Some of the labels, in their order. */
export function pickLabels(set: LabelSet, which: readonly number[]): LabelSet {
  const picked = (column: Float64Array) => Float64Array.from(which, (i) => column[i]!);
  return {
    uploadedAt: set.uploadedAt,
    inferenceKeys: picked(set.inferenceKeys),
    eventKeys: picked(set.eventKeys),
    fractions: picked(set.fractions),
    truth: picked(set.truth),
    labelledAt: picked(set.labelledAt),
    attributes: new Map(
      [...set.attributes].map(([name, { values, numbers }]) => [
        name,
        { values, numbers: Uint32Array.from(which, (i) => numbers[i]!) },
      ]),
    ),
  };
}

/** One label before it is put among the others. */
export interface Label {
  readonly inferenceKey: number;
  readonly eventKey: number;
  readonly fraction: number;
  readonly truth: number;
  readonly labelledAt: number;
  /** In the order of the builder's attributes. */
  readonly attributes: readonly string[];
}

/** Collects the labels of one file. */
export class LabelSetBuilder {
  readonly #uploadedAt: number;
  readonly #names: readonly string[];
  readonly #labels: Label[] = [];

  constructor(uploadedAt: number, attributes: readonly string[]) {
    this.#uploadedAt = uploadedAt;
    this.#names = attributes;
  }

  get size(): number {
    return this.#labels.length;
  }

  add(label: Label): void {
    this.#labels.push(label);
  }

  finish(): LabelSet {
    const column = (of: (label: Label) => number) => Float64Array.from(this.#labels, of);
    return {
      uploadedAt: this.#uploadedAt,
      inferenceKeys: column(({ inferenceKey }) => inferenceKey),
      eventKeys: column(({ eventKey }) => eventKey),
      fractions: column(({ fraction }) => fraction),
      truth: column(({ truth }) => truth),
      labelledAt: column(({ labelledAt }) => labelledAt),
      attributes: new Map(
        this.#names.map((name, i) => {
          const categories = new Categories();
          const numbers = Uint32Array.from(this.#labels, ({ attributes }) => categories.numberOf(attributes[i] ?? ''));
          return [name, { values: categories.values, numbers }];
        }),
      ),
    };
  }
}

interface Header {
  readonly schema: string;
  readonly uploadedAt: number;
  readonly attributes: readonly (readonly [name: string, values: readonly string[]])[];
}

const SCHEMA = 'launchway/labels/v1';
const NUMBERS = ['inferenceKeys', 'eventKeys', 'fractions', 'truth', 'labelledAt'] as const;

export function encodeLabels(set: LabelSet): Uint8Array {
  const attributes = [...set.attributes].map(([name, { values }]) => [name, values] as const);
  const header: Header = { schema: SCHEMA, uploadedAt: set.uploadedAt, attributes };
  const columns: Record<string, Column> = Object.fromEntries(NUMBERS.map((name) => [name, set[name]]));
  [...set.attributes.values()].forEach(({ numbers }, i) => {
    columns[`attribute${i}`] = numbers;
  });
  return encodeColumns(header, columns);
}

/** @throws {ColumnsFormatError} something else, or damaged */
export function decodeLabels(bytes: Uint8Array): LabelSet {
  const { header, columns } = decodeColumns<Header>(bytes);
  const numbers = (name: string) => columns.get(name) as Float64Array;
  return {
    uploadedAt: header.uploadedAt,
    inferenceKeys: numbers('inferenceKeys'),
    eventKeys: numbers('eventKeys'),
    fractions: numbers('fractions'),
    truth: numbers('truth'),
    labelledAt: numbers('labelledAt'),
    attributes: new Map(
      header.attributes.map(([name, values], i) => [
        name,
        { values, numbers: columns.get(`attribute${i}`) as Uint32Array },
      ]),
    ),
  };
}
