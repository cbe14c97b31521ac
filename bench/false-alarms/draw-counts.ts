import { type RandomState, randomFromState } from '../captures/random.ts';

/** Fewer expected hits than this are tried one by one; more are a rounded normal deviate, whose error is below what a window can show. */
const LEAST_HITS = 16;

/** As many rows as this or fewer are drawn each by itself: exact, and quicker where rows are few. */
const ROW_BY_ROW = 2_000;

/** Cells of the table that says where to begin looking for a bin. @see Chen & Asau (1974), AIIE Transactions 6 */
const GUIDE = 1_024;

/** Standard normal quantiles at (i + ½) / 65,536. */
const NORMAL = normalQuantiles(1 << 16);

/** Draws how many of some rows fall into each bin; made once for its chances, and draws without making anything. */
export interface CountsDrawer {
  /** Bins. */
  readonly bins: number;
  /** @param into one place per bin; what it held is written over */
  readonly draw: (rows: number, state: RandomState, into: Int32Array) => void;
}

/** @param chances summing to 1 */
export function countsDrawer(chances: Float64Array): CountsDrawer {
  const byRow = rowDrawer(chances);
  const byHalves = halvesDrawer(chances);
  return {
    bins: chances.length,
    draw: (rows, state, into) => (rows <= ROW_BY_ROW ? byRow : byHalves)(rows, state, into),
  };
}

/** Each row by itself. */
function rowDrawer(chances: Float64Array): CountsDrawer['draw'] {
  const below = new Float64Array(chances.length);
  let sum = 0;
  chances.forEach((chance, i) => {
    sum += chance;
    below[i] = sum;
  });
  below[below.length - 1] = Number.POSITIVE_INFINITY;
  const first = Uint16Array.from({ length: GUIDE }, (_, i) => below.findIndex((edge) => i / GUIDE < edge));
  return (rows, state, into) => {
    into.fill(0);
    let [x, y, z, w] = [state[0]!, state[1]!, state[2]!, state[3]!];
    for (let row = 0; row < rows; row++) {
      const t = x ^ (x << 11);
      x = y;
      y = z;
      z = w;
      w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
      const u = (w >>> 0) / 4_294_967_296;
      let bin = first[(u * GUIDE) | 0]!;
      while (u >= below[bin]!) bin += 1;
      into[bin]! += 1;
    }
    state.set([x, y, z, w]);
  };
}

/** Halves of halves, so that a multinomial draw is one binomial draw per node of a tree. */
function halvesDrawer(chances: Float64Array): CountsDrawer['draw'] {
  const leaves = 2 ** Math.ceil(Math.log2(chances.length));
  const tree = new Float64Array(2 * leaves);
  tree.set(chances, leaves);
  for (let node = leaves - 1; node > 0; node--) tree[node] = tree[2 * node]! + tree[2 * node + 1]!;
  const share = Float64Array.from({ length: leaves }, (_, node) =>
    tree[node]! > 0 ? Math.min(1, tree[2 * node]! / tree[node]!) : 1,
  );
  const counts = new Int32Array(2 * leaves);
  return (rows, state, into) => {
    const random = randomFromState(state);
    counts[1] = rows;
    for (let node = 1; node < leaves; node++) {
      const n = counts[node]!;
      const left = n === 0 ? 0 : drawBinomial(n, share[node]!, random);
      counts[2 * node] = left;
      counts[2 * node + 1] = n - left;
    }
    for (let bin = 0; bin < into.length; bin++) into[bin] = counts[leaves + bin]!;
  };
}

/** As a count of few hits is drawn in as many steps as it has hits. @see Kachitvichyanukul & Schmeiser (1988), BINV */
export function drawCount(n: number, p: number, random: () => number): number {
  if (n === 0 || p <= 0) return 0;
  if (n * p >= LEAST_HITS || p > 0.5) return drawBinomial(n, p, random);
  let chance = Math.exp(n * Math.log1p(-p));
  let left = random();
  let hits = 0;
  for (; left >= chance && hits < n; hits++) {
    left -= chance;
    chance *= ((n - hits) * p) / ((hits + 1) * (1 - p));
  }
  return hits;
}

function drawBinomial(n: number, p: number, random: () => number): number {
  const rare = p > 0.5 ? 1 - p : p;
  if (n * rare >= LEAST_HITS) {
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
