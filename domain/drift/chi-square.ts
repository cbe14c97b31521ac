import type { Counts } from './distances.ts';
import { total } from './distances.ts';
import { chiSquareTail } from './special-functions.ts';

/** A test of whether two histograms come from one distribution. */
export interface ChiSquare {
  readonly statistic: number;
  /** Columns with a count, less one. */
  readonly df: number;
  readonly pValue: number;
  /** Rows of both sides together, n + m. */
  readonly rows: number;
  /** The least expected count of a cell; below 5 the limiting distribution is rough. 0 where one column is all there is. */
  readonly minExpected: number;
}

/**
 * Pearson's test of homogeneity on the 2 × B table, Σ (x m − y n)² / ((x + y) n m); columns without a count are dropped; no
 * continuity correction.
 *
 * @param baseline counts x, summing to n
 * @param current counts y, summing to m, over the same categories in the same order
 * @throws {RangeError} different categories, or an empty side
 * @see Pearson (1900); Agresti (2002), Categorical Data Analysis, 3.2
 */
export function chiSquareHomogeneity(baseline: Counts, current: Counts): ChiSquare {
  if (baseline.length !== current.length) {
    throw new RangeError(`expected counts of the same categories, got ${baseline.length} and ${current.length}`);
  }
  const n = total(baseline);
  const m = total(current);
  if (!(n > 0 && m > 0)) throw new RangeError(`expected counts on both sides, got ${n} and ${m}`);
  let statistic = 0;
  let columns = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < baseline.length; i++) {
    const x = baseline[i]!;
    const y = current[i]!;
    if (x + y === 0) continue;
    columns += 1;
    smallest = Math.min(smallest, x + y);
    const difference = x * m - y * n;
    statistic += (difference / n) * (difference / m) * (1 / (x + y));
  }
  const df = columns - 1;
  return {
    statistic,
    df,
    pValue: chiSquareTail(statistic, df),
    rows: n + m,
    minExpected: df === 0 ? 0 : (smallest * Math.min(n, m)) / (n + m),
  };
}

/** A 2 × B table after pooling: what the limiting distribution can be trusted with. */
export interface PooledCounts {
  readonly baseline: Counts;
  readonly current: Counts;
}

type Pair = readonly [baseline: number, current: number];

const NONE: Pair = [0, 0];
const sumOf = ([a, b]: Pair, [c, d]: Pair): Pair => [a + c, b + d];

/**
 * Pools the categories whose expected count is below 5 on either side, smallest first, each pool as soon as it is large enough;
 * what is left joins the last one. Pooling looks at the totals of both sides only, so it does not choose by how they differ. One
 * pool for all of them would hide whatever happens among hundreds of rare categories, all of them new included.
 *
 * @param baseline in an order that does not tell the sides apart, as categories of one total are pooled in it: see `scattered`
 * @see Cochran (1954), Some methods for strengthening the common χ² tests, Biometrics 10
 */
export function poolSmall(baseline: Counts, current: Counts, leastExpected = 5): PooledCounts {
  const n = total(baseline);
  const m = total(current);
  const share = Math.min(n, m) / (n + m);
  const isSmall = ([x, y]: Pair): boolean => (x + y) * share < leastExpected;
  const columns = baseline
    .map((x, i): Pair => [x, current[i]!])
    .filter(([x, y]) => x + y > 0)
    .sort(([a, b], [c, d]) => a + b - c - d);
  const kept = columns.filter((column) => !isSmall(column));
  const pools: Pair[] = [];
  let open = NONE;
  for (const column of columns.slice(0, columns.length - kept.length)) {
    open = sumOf(open, column);
    if (isSmall(open)) continue;
    pools.push(open);
    open = NONE;
  }
  // Too little for a pool of its own; where there is none yet, the smallest other category makes it one.
  if (open !== NONE) pools.push(sumOf(open, pools.pop() ?? kept.shift() ?? NONE));
  const all = [...pools, ...kept];
  return { baseline: all.map(([x]) => x), current: all.map(([, y]) => y) };
}

/**
 * Names in an order that says nothing of them: by a hash (FNV-1a of their UTF-16 units), then by themselves. Categories that only
 * one side has would otherwise stand together.
 */
export function scattered(names: readonly string[]): string[] {
  return names
    .map((name) => [hashOf(name), name] as const)
    .sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    .map(([, name]) => name);
}

function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // Names that differ in their last unit alone would stand together.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * Cramér's V of a 2 × B table, √(χ² / (n + m)): an effect size that does not grow with the number of rows.
 *
 * @returns 0 … 1
 * @see Cramér (1946), Mathematical Methods of Statistics
 */
export const cramersV = ({ statistic, rows }: Pick<ChiSquare, 'statistic' | 'rows'>): number =>
  Math.sqrt(statistic / rows);

/**
 * Cramér's V with Bergsma's correction: plain V reaches 0.1 from sampling alone where categories are many.
 *
 * With φ² = χ²/N, r = 2 rows and c = df + 1 columns: φ̃² = max(0, φ² − (r−1)(c−1)/(N−1)), r̃ = r − (r−1)²/(N−1),
 * c̃ = c − (c−1)²/(N−1), Ṽ = √(φ̃² / min(r̃ − 1, c̃ − 1)).
 *
 * @returns 0 … 1
 * @see Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T, J. Korean Stat. Soc. 42
 */
export function cramersVCorrected({ statistic, df, rows }: Pick<ChiSquare, 'statistic' | 'df' | 'rows'>): number {
  if (df === 0 || rows < 2) return 0;
  const phi = Math.max(0, statistic / rows - df / (rows - 1));
  const least = Math.min(1 - 1 / (rows - 1), df - df ** 2 / (rows - 1));
  return least > 0 ? Math.min(1, Math.sqrt(phi / least)) : 0;
}
