import { benjaminiHochberg } from '../../domain/drift/adjusted-p-values.ts';
import type { BaselineFeature } from '../../domain/drift/baseline.ts';
import { chiSquareHomogeneity, poolSmall, scattered } from '../../domain/drift/chi-square.ts';
import { SHARE_FLOOR } from '../../domain/drift/distances.ts';
import { ksTail } from '../../domain/drift/kolmogorov-smirnov.ts';
import { coarsen } from '../../domain/drift/quantile.ts';
import { type DriftPolicy, psiThreshold } from '../../domain/drift/verdict.ts';
import { NAMES } from './traffic.ts';

/** Rounding may not hide what the verdict would see: every bar is a hair lower. */
const HAIR = 1e-9;

/** What is known of one feature's baseline, laid out for counting. */
interface ScreenedFeature {
  /** @returns whether the least effect is reached, which is what most windows end at */
  readonly reaches: (counts: Int32Array) => boolean;
  /** The p-value that the verdict adjusts: Bonferroni's over the feature's own tests. */
  readonly pValue: (counts: Int32Array) => number;
}

/**
 * Whether a window may be judged as drifted: some feature reaches its least effect and its adjusted p-value is significant. It is
 * never wrong where it says no, so the whole verdict is asked for in a few windows of a hundred only; the bench holds it
 * against the whole verdict.
 */
export function screenOf(features: readonly BaselineFeature[], policy: DriftPolicy) {
  const screened = features.map((feature, i) => screenedFeature(feature, i, policy.effect));
  return (window: readonly Int32Array[]): boolean => {
    const reaching = screened.flatMap(({ reaches }, i) => (reaches(window[i]!) ? [i] : []));
    // An adjusted p-value is never below the raw one.
    const few = reaching.filter((i) => screened[i]!.pValue(window[i]!) <= policy.falseDiscoveryRate + HAIR);
    if (few.length === 0) return false;
    const q = benjaminiHochberg(screened.map(({ pValue }, i) => pValue(window[i]!)));
    return few.some((i) => q[i]! <= policy.falseDiscoveryRate + HAIR);
  };
}

function screenedFeature({ profile, deciles = [] }: BaselineFeature, index: number, effect: number): ScreenedFeature {
  if (profile.kind === 'categorical') {
    const names = NAMES.slice(0, profile.counts.size);
    const before = names.map((name) => {
      const count = profile.counts.get(name);
      if (count === undefined) throw new Error(`expected ${name} among the categories of feature ${index}, got none`);
      return count;
    });
    const isUnstable = stabilityScreen(before, effect);
    // Categories of one total are pooled in the order that the verdict has them in.
    const order = scattered(names).map((name) => names.indexOf(name));
    const ordered = order.map((i) => before[i]!);
    return {
      reaches: isUnstable,
      pValue: (counts) =>
        pooledTail(
          ordered,
          order.map((i) => counts[i]!),
        ),
    };
  }
  const { edges, n } = profile;
  const before = coarsen(edges, profile.counts, deciles);
  const isUnstable = stabilityScreen(before, effect);
  const below = cumulated(profile.counts, n);
  const decileOf = decilesOf(edges, deciles);
  const coarse = new Int32Array(before.length);
  const coarsened = (counts: Int32Array): Int32Array => {
    coarse.fill(0);
    for (let bin = 0; bin < counts.length; bin++) coarse[decileOf[bin]!]! += counts[bin]!;
    return coarse;
  };
  return {
    reaches: (counts) => furthest(below, counts) >= effect - HAIR || isUnstable(coarsened(counts)),
    pValue: (counts) => {
      const ks = ksTail(furthest(below, counts), n, sumOf(counts));
      return Math.min(1, 2 * Math.min(ks, pooledTail(before, [...coarsened(counts)])));
    },
  };
}

function cumulated(counts: readonly number[], n: number): Float64Array {
  let sum = 0;
  return Float64Array.from(counts, (count) => {
    sum += count;
    return sum / n;
  });
}

/** By fine bin, the decile it belongs to; every decile's edge is a fine one. */
function decilesOf(edges: readonly number[], deciles: readonly number[]): Uint8Array {
  let decile = 0;
  return Uint8Array.from({ length: edges.length + 1 }, (_, bin) => {
    if (bin > 0 && edges[bin - 1] === deciles[decile]) decile += 1;
    return decile;
  });
}

/** The lower bound of D. */
function furthest(below: Float64Array, counts: Int32Array): number {
  const rows = sumOf(counts);
  let seen = 0;
  let most = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    seen += counts[bin]!;
    const between = Math.abs(below[bin]! - seen / rows);
    if (between > most) most = between;
  }
  return most;
}

/** PSI against its threshold, which follows from the bins in use and the rows. */
function stabilityScreen(before: readonly number[], effect: number): (counts: Int32Array) => boolean {
  const n = before.reduce((sum, count) => sum + count, 0);
  const p = Float64Array.from(before, (count) => Math.max(count / n, SHARE_FLOOR));
  const thresholds = new Map<number, number>();
  return (counts) => {
    const rows = sumOf(counts);
    let psi = 0;
    let bins = 0;
    for (let bin = 0; bin < counts.length; bin++) {
      const count = counts[bin]!;
      if (count + before[bin]! > 0) bins += 1;
      const q = Math.max(count / rows, SHARE_FLOOR);
      psi += (q - p[bin]!) * Math.log(q / p[bin]!);
    }
    if (psi < effect - HAIR) return false;
    const key = bins * 100_000 + rows;
    const threshold = thresholds.get(key) ?? psiThreshold(effect, bins, n, rows);
    thresholds.set(key, threshold);
    return psi >= threshold - HAIR;
  };
}

function sumOf(counts: Int32Array): number {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) sum += counts[bin]!;
  return sum;
}

function pooledTail(before: readonly number[], counts: readonly number[]): number {
  const whole = chiSquareHomogeneity(before, counts);
  // Where nothing is small, nothing is pooled.
  if (whole.minExpected >= 5) return whole.pValue;
  const pooled = poolSmall(before, counts);
  return chiSquareHomogeneity(pooled.baseline, pooled.current).pValue;
}
