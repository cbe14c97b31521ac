import { compensatedSum } from './compensated-sum.ts';

/** How far two distributions over the same bins or categories lie apart. All take counts: the same bins in the same order. */
export type Counts = readonly number[];

/** The least share that PSI and KL reckon with, so that an empty bin stays finite. */
export const SHARE_FLOOR = 1e-4;

/**
 * Shares of two histograms over the same bins.
 *
 * @throws {RangeError} different bins, no bins, or a histogram without counts: there is no distribution to compare
 */
function shares(baseline: Counts, current: Counts): (readonly [p: number, q: number])[] {
  if (baseline.length !== current.length || baseline.length === 0) {
    throw new RangeError(`expected two histograms over the same bins, got ${baseline.length} and ${current.length}`);
  }
  const n = total(baseline);
  const m = total(current);
  if (!(n > 0 && m > 0)) throw new RangeError(`expected counts on both sides, got ${n} and ${m}`);
  return baseline.map((count, i) => [count / n, current[i]! / m] as const);
}

/** Sum of counts. */
export const total = (counts: Counts): number => counts.reduce((a, b) => a + b, 0);

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number => compensatedSum(items.map(of));

/**
 * Population stability index, Σ (q′ − p′) ln(q′ / p′), with every share raised to at least the floor and not renormalised.
 *
 * @param floor least share; 0 gives Infinity where one side alone is empty
 * @returns nats, ≥ 0; symmetric; 0 means equal shares
 * @throws {RangeError} different bins or an empty histogram
 * @see Siddiqi (2006), Credit Risk Scorecards; Yurdakul & Naranjo (2020), J. Risk Model Validation 14, for its distribution
 */
export function populationStabilityIndex(baseline: Counts, current: Counts, floor = SHARE_FLOOR): number {
  return sum(shares(baseline, current), ([p, q]) => {
    const from = Math.max(p, floor);
    const to = Math.max(q, floor);
    return from === to ? 0 : (to - from) * Math.log(to / from);
  });
}

/**
 * PSI with half a count added to every bin (Jeffreys' prior) in place of a floor: p = (count + ½) / (n + B/2).
 *
 * @returns nats, ≥ 0
 * @throws {RangeError} different bins or an empty histogram
 */
export function smoothedStabilityIndex(baseline: Counts, current: Counts): number {
  shares(baseline, current);
  const half = (counts: Counts): number[] => counts.map((count) => count + 0.5);
  return populationStabilityIndex(half(baseline), half(current), 0);
}

/**
 * Jensen–Shannon divergence, ½ Σ [p log₂(p/M) + q log₂(q/M)] with M = (p + q)/2 and 0 log 0 = 0.
 *
 * @returns bits, 0 … 1
 * @throws {RangeError} different bins or an empty histogram
 * @see Lin (1991), Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37
 */
export function jensenShannonDivergence(baseline: Counts, current: Counts): number {
  return sum(shares(baseline, current), ([p, q]) => {
    const mean = (p + q) / 2;
    return mean === 0 ? 0 : (mean * divergenceOfRatio((q - p) / (q + p))) / (2 * Math.LN2);
  });
}

/**
 * (1 + r) ln(1 + r) + (1 − r) ln(1 − r): what a bin with shares M (1 − r) and M (1 + r) adds, in units of M.
 *
 * Near r = 0 the two terms cancel to r², so there the series Σ r²ᵏ / (k (2k − 1)) is summed instead.
 */
function divergenceOfRatio(r: number): number {
  if (Math.abs(r) === 1) return 2 * Math.LN2;
  if (Math.abs(r) > 0.25) return (1 + r) * Math.log1p(r) + (1 - r) * Math.log1p(-r);
  let power = 1;
  let series = 0;
  for (let k = 1; k <= 16; k++) {
    power *= r * r;
    series += power / (k * (2 * k - 1));
  }
  return series;
}

/** Jensen–Shannon distance, the square root of the divergence in bits: a metric, 0 … 1. */
export const jensenShannonDistance = (baseline: Counts, current: Counts): number =>
  Math.sqrt(jensenShannonDivergence(baseline, current));

/**
 * Hellinger distance, √(½ Σ (√p − √q)²).
 *
 * @returns 0 … 1; a metric
 * @throws {RangeError} different bins or an empty histogram
 * @see Hellinger (1909), J. reine angew. Math. 136
 */
export const hellingerDistance = (baseline: Counts, current: Counts): number =>
  Math.sqrt(
    sum(shares(baseline, current), ([p, q]) => (p === q ? 0 : ((p - q) / (Math.sqrt(p) + Math.sqrt(q))) ** 2)) / 2,
  );

/** Total variation distance, ½ Σ |p − q|: the share of mass that would have to move. 0 … 1. @throws {RangeError} as PSI */
export const totalVariationDistance = (baseline: Counts, current: Counts): number =>
  sum(shares(baseline, current), ([p, q]) => Math.abs(p - q)) / 2;

/** L∞ distance, max |p − q|; Deequ's and SageMaker's `Simple` form. 0 … 1. @throws {RangeError} as PSI */
export const lInfinity = (baseline: Counts, current: Counts): number =>
  shares(baseline, current).reduce((most, [p, q]) => Math.max(most, Math.abs(p - q)), 0);

/**
 * L∞ less what sampling alone explains, max(0, L∞ − 1.8 √((n + m) / (n m))); Deequ's and SageMaker's `Robust` form.
 *
 * @returns 0 … 1
 * @throws {RangeError} as PSI
 * @see awslabs/deequ, `Distance.scala`
 */
export function lInfinityRobust(baseline: Counts, current: Counts): number {
  const n = total(baseline);
  const m = total(current);
  return Math.max(0, lInfinity(baseline, current) - 1.8 * Math.sqrt((n + m) / n / m));
}

/**
 * Kullback–Leibler divergence of current from baseline, Σ q′ ln(q′ / p′), floored as PSI.
 *
 * @returns nats; not symmetric, and with floored shares it can be slightly negative
 * @throws {RangeError} as PSI
 */
export const kullbackLeibler = (baseline: Counts, current: Counts, floor = SHARE_FLOOR): number =>
  sum(shares(baseline, current), ([p, q]) => {
    const to = Math.max(q, floor);
    return to === 0 ? 0 : to * Math.log(to / Math.max(p, floor));
  });
