import LogisticRegression from 'ml-logistic-regression';
import { Matrix } from 'ml-matrix';
import { Encoder, type Encoding, fitEncoding } from './encoder.ts';
import { DataError, type Schema } from './schema.ts';

/** Rows scored at a time, so that memory does not grow with a batch. */
const CHUNK = 1_000;
const FORMAT = 'launchway-example/logistic-regression/v1';

export interface Hyperparameters {
  /** Steps of gradient ascent. */
  readonly steps: number;
  /** Decides the order of the rows. */
  readonly seed: number;
  readonly learningRate: number;
}

/** What is stored in the model directory: the encoder and the weights together, so that serving cannot encode differently. */
interface StoredModel {
  readonly format: typeof FORMAT;
  readonly encodings: readonly Encoding[];
  readonly weights: readonly number[];
}

/** A fitted model: raw feature values in, probability of the positive class out. */
export class Model {
  readonly #stored: StoredModel;
  readonly #encoder: Encoder;
  readonly #classifier: ReturnType<typeof twoClasses>;

  private constructor(stored: StoredModel) {
    this.#stored = stored;
    this.#encoder = new Encoder(stored.encodings);
    if (stored.weights.length !== this.#encoder.columns) {
      throw new DataError(`expected ${this.#encoder.columns} weights, got ${stored.weights.length}`);
    }
    this.#classifier = twoClasses({ numSteps: 0, learningRate: 0, weights: [stored.weights] });
  }

  /**
   * @param rows raw strings, features in declared order
   * @param labels 1 where the row is of the positive class
   * @throws {DataError} where a value does not fit the schema or only one class occurs
   */
  static fit(
    schema: Schema,
    rows: readonly (readonly string[])[],
    labels: readonly (0 | 1)[],
    { steps, seed, learningRate }: Hyperparameters,
  ): Model {
    if (new Set(labels).size < 2) throw new DataError(`expected both classes in ${schema.target}, got one`);
    const encodings = fitEncoding(schema, rows);
    const encoder = new Encoder(encodings);
    const order = shuffled(rows.length, seed);
    const features = new Matrix(order.map((i) => encoder.encode(rows[i]!)));
    const target = Matrix.columnVector(order.map((i) => labels[i]!));
    const classifier = twoClasses({ numSteps: steps, learningRate });
    classifier.train(features, target);
    return new Model({ format: FORMAT, encodings, weights: classifier.weights.to1DArray() });
  }

  /** @throws {DataError} where it is no model of ours */
  static parse(text: string): Model {
    const stored = JSON.parse(text) as StoredModel;
    if (stored.format !== FORMAT) throw new DataError(`expected a model of format ${FORMAT}, got ${stored.format}`);
    return new Model(stored);
  }

  serialize(): string {
    return `${JSON.stringify(this.#stored)}\n`;
  }

  /** @returns P(positive class) by row, from 0 to 1 */
  score(rows: readonly (readonly string[])[]): number[] {
    const scores: number[] = [];
    for (let from = 0; from < rows.length; from += CHUNK) {
      const encoded = rows.slice(from, from + CHUNK).map((row) => this.#encoder.encode(row));
      scores.push(...this.#classifier.testScores(new Matrix(encoded)));
    }
    return scores;
  }
}

/** The library trains one classifier per class; with two classes the second is the mirror of the first, so one is enough. */
const twoClasses = (options: Parameters<typeof LogisticRegression.load>[0]['classifiers'][number]) =>
  LogisticRegression.load({ name: 'LogisticRegression', numberClasses: 1, classifiers: [options] }).classifiers[0]!;

/** 0 … n − 1 in an order that the seed decides (Fisher–Yates over mulberry32). */
function shuffled(n: number, seed: number): number[] {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
