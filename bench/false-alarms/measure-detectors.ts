import { type RandomState, randomFrom, randomFromState, randomState } from '../captures/random.ts';
import { QUIET_BEFORE, WITHIN } from './incidents.ts';
import { quietDays } from './quiet-days.ts';
import { trafficFrom } from './traffic.ts';
import { type DataTraffic, dataTrafficFrom, watchData } from './watch-data.ts';
import { watchEndpoint } from './watch-endpoint.ts';
import { ScoreTraffic, watchScores } from './watch-scores.ts';

const DAYS = 365;
const BASELINE_ROWS = 10_000;

/** Detectors that look at what nobody has outcomes of, besides drift and skew of the features. */
export const DETECTORS = ['usage', 'service', 'data', 'estimate', 'prediction'] as const;
export type WatchingDetector = (typeof DETECTORS)[number];

/** Faults that people are to be told of, and the detector that tells. */
export const FAULTS = {
  'calls −50 %': 'usage',
  'p99 ×2': 'service',
  '5xx 1 % → 5 %': 'service',
  'missing 2 % → 10 %': 'data',
  'scores half as far apart': 'estimate',
  'scores half a deviation higher': 'prediction',
} as const satisfies Readonly<Record<string, WatchingDetector>>;
export type Fault = keyof typeof FAULTS;

/** What one baseline's share is asked for; seeds follow from it, so the answer does not depend on who works it out. */
export interface DetectorTask {
  readonly baseline: number;
  readonly rows: readonly number[];
  readonly years: number;
  readonly trials: number;
}

/** Sums over a baseline's years, for one number of rows a day. */
export interface DetectorSums {
  readonly rows: number;
  readonly years: number;
  /** Incidents of quiet years. */
  readonly opened: Readonly<Record<WatchingDetector, number>>;
  readonly trials: number;
  /** Faults that people were told of within three windows. */
  readonly found: Readonly<Record<Fault, number>>;
}

/** Years that begin with a model's first call and in which nothing is wrong, and faults that are to be found. */
export function measureDetectors({ baseline, rows, years, trials }: DetectorTask): DetectorSums[] {
  const random = randomFrom(1_000 + baseline);
  const data = dataTrafficFrom(trafficFrom(random, BASELINE_ROWS), baseline, random);
  const scores = new ScoreTraffic(randomState(77 + baseline));
  const sums: DetectorSums[] = [];
  for (const perDay of rows) {
    const state = randomState(3_000_017 * perDay + baseline);
    const draw = randomFromState(state);
    const opened = { usage: 0, service: 0, data: 0, estimate: 0, prediction: 0 };
    for (let year = 0; year < years; year++) {
      const days = quietDays(perDay, DAYS, draw);
      const ofDays = days.map(({ calls }) => calls);
      const endpoint = watchEndpoint(days);
      const ofScores = watchScores(scores, ofDays, state);
      const told = { ...endpoint, ...ofScores, data: watchData(data, ofDays, draw) };
      for (const detector of DETECTORS) opened[detector] += told[detector].length;
    }
    const found = faultsFound({ data, scores }, perDay, trials, state);
    sums.push({ rows: perDay, years, opened, trials, found });
  }
  return sums;
}

interface Watched {
  readonly data: DataTraffic;
  readonly scores: ScoreTraffic;
}

/** How often people are told of each fault within three windows of its beginning. */
function faultsFound(
  { data, scores }: Watched,
  perDay: number,
  trials: number,
  state: RandomState,
): Record<Fault, number> {
  const draw = randomFromState(state);
  const found = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<Fault, number>;
  for (let trial = 0; trial < trials; trial++) {
    const from = QUIET_BEFORE + (trial % 7);
    const isFound = (told: readonly number[]): number => Number(told.some((day) => day >= from));
    const days = (fault?: Parameters<typeof quietDays>[3]) => quietDays(perDay, from + WITHIN, draw, fault);
    // Few windows before it are enough where nothing is held against the weeks before.
    const calls = days().map((day, i) => (i < from - 7 ? 0 : day.calls));
    const slow = watchEndpoint(days({ from, p99: 2 }));
    found['calls −50 %'] += isFound(watchEndpoint(days({ from, calls: 0.5 })).usage);
    found['p99 ×2'] += isFound(slow.service);
    found['5xx 1 % → 5 %'] += isFound(watchEndpoint(days({ from, errors5xx: 0.05 })).service);
    found['missing 2 % → 10 %'] += isFound(watchData(data, calls, draw, { from, missing: 0.1 }));
    found['scores half as far apart'] += isFound(watchScores(scores, calls, state, { from, spread: 0.5 }).estimate);
    found['scores half a deviation higher'] += isFound(
      watchScores(scores, calls, state, { from, higher: 0.5 }).prediction,
    );
  }
  return found;
}
