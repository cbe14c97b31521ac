import { compensatedSum } from './compensated-sum.ts';
import type { Counts } from './distances.ts';
import type { Bounds } from './kolmogorov-smirnov.ts';
import { cumulativeCounts } from './kolmogorov-smirnov.ts';
import type { Edges } from './quantile.ts';

/** What a profile knows of a sample besides its counts. */
export interface Extent {
  /** The mean, and what rounding took from it: near 1e15 two means an eighth apart would otherwise be equal. */
  readonly mean: readonly [rounded: number, error: number];
  readonly min: number;
  readonly max: number;
}

/**
 * Bounds of the first Wasserstein distance W₁ = ∫ |F_b − F_c| from two histograms over the same edges.
 *
 * Inside a bin of width w the difference of the distribution functions is at least max(0, L_b(j) − L_c(j+1), L_c(j) − L_b(j+1))
 * and at most max(L_b(j+1) − L_c(j), L_c(j+1) − L_b(j)). The outer bins are closed by the overall least and greatest value.
 * The difference of the means is a lower bound too.
 *
 * @param edges k ascending edges
 * @param baseline k + 1 counts
 * @param current k + 1 counts
 * @returns in the unit of the values, Infinity where a double cannot hold it; divide by the baseline's standard deviation to
 *   compare features
 * @throws {RangeError} counts that do not fit the edges, or an empty histogram
 * @see Vallender (1974), Theory Probab. Appl. 18, for W₁ as an integral of distribution functions
 */
export function wassersteinBounds(
  edges: Edges,
  baseline: Counts,
  current: Counts,
  extents: readonly [baseline: Extent, current: Extent],
): Bounds {
  const { below, apart } = cumulativeCounts(edges, baseline, current);
  const [ofBaseline, ofCurrent] = extents;
  const from = Math.min(ofBaseline.min, ofCurrent.min);
  const to = Math.max(ofBaseline.max, ofCurrent.max);
  const unit = unitFor(from, to);
  const borders = [from, ...edges, to].map((border) => finite(border) / unit);
  const least: number[] = [];
  const most: number[] = [];
  for (let bin = 0; bin <= edges.length; bin++) {
    const width = Math.max(0, borders[bin + 1]! - borders[bin]!);
    const [b, c] = below[bin]!;
    const [nextB, nextC] = below[bin + 1]!;
    const [before, after] = [apart(b, nextC), apart(nextB, c)];
    least.push(width * Math.max(0, before, -after));
    most.push(width * Math.max(after, -before));
  }
  const [b, c] = [ofBaseline.mean, ofCurrent.mean];
  const betweenMeans = Math.abs(b[0] / unit - c[0] / unit + (b[1] / unit - c[1] / unit));
  const upper = compensatedSum(most);
  return { lower: Math.min(upper, Math.max(compensatedSum(least), betweenMeans)) * unit, upper: upper * unit };
}

/**
 * Near the greatest double a difference of two overflows; a quarter of each does not. Near the least double a share of a
 * difference loses its digits; it keeps them where all is larger. Powers of two are no rounding.
 */
function unitFor(least: number, greatest: number): number {
  const size = Math.max(Math.abs(least), Math.abs(greatest));
  if (size > Number.MAX_VALUE / 4) return 4;
  return size < 2 ** -900 ? 2 ** -200 : 1;
}

/** The edge after the greatest double is Infinity; no value lies between both. */
const finite = (edge: number): number => Math.min(edge, Number.MAX_VALUE);

/**
 * W₁ of two samples of raw values, ∫ |F_b(x) − F_c(x)| dx.
 *
 * @param baseline ascending finite values, at least one
 * @param current ascending finite values, at least one
 * @returns in the unit of the values, Infinity where a double cannot hold it
 * @throws {RangeError} a sample is empty
 */
export function wassersteinExact(baseline: ArrayLike<number>, current: ArrayLike<number>): number {
  const n = baseline.length;
  const m = current.length;
  if (n === 0 || m === 0) throw new RangeError(`expected values on both sides, got ${n} and ${m}`);
  let distance = 0;
  let i = 0;
  let j = 0;
  let from = Math.min(baseline[0]!, current[0]!);
  const unit = unitFor(from, Math.max(baseline[n - 1]!, current[m - 1]!));
  while (i < n || j < m) {
    const to = Math.min(baseline[i] ?? Number.POSITIVE_INFINITY, current[j] ?? Number.POSITIVE_INFINITY);
    // Integers first: a difference of rounded shares would lose what two nearly equal shares differ by.
    distance += (to / unit - from / unit) * (Math.abs(i * m - j * n) / (n * m));
    while (i < n && baseline[i]! === to) i++;
    while (j < m && current[j]! === to) j++;
    from = to;
  }
  return distance * unit;
}
