/**
 * Upper tails of the distributions that the tests need, accurate to 1e-8 relative wherever the tail is at least 1e-300.
 *
 * The tails are computed directly, never as one minus the body: a p-value of 1e-40 must stay 1e-40, since features are ranked and
 * adjusted by it.
 */

const MAX_TERMS = 100_000;
const EPSILON = 1e-17;

/** Lanczos coefficients, g = 7, n = 9 (relative error below 1e-15 for x > 0). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/**
 * ln Γ(x), by Lanczos' approximation.
 *
 * @param x > 0
 * @throws {RangeError} x is not positive
 * @see Lanczos (1964), A precision approximation of the gamma function, SIAM J. Numer. Anal. B 1
 */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`expected a positive number, got ${x}`);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const t = z + 7.5;
  let series: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) series += LANCZOS[i]! / (z + i);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}

/**
 * Regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a).
 *
 * For x < a + 1 by the power series of P = 1 − Q (there Q is not small, nothing cancels), otherwise by the continued fraction of
 * Q itself.
 *
 * @param a > 0, shape
 * @param x ≥ 0; Infinity gives 0
 * @returns 0 … 1
 * @throws {RangeError} a is not positive, x is negative, or either is not a number
 * @see Abramowitz & Stegun (1964) 6.5.29 and 6.5.31; Lentz' evaluation of the fraction
 */
export function gammaQ(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) throw new RangeError(`expected a > 0 and x >= 0, got a = ${a}, x = ${x}`);
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? Math.max(0, 1 - scale * lowerSeries(a, x)) : Math.min(1, scale * upperFraction(a, x));
}

/** Σ xᵏ / (a (a+1) … (a+k)), k = 0 … */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; k <= MAX_TERMS && term > sum * EPSILON; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

/** 1 / (x + 1 − a − 1(1−a) / (x + 3 − a − 2(2−a) / (x + 5 − a − …))), by Lentz' method. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / Number.MIN_VALUE;
  let d = 1 / b;
  let value = d;
  for (let i = 1; i <= MAX_TERMS; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b);
    c = nonZero(b + numerator / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return value;
}

const nonZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);

/**
 * P(χ² ≥ statistic) = Q(df / 2, statistic / 2).
 *
 * @param statistic ≥ 0
 * @param df degrees of freedom ≥ 1; with 0 there is nothing to test and the tail is 1
 */
export const chiSquareTail = (statistic: number, df: number): number =>
  df === 0 ? 1 : gammaQ(df / 2, Math.max(0, statistic) / 2);

/**
 * The value that a χ² variable exceeds with the given probability: the inverse of `chiSquareTail`.
 *
 * By bisection, which needs no starting value and cannot diverge; 1e-12 relative.
 *
 * @param tail probability, 0 < tail < 1
 * @param df degrees of freedom ≥ 1; 0 gives 0
 * @throws {RangeError} tail is not inside (0, 1)
 */
export function chiSquareQuantile(tail: number, df: number): number {
  if (!(tail > 0 && tail < 1)) throw new RangeError(`expected a probability inside (0, 1), got ${tail}`);
  if (df === 0) return 0;
  let low = 0;
  let high = df + 10;
  while (chiSquareTail(high, df) > tail) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (chiSquareTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(|Z| ≥ |z|) of a standard normal Z: erfc(|z| / √2) = Q(1/2, z²/2). */
export const normalTwoSidedTail = (z: number): number => gammaQ(0.5, (z * z) / 2);

/**
 * Upper tail of Kolmogorov's limiting distribution, 2 Σ (−1)^(k−1) exp(−2 k² λ²), k = 1 …
 *
 * Below λ = 1 the alternating series converges slowly and the equivalent theta series of the body is used,
 * 1 − √(2π)/λ Σ exp(−(2k−1)² π² / (8 λ²)).
 *
 * @param lambda ≥ 0: √(nm/(n+m)) · D
 * @returns 0 … 1
 * @throws {RangeError} lambda is negative or not a number
 * @see Kolmogorov (1933); Feller (1948), Ann. Math. Statist. 19
 */
export function kolmogorovTail(lambda: number): number {
  if (!(lambda >= 0)) throw new RangeError(`expected lambda >= 0, got ${lambda}`);
  // The body is below 1e-300 there, and its first factor overflows towards 0.
  if (lambda < 0.04) return 1;
  if (lambda < 1) {
    let body = 0;
    for (let k = 1; k <= 20; k++) body += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * lambda * lambda));
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / lambda) * body);
  }
  let tail = 0;
  for (let k = 1; k <= 20; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    tail += k % 2 === 1 ? term : -term;
    if (term < tail * EPSILON) break;
  }
  return Math.min(1, 2 * tail);
}
