import type { BaselineFeature } from '../drift/baseline.ts';
import { type CategoricalProfile, type FeatureProfile, validOf } from '../drift/profile.ts';
import { coarsen } from '../drift/quantile.ts';

/** One pair of bars: the share of rows before and now. */
export interface Bar {
  /** Category, or range of a decile. */
  readonly of: string;
  readonly baseline: number;
  readonly current: number;
  /** Everything that has no pair of its own: said in numbers, since a bar of it would dwarf the others. */
  readonly rest?: true;
}

const MOST_BARS = 12;

/** The picture of a feature: deciles in order, or the categories whose shares changed most, the rest together. */
export function barsOf({ profile: before, deciles = [] }: BaselineFeature, current: FeatureProfile): Bar[] {
  const [n, m] = [validOf(before), validOf(current)];
  if (n === 0 || m === 0) return [];
  if (before.kind === 'numeric' && current.kind === 'numeric') {
    const b = coarsen(before.edges, before.counts, deciles);
    const c = coarsen(current.edges, current.counts, deciles);
    return b.map((count, i) => ({ of: rangeOf(deciles, i), baseline: count / n, current: c[i]! / m }));
  }
  return before.kind === 'categorical' && current.kind === 'categorical' ? categoryBars(before, current, n, m) : [];
}

function rangeOf(deciles: readonly number[], i: number): string {
  const [from, to] = [deciles[i - 1], deciles[i]];
  if (from === undefined) return to === undefined ? 'all' : `below ${short(to)}`;
  return to === undefined ? `${short(from)} and above` : `${short(from)} to ${short(to)}`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

function categoryBars(before: CategoricalProfile, current: CategoricalProfile, n: number, m: number): Bar[] {
  const names = [...new Set([...before.counts.keys(), ...current.counts.keys()])];
  const bars = names
    .map((of) => ({ of, baseline: (before.counts.get(of) ?? 0) / n, current: (current.counts.get(of) ?? 0) / m }))
    .sort((a, b) => Math.abs(b.current - b.baseline) - Math.abs(a.current - a.baseline));
  if (bars.length <= MOST_BARS && before.other + current.other === 0) return bars;
  const shown = bars.slice(0, MOST_BARS - 1);
  const rest = (side: 'baseline' | 'current') => Math.max(0, 1 - shown.reduce((sum, bar) => sum + bar[side], 0));
  return [...shown, { of: 'all others', baseline: rest('baseline'), current: rest('current'), rest: true }];
}
