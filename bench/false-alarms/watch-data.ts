import { type CaptureTally, emptyTally } from '../../domain/capture/capture-layout.ts';
import type { Baseline } from '../../domain/drift/baseline.ts';
import type { FeatureProfile, NumericProfile } from '../../domain/drift/profile.ts';
import { LEAST_ROWS } from '../../domain/drift/verdict.ts';
import { breaksOf, type DataRow, dataRow } from '../../domain/monitoring/data-quality.ts';
import { randomState } from '../captures/random.ts';
import { countsDrawer, drawCount } from './draw-counts.ts';
import { Incidents, PERSISTENCE } from './incidents.ts';
import { numberChances, seasonOf, type Traffic } from './traffic.ts';

/** Shares of rows without a value in training, feature by feature in turn. */
const MISSING = [0, 0.02, 0.02, 0.2];
/** A feature that has few missing values. */
export const FAULTY = 1;
/** The last is written by hand: what is rare goes on for ever. */
const CATEGORIES = [3, 5, 8, 12, 40, 100, 600];
const ZIPF = 1.1;

/** Draws how a feature looks in a window of so many rows. */
type DrawFeature = (day: number, rows: number, missing: number, random: () => number) => FeatureProfile;

/** A baseline with missing values and rare categories, and the windows that go on like it. */
export interface DataTraffic {
  readonly baseline: Baseline;
  readonly draw: readonly DrawFeature[];
}

/** @param traffic whose numbers these are; categories are others */
export function dataTrafficFrom({ baseline }: Traffic, seed: number, random: () => number): DataTraffic {
  const made = baseline.features.map((feature, i) => {
    const share = MISSING[i % MISSING.length]!;
    const missing = drawCount(Math.round(baseline.rows / (1 - share)), share, random);
    if (feature.profile.kind === 'numeric') {
      const profile = { ...feature.profile, missing };
      return [{ ...feature, profile }, numbers(i, profile)] as const;
    }
    const chances = zipf(CATEGORIES[i % CATEGORIES.length]!);
    const counts = new Int32Array(chances.length);
    countsDrawer(chances).draw(baseline.rows, randomState(seed + i), counts);
    const named = new Map([...counts].flatMap((count, c) => (count > 0 ? [[`c${c}`, count] as const] : [])));
    const unseen = counts.reduce((sum, count, c) => sum + (count === 0 ? chances[c]! : 0), 0);
    const profile: FeatureProfile = { kind: 'categorical', counts: named, other: 0, missing, unreadable: 0 };
    return [{ ...feature, profile }, categories(unseen)] as const;
  });
  return { baseline: { ...baseline, features: made.map(([feature]) => feature) }, draw: made.map(([, draw]) => draw) };
}

/** What is counted at both ends, and whether it reaches beyond what training had: the constraints ask for nothing else. */
function numbers(feature: number, profile: NumericProfile): DrawFeature {
  const { edges, min, max } = profile;
  const ends = [min, edges[0]!, edges.at(-1)!, max];
  const chances = Array.from({ length: 7 }, (_, day) => numberChances(ends, seasonOf(day), feature, 0));
  return (day, rows, missing, random) => {
    const n = rows - missing;
    const [below, low, , high, above] = [...chances[day]!].map((chance, end) =>
      end === 2 ? 0 : drawCount(n, chance, random),
    ) as [number, number, number, number, number];
    const counts = [below + low, n - below - low - high - above, high + above];
    const reached = { min: below > 0 ? min - 1 : min, max: above > 0 ? max + 1 : max };
    return { ...profile, counts, n, missing, ...reached };
  };
}

/** @param unseen the share that training never saw */
const categories =
  (unseen: number): DrawFeature =>
  (_day, rows, missing, random) => {
    const fresh = drawCount(rows - missing, unseen, random);
    const counts = new Map([['c0', rows - missing - fresh] as const, ...(fresh > 0 ? [['new', fresh] as const] : [])]);
    return { kind: 'categorical', counts, other: 0, missing, unreadable: 0 };
  };

function zipf(k: number): Float64Array {
  const weights = Float64Array.from({ length: k }, (_, i) => (i + 1) ** -ZIPF);
  const all = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / all);
}

/**
 * Days on which people were told of broken data.
 *
 * @param rows by day; days with too few lend theirs to the next
 * @param fault one feature's share of missing values from a day on
 */
export function watchData(
  { baseline, draw }: DataTraffic,
  rows: readonly number[],
  random: () => number,
  fault?: { readonly from: number; readonly missing: number },
): number[] {
  const told: number[] = [];
  const incidents = new Incidents();
  let judged: { readonly data?: DataRow }[] = [];
  let carried = 0;
  rows.forEach((ofDay, day) => {
    carried += ofDay;
    if (carried < LEAST_ROWS) return;
    const features = new Map(
      baseline.features.map(({ name }, i) => {
        const share = fault && i === FAULTY && day >= fault.from ? fault.missing : MISSING[i % MISSING.length]!;
        return [name, draw[i]!(day % 7, carried, drawCount(carried, share, random), random)] as const;
      }),
    );
    const tally: CaptureTally = { ...emptyTally(), rows: carried };
    const data = dataRow(breaksOf(baseline, { rows: carried, features }, tally), judged, PERSISTENCE);
    judged = [...judged, { data }].slice(-PERSISTENCE.of);
    carried = 0;
    if (incidents.take({ found: data.persistent.length > 0, over: data.broken.length === 0 })) told.push(day);
  });
  return told;
}
