/** Fewer trials than this are tried one by one; more are a rounded normal deviate, whose error is below what a window can show. */
const ONE_BY_ONE = 64;

/** As many rows as this or fewer are drawn each by itself. */
const ROW_BY_ROW = 2_000;

/** Cells of the table that says where to begin looking for a bin. @see Chen & Asau (1974), AIIE Transactions 6 */
const GUIDE = 1_024;
const guides = new WeakMap<Float64Array, { readonly below: Float64Array; readonly first: Uint16Array }>();

/** Standard normal quantiles at (i + ½) / 65,536. */
const NORMAL = normalQuantiles(1 << 16);

/** Sums of chances over halves of halves, so that a multinomial draw is one binomial draw per node. */
const trees = new WeakMap<Float64Array, Float64Array>();

/**
 * Draws how many of `rows` fall into each bin.
 *
 * @param chances summing to 1
 * @returns counts summing to rows
 */
export function drawCounts(chances: Float64Array, rows: number, random: () => number): number[] {
  if (rows <= ROW_BY_ROW) return drawRows(chances, rows, random);
  const tree = trees.get(chances) ?? treeOf(chances);
  const leaves = tree.length / 2;
  const counts = new Array<number>(tree.length).fill(0);
  counts[1] = rows;
  for (let node = 1; node < leaves; node++) {
    const n = counts[node]!;
    if (n === 0) continue;
    const whole = tree[node]!;
    const left = whole > 0 ? drawBinomial(n, tree[2 * node]! / whole, random) : n;
    counts[2 * node] = left;
    counts[2 * node + 1] = n - left;
  }
  return counts.slice(leaves, leaves + chances.length);
}

/** Each row by itself: exact, and quicker where rows are few. */
function drawRows(chances: Float64Array, rows: number, random: () => number): number[] {
  const { below, first } = guides.get(chances) ?? guideOf(chances);
  const counts = new Array<number>(chances.length).fill(0);
  for (let row = 0; row < rows; row++) {
    const u = random();
    let bin = first[(u * GUIDE) | 0]!;
    while (u >= below[bin]!) bin += 1;
    counts[bin]! += 1;
  }
  return counts;
}

function guideOf(chances: Float64Array) {
  const below = new Float64Array(chances.length);
  let sum = 0;
  chances.forEach((chance, i) => {
    sum += chance;
    below[i] = sum;
  });
  below[below.length - 1] = Number.POSITIVE_INFINITY;
  const first = Uint16Array.from({ length: GUIDE }, (_, i) => below.findIndex((edge) => i / GUIDE < edge));
  const guide = { below, first };
  guides.set(chances, guide);
  return guide;
}

function treeOf(chances: Float64Array): Float64Array {
  const leaves = 2 ** Math.ceil(Math.log2(chances.length));
  const tree = new Float64Array(2 * leaves);
  tree.set(chances, leaves);
  for (let node = leaves - 1; node > 0; node--) tree[node] = tree[2 * node]! + tree[2 * node + 1]!;
  trees.set(chances, tree);
  return tree;
}

function drawBinomial(n: number, p: number, random: () => number): number {
  if (n * Math.min(p, 1 - p) >= ONE_BY_ONE / 4) {
    const deviate = NORMAL[(random() * NORMAL.length) | 0]!;
    return Math.min(n, Math.max(0, Math.round(n * p + deviate * Math.sqrt(n * p * (1 - p)))));
  }
  let hits = 0;
  for (let i = 0; i < n; i++) if (random() < p) hits += 1;
  return hits;
}

/** By Newton's steps on the integral of the density, from the middle outwards. */
function normalQuantiles(count: number): Float64Array {
  const quantiles = new Float64Array(count);
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  let x = 0;
  for (let i = count / 2; i < count; i++) {
    const step = (i === count / 2 ? 0.5 : 1) / count;
    // The midpoint rule over one step of 1/65,536 is good to 1e-9.
    const middle = x + step / density(x) / 2;
    x += step / density(middle);
    quantiles[i] = x;
    quantiles[count - 1 - i] = -x;
  }
  return quantiles;
}
