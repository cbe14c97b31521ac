import type { Counts } from './distances.ts';
import { total } from './distances.ts';
import type { Edges } from './quantile.ts';
import { nextUp } from './quantile.ts';
import { kolmogorovTail } from './special-functions.ts';

/** A statistic known only from a histogram lies between two bounds. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Bounds of the two-sample Kolmogorov–Smirnov D = max |F_b − F_c| from two histograms over the same edges.
 *
 * With L(j) the share below edge j: the lower bound is max |L_b(j) − L_c(j)|, which D attains at an edge; the upper bound lets
 * each side's mass lie anywhere inside a bin. An atom's bin [v, nextUp(v)) holds one value, so nothing can lie anywhere in it.
 * The gap is at most the largest min(p, q) over bins that are not atoms.
 *
 * @param edges k ascending edges
 * @param baseline k + 1 counts
 * @param current k + 1 counts
 * @returns 0 … 1
 * @throws {RangeError} counts that do not fit the edges, or an empty histogram
 */
export function ksBounds(edges: Edges, baseline: Counts, current: Counts): Bounds {
  const { below, apart } = cumulativeCounts(edges, baseline, current);
  let lower = 0;
  let upper = 0;
  for (let bin = 0; bin <= edges.length; bin++) {
    const [b, c] = below[bin]!;
    const [nextB, nextC] = below[bin + 1]!;
    const atEdge = Math.abs(apart(nextB, nextC));
    lower = Math.max(lower, atEdge);
    upper = Math.max(upper, isAtom(edges, bin) ? atEdge : Math.max(apart(nextB, c), -apart(b, nextC)));
  }
  return { lower, upper: Math.min(1, Math.max(lower, upper)) };
}

/** Whether a bin can hold one value only: [v, nextUp(v)). */
export const isAtom = (edges: Edges, bin: number): boolean =>
  bin > 0 && bin < edges.length && nextUp(edges[bin - 1]!) === edges[bin];

interface CumulativeCounts {
  /** Counts of both sides below every border, −∞, each edge, +∞: edges.length + 2 pairs, from [0, 0] to [n, m]. */
  readonly below: readonly (readonly [baseline: number, current: number])[];
  /**
   * The difference of the shares b/n − c/m, rounded once. Two rounded shares would differ by a little more or less, and a bound
   * that D attains would lie on the wrong side of it.
   */
  readonly apart: (b: number, c: number) => number;
}

/** @throws {RangeError} counts that do not fit the edges, or an empty histogram */
export function cumulativeCounts(edges: Edges, baseline: Counts, current: Counts): CumulativeCounts {
  const bins = edges.length + 1;
  if (baseline.length !== bins || current.length !== bins) {
    throw new RangeError(`expected ${bins} counts on both sides, got ${baseline.length} and ${current.length}`);
  }
  const n = total(baseline);
  const m = total(current);
  if (!(n > 0 && m > 0)) throw new RangeError(`expected counts on both sides, got ${n} and ${m}`);
  const below: (readonly [number, number])[] = [[0, 0]];
  for (let bin = 0, b = 0, c = 0; bin < bins; bin++) {
    b += baseline[bin]!;
    c += current[bin]!;
    below.push([b, c]);
  }
  return { below, apart: (b, c) => (b * m - c * n) / (n * m) };
}

/**
 * D of two samples of raw values: max |F_b − F_c|, looked at after all ties of a value.
 *
 * @param baseline n ascending finite values, n ≥ 1
 * @param current m ascending finite values, m ≥ 1
 * @returns 0 … 1
 * @throws {RangeError} a sample is empty
 * @see Smirnov (1939); Conover (1971), Practical Nonparametric Statistics
 */
export function ksExact(baseline: ArrayLike<number>, current: ArrayLike<number>): number {
  const n = baseline.length;
  const m = current.length;
  if (n === 0 || m === 0) throw new RangeError(`expected values on both sides, got ${n} and ${m}`);
  let greatest = 0;
  for (let i = 0, j = 0; i < n && j < m; ) {
    const value = Math.min(baseline[i]!, current[j]!);
    while (i < n && baseline[i]! === value) i++;
    while (j < m && current[j]! === value) j++;
    greatest = Math.max(greatest, Math.abs(i * m - j * n));
  }
  return greatest / (n * m);
}

/**
 * The probability of a D at least this large where nothing moved, by Kolmogorov's limit: λ = √(nm/(n+m)) · D.
 *
 * With ties, and with a lower bound of D, it is conservative: too large rather than too small.
 *
 * @param d 0 … 1
 * @param n baseline values, ≥ 1
 * @param m current values, ≥ 1
 */
export const ksTail = (d: number, n: number, m: number): number => kolmogorovTail(Math.sqrt((n / (n + m)) * m) * d);
