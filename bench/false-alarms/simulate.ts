import { chiSquareHomogeneity, poolSmall } from '../../domain/drift/chi-square.ts';
import { populationStabilityIndex, total } from '../../domain/drift/distances.ts';
import { ksTail } from '../../domain/drift/kolmogorov-smirnov.ts';
import { measureFeature } from '../../domain/drift/measures.ts';
import { type CheckedWindow, persistenceOf } from '../../domain/drift/persistence.ts';
import type { CategoricalProfile, FeatureProfile, NumericProfile } from '../../domain/drift/profile.ts';
import { coarsen } from '../../domain/drift/quantile.ts';
import { type DriftPolicy, judge, psiThreshold } from '../../domain/drift/verdict.ts';
import { drawProfile, type Traffic } from './traffic.ts';

/** What a model definition has where it says nothing. */
const POLICY: DriftPolicy = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [] };
const PERSISTENCE = { windows: 2, of: 3 };

const DAY_MS = 86_400_000;
/** More windows than any rule looks back on. */
const HISTORY = 10;

export type WindowProfiles = readonly FeatureProfile[];

/** A window of one day. @param moved a feature, from now on half a standard deviation higher */
export function drawWindow(
  traffic: Traffic,
  day: number,
  rows: number,
  random: () => number,
  moved?: number,
): WindowProfiles {
  const chances = traffic.chances[day % 7]!;
  return traffic.baseline.features.map(({ profile }, feature) => {
    const of = feature === moved ? traffic.shifted(feature)[day % 7]! : chances[feature]!;
    return drawProfile(profile, of, rows, random);
  });
}

/** The shipped verdict on a window. */
export function checkWindow({ baseline }: Traffic, day: number, profiles: WindowProfiles): CheckedWindow {
  const measured = baseline.features.map((feature, i) => measureFeature(feature, profiles[i]!));
  const verdict = judge(measured, POLICY);
  return {
    ...datesOf(day),
    verdict: verdict.verdict,
    drifted: verdict.features.filter((feature) => feature.verdict === 'Drifted').map(({ name }) => name),
    warning: verdict.features.some(({ warning }) => warning),
  };
}

const datesOf = (day: number) => ({
  start: new Date(day * DAY_MS).toISOString(),
  end: new Date((day + 1) * DAY_MS).toISOString(),
});

/**
 * Whether any feature reaches its least effect with a p-value that could be significant: without both the verdict is Stable, and
 * neither holds in most windows. An adjusted p-value is never below the raw one, and a number's is twice the least of its two tests.
 * Rounding may not hide what the verdict would see, so the bars are a hair lower.
 */
export const mayDrift = ({ baseline }: Traffic, profiles: WindowProfiles): boolean =>
  baseline.features.some(({ profile, deciles }, i) => {
    const current = profiles[i]!;
    if (profile.kind === 'numeric' && current.kind === 'numeric') return numbersReach(profile, current, deciles!);
    if (profile.kind === 'categorical' && current.kind === 'categorical') {
      const names = [...new Set([...profile.counts.keys(), ...current.counts.keys()])];
      const countsOf = (side: CategoricalProfile): number[] => names.map((name) => side.counts.get(name) ?? 0);
      const [b, c] = [countsOf(profile), countsOf(current)];
      return stabilityReaches(b, c) && pooledTail(b, c) <= POLICY.falseDiscoveryRate + 1e-9;
    }
    throw new Error(`expected feature ${i} to be ${profile.kind}, got ${current.kind}`);
  });

function numbersReach(before: NumericProfile, current: NumericProfile, deciles: readonly number[]): boolean {
  let between = 0;
  let furthest = 0;
  for (let bin = 0; bin < before.counts.length; bin++) {
    between += before.counts[bin]! / before.n - current.counts[bin]! / current.n;
    furthest = Math.max(furthest, Math.abs(between));
  }
  const b = coarsen(before.edges, before.counts, deciles);
  const c = coarsen(current.edges, current.counts, deciles);
  if (furthest < POLICY.effect - 1e-9 && !stabilityReaches(b, c)) return false;
  const least = POLICY.falseDiscoveryRate / 2 + 1e-9;
  if (ksTail(furthest, before.n, current.n) <= least) return true;
  return pooledTail(b, c) <= least;
}

function pooledTail(b: readonly number[], c: readonly number[]): number {
  const pooled = poolSmall(b, c);
  return chiSquareHomogeneity(pooled.baseline, pooled.current).pValue;
}

const thresholds = new Map<string, number>();

function stabilityReaches(b: readonly number[], c: readonly number[]): boolean {
  const psi = populationStabilityIndex(b, c);
  if (psi < POLICY.effect - 1e-9) return false;
  const bins = b.filter((count, i) => count + c[i]! > 0).length;
  const [n, m] = [total(b), total(c)];
  const key = `${bins} ${n} ${m}`;
  const threshold = thresholds.get(key) ?? psiThreshold(POLICY.effect, bins, n, m);
  thresholds.set(key, threshold);
  return psi >= threshold - 1e-9;
}

/** One model's days of checks, one after the other. */
export class Watch {
  readonly #history: CheckedWindow[] = [];
  /** Alerts so far; one incident is one alert until it has cleared. */
  alerts = 0;
  #open = false;

  /** @returns whether people are told now */
  take(checked: CheckedWindow): boolean {
    const before = this.#history.at(-1);
    this.#history.push(checked);
    if (this.#history.length > HISTORY) this.#history.shift();
    if (checked.verdict === 'Stable' && before?.verdict !== 'Drifted' && !this.#open) return false;
    const { persistent, cleared } = persistenceOf(this.#history, PERSISTENCE);
    if (persistent.length > 0 && !this.#open) {
      this.#open = true;
      this.alerts += 1;
      return true;
    }
    if (cleared) this.#open = false;
    return false;
  }
}

/** A window in which nothing reached its least effect. */
export const quietWindow = (day: number): CheckedWindow => ({
  ...datesOf(day),
  verdict: 'Stable',
  drifted: [],
  warning: false,
});
