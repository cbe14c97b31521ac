/** What a process expects at a point. */
export interface Prediction {
  readonly mean: number;
  readonly deviation: number;
}

interface Fit {
  readonly scale: number;
  /** Lower triangle of the covariance's Cholesky factor, row by row. */
  readonly factor: readonly Float64Array[];
  /** The inverse covariance times the values. */
  readonly weights: Float64Array;
  readonly likelihood: number;
}

const SCALES = [0.1, 0.2, 0.4, 0.8, 1.6];
const NOISES = [1e-4, 1e-2, 1e-1];

/** Gaussian process regression with a Matérn 5/2 kernel, whose scale and noise are the likeliest of a few. */
export class GaussianProcess {
  readonly #points: readonly (readonly number[])[];
  readonly #center: number;
  readonly #spread: number;
  readonly #fit: Fit;

  /** @param values one for each point, at least one */
  constructor(points: readonly (readonly number[])[], values: readonly number[]) {
    this.#points = points;
    this.#center = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - this.#center) ** 2, 0) / values.length;
    this.#spread = Math.sqrt(variance) || 1;
    const standard = Float64Array.from(values, (value) => (value - this.#center) / this.#spread);
    this.#fit = SCALES.flatMap((scale) => NOISES.map((noise) => fitted(points, standard, scale, noise))).reduce(
      (best, fit) => (fit.likelihood > best.likelihood ? fit : best),
    );
  }

  predict(point: readonly number[]): Prediction {
    const { scale, factor, weights } = this.#fit;
    const covariances = Float64Array.from(this.#points, (other) => kernel(point, other, scale));
    const solved = forward(factor, covariances);
    const variance = 1 - solved.reduce((sum, value) => sum + value * value, 0);
    return {
      mean: this.#center + this.#spread * dot(covariances, weights),
      deviation: this.#spread * Math.sqrt(Math.max(variance, 1e-12)),
    };
  }
}

function fitted(points: readonly (readonly number[])[], values: Float64Array, scale: number, noise: number): Fit {
  const factor: Float64Array[] = [];
  points.forEach((point, i) => {
    const row = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) {
      let sum = kernel(point, points[j]!, scale) + (i === j ? noise : 0);
      const other = i === j ? row : factor[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / other[j]!;
    }
    factor.push(row);
  });
  const half = forward(factor, values);
  const logs = factor.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
  return { scale, factor, weights: backward(factor, half), likelihood: -0.5 * dot(half, half) - logs };
}

/** Solves L x = b. */
function forward(factor: readonly Float64Array[], values: Float64Array): Float64Array {
  const solved = new Float64Array(values.length);
  factor.forEach((row, i) => {
    let sum = values[i]!;
    for (let j = 0; j < i; j++) sum -= row[j]! * solved[j]!;
    solved[i] = sum / row[i]!;
  });
  return solved;
}

/** Solves Lᵀ x = b. */
function backward(factor: readonly Float64Array[], values: Float64Array): Float64Array {
  const solved = Float64Array.from(values);
  for (let i = solved.length - 1; i >= 0; i--) {
    solved[i] = solved[i]! / factor[i]![i]!;
    for (let j = 0; j < i; j++) solved[j] = solved[j]! - factor[i]![j]! * solved[i]!;
  }
  return solved;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function kernel(a: readonly number[], b: readonly number[], scale: number): number {
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  const distance = Math.sqrt(5 * squares) / scale;
  return (1 + distance + distance ** 2 / 3) * Math.exp(-distance);
}
