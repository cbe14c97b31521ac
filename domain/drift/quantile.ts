/** Where bins begin, learnt from the baseline. Bins are (−∞, e₁), [e₁, e₂), …, [e_k, ∞): k ascending edges, k + 1 bins. */
export type Edges = readonly number[];

/**
 * The sample quantile of type 7 (NumPy's `linear`), with NumPy's two-sided interpolation: for a weight t between the order
 * statistics a and b, a + (b − a)·t where t < ½, else b − (b − a)·(1 − t), so that both ends are met exactly.
 *
 * @param sorted ascending finite values, at least one
 * @param q 0 … 1
 * @returns in the unit of the values; −0 is returned as 0
 * @throws {RangeError} no values, or q outside 0 … 1
 * @see Hyndman & Fan (1996), Sample quantiles in statistical packages, definition 7
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new RangeError('expected at least one value, got none');
  if (!(q >= 0 && q <= 1)) throw new RangeError(`expected a fraction of 0 to 1, got ${q}`);
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const t = position - below;
  const a = sorted[below]!;
  const b = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const span = b - a;
  // The span of values near ±1.8e308 overflows; weighting each end does not.
  if (!Number.isFinite(span)) return a * (1 - t) + b * t;
  return (t < 0.5 ? a + span * t : b - span * (1 - t)) + 0;
}

/**
 * The distinct quantiles 1/K, 2/K, …, (K−1)/K of the baseline.
 *
 * @param sorted ascending finite values, at least one
 * @param bins K ≥ 2
 */
export function plainEdges(sorted: ArrayLike<number>, bins: number): number[] {
  const edges: number[] = [];
  for (let i = 1; i < bins; i++) {
    const edge = quantile(sorted, i / bins);
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  return edges;
}

/**
 * Plain edges, and for each value v that holds at least 1/K of the baseline the two edges v and nextUp(v): the atom then sits
 * alone in its bin. Without them a constant or zero-inflated baseline hides drift, as everything at or above the constant
 * shares a bin with it.
 *
 * Edges of K bins are among the edges of any multiple of K bins, so coarse bins are sums of fine ones exactly.
 *
 * @param sorted ascending finite values, at least one
 * @param bins K ≥ 2
 * @returns ascending and distinct; at most 3K
 */
export function atomEdges(sorted: ArrayLike<number>, bins: number): number[] {
  const edges = new Set(plainEdges(sorted, bins));
  for (let from = 0; from < sorted.length; ) {
    const value = sorted[from]!;
    let to = from + 1;
    while (to < sorted.length && sorted[to] === value) to++;
    if ((to - from) * bins >= sorted.length) edges.add(value + 0).add(nextUp(value));
    from = to;
  }
  return [...edges].sort((a, b) => a - b);
}

const view = new DataView(new ArrayBuffer(8));

/** The least double greater than `value` (IEEE 754-2008 nextUp); of the greatest double it is Infinity. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  if (!Number.isFinite(value)) return value;
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0) + 0;
}

/** Index of the bin that holds `value`: the number of edges ≤ value. */
export function binIndex(edges: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts per bin of finite values. @returns edges.length + 1 counts */
export function countBins(edges: Edges, values: Iterable<number>): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binIndex(edges, value)]! += 1;
  return counts;
}

/**
 * Counts over fewer bins: every coarse edge must be one of the fine edges.
 *
 * @param fine edges of `counts`
 * @param counts fine.length + 1 counts
 * @returns coarse.length + 1 counts
 * @throws {RangeError} a coarse edge is not among the fine edges, or the counts do not fit them
 */
export function coarsen(fine: Edges, counts: readonly number[], coarse: Edges): number[] {
  if (counts.length !== fine.length + 1) {
    throw new RangeError(`expected ${fine.length + 1} counts, got ${counts.length}`);
  }
  const result = new Array<number>(coarse.length + 1).fill(0);
  let bin = 0;
  for (let i = 0; i < counts.length; i++) {
    if (i > 0 && bin < coarse.length && fine[i - 1]! === coarse[bin]) bin += 1;
    result[bin]! += counts[i]!;
  }
  if (bin !== coarse.length) throw new RangeError(`expected coarse edges among the fine ones, got ${coarse[bin]}`);
  return result;
}
