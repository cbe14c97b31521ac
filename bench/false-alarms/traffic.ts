import { type Baseline, BaselineBuilder, type DeclaredFeature } from '../../domain/drift/baseline.ts';
import type { FeatureProfile } from '../../domain/drift/profile.ts';
import { normalFrom } from '../captures/random.ts';
import { type CountsDrawer, countsDrawer } from './draw-counts.ts';

const HOURS = 24;
const DAYS = 7;

/** Categories of the categorical features: flags, weekdays, airports, and more than a window can fill. */
const CATEGORIES = [3, 5, 7, 12, 40, 100, 195] as const;

/** Of categories; a feature of k has the first k. */
export const NAMES = Array.from({ length: Math.max(...CATEGORIES) }, (_, i) => `c${i}`);

/** 35 features: 28 numbers and 7 of categories. */
const FEATURES: readonly DeclaredFeature[] = Array.from({ length: 35 }, (_, i) => ({
  name: `f${i}`,
  type: i < 28 ? ('numeric' as const) : ('categorical' as const),
}));

/** What traffic is like in an hour of the week. A number is standard normal about a mean that follows the hour and the weekday. */
export interface Season {
  /** Share of the day's rows. */
  readonly weights: readonly number[];
  /** By feature, in standard deviations. */
  readonly mean: (feature: number, hour: number) => number;
}

/** Half a standard deviation between day and night, a fifth between working days and weekends, each feature at its own hour. */
export const seasonOf = (day: number): Season => ({
  weights: Array.from({ length: HOURS }, (_, hour) => 1 + 0.8 * Math.sin((2 * Math.PI * (hour - 9)) / HOURS)),
  mean: (feature, hour) =>
    0.25 * Math.sin((2 * Math.PI * (hour + 5 * feature)) / HOURS) + (day >= 5 ? 0.2 : 0) * Math.cos(feature),
});

/** What a window's counts are drawn by: the chances of every feature's bins, by day of the week. */
export interface Traffic {
  readonly baseline: Baseline;
  /** By day and feature; a feature's bins are its edges' or its categories. */
  readonly drawers: readonly (readonly CountsDrawer[])[];
  /** By day, the same with one number moved up by half a standard deviation. */
  readonly shifted: (feature: number) => readonly CountsDrawer[];
}

/** Draws a baseline of rows over whole weeks, and knows the traffic that goes on as before. */
export function trafficFrom(random: () => number, baselineRows: number): Traffic {
  const seasons = Array.from({ length: DAYS }, (_, day) => seasonOf(day));
  const builder = new BaselineBuilder(FEATURES);
  for (let i = 0; i < baselineRows; i++) {
    const { mean, weights } = seasons[i % DAYS]!;
    const hour = pick(weights, random);
    builder.row(
      FEATURES.map(({ type }, f) =>
        type === 'numeric' ? normalFrom(random) + mean(f, hour) : categoryAt(CATEGORIES[f - 28]!, random()),
      ),
    );
  }
  const baseline = builder.finish();
  const chancesOf = (season: Season, feature: number, shift = 0): Float64Array => {
    const { profile } = baseline.features[feature]!;
    if (profile.kind === 'numeric') return numberChances(profile.edges, season, feature, shift);
    return Float64Array.from({ length: CATEGORIES[feature - 28]! }, (_, i) =>
      categoryChance(CATEGORIES[feature - 28]!, i),
    );
  };
  const shifted = new Map<number, CountsDrawer[]>();
  return {
    baseline,
    drawers: seasons.map((season) => FEATURES.map((_, f) => countsDrawer(chancesOf(season, f)))),
    shifted: (feature) => {
      const known = shifted.get(feature) ?? seasons.map((season) => countsDrawer(chancesOf(season, feature, 0.5)));
      shifted.set(feature, known);
      return known;
    },
  };
}

/** A window's profile of one feature. */
export function profileOf(like: FeatureProfile, counts: Int32Array): FeatureProfile {
  if (like.kind === 'categorical') {
    const named = new Map<string, number>();
    counts.forEach((count, i) => {
      if (count > 0) named.set(NAMES[i]!, count);
    });
    return { ...like, counts: named, missing: 0 };
  }
  const rows = counts.reduce((sum, count) => sum + count, 0);
  // Moments are not judged; D, PSI and χ² are of the counts.
  return { ...like, counts: [...counts], n: rows, missing: 0, sum: 0, sumError: 0, m2: rows };
}

/** The chances of the bins between edges, for a number of a day. @param shift in standard deviations */
export function numberChances(edges: readonly number[], season: Season, feature: number, shift: number): Float64Array {
  const total = season.weights.reduce((a, b) => a + b, 0);
  const chances = new Float64Array(edges.length + 1);
  season.weights.forEach((weight, hour) => {
    const mean = season.mean(feature, hour) + shift;
    let below = 0;
    for (let bin = 0; bin <= edges.length; bin++) {
      const next = bin === edges.length ? 1 : normalBelow(edges[bin]! - mean);
      chances[bin]! += (weight / total) * (next - below);
      below = next;
    }
  });
  return chances;
}

/** Of k categories the i-th holds (i + 1)^−0.7 of the whole: a few large ones and many small. */
const categoryChance = (k: number, i: number): number => (i + 1) ** -0.7 / harmonic(k);
const harmonics = new Map<number, number>();

function harmonic(k: number): number {
  let sum = harmonics.get(k);
  if (sum === undefined) {
    sum = Array.from({ length: k }, (_, i) => (i + 1) ** -0.7).reduce((a, b) => a + b, 0);
    harmonics.set(k, sum);
  }
  return sum;
}

function categoryAt(k: number, share: number): string {
  let left = share;
  for (let i = 0; i < k - 1; i++) {
    left -= categoryChance(k, i);
    if (left < 0) return `c${i}`;
  }
  return `c${k - 1}`;
}

function pick(weights: readonly number[], random: () => number): number {
  let left = random() * weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!;
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/** Standard normal distribution to 1e-7. @see Abramowitz & Stegun (1964), 26.2.17 */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}
