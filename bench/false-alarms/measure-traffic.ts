import { measureFeature } from '../../domain/drift/measures.ts';
import type { FeatureProfile } from '../../domain/drift/profile.ts';
import { randomFrom, randomState } from '../captures/random.ts';
import { Monitor, Watch } from './simulate.ts';
import { type Traffic, trafficFrom } from './traffic.ts';

const DAYS = 365;
const BASELINE_ROWS = 10_000;

/** What one baseline's share of the bench is asked for; seeds follow from it, so the answer does not depend on who works it out. */
export interface TrafficTask {
  readonly baseline: number;
  readonly rows: readonly number[];
  readonly years: number;
  /** Of them, in so many one window is judged by the naive rules as well, and by the whole verdict. */
  readonly compared: number;
  /** Shifts of half a standard deviation. */
  readonly trials: number;
}

/** Sums over a baseline's years, for one number of rows a day. */
export interface TrafficSums {
  readonly rows: number;
  readonly years: number;
  readonly alerts: number;
  /** Windows that were judged as drifted, before persistence. */
  readonly drifted: number;
  readonly compared: number;
  readonly anyP: number;
  readonly anyPsi: number;
  readonly trials: number;
  readonly found: number;
}

/** Years in which nothing moves but the hours and the weekdays, and shifts that are to be found. */
export function measureTraffic({ baseline, rows, years, compared, trials }: TrafficTask): TrafficSums[] {
  const traffic = trafficFrom(randomFrom(1_000 + baseline), BASELINE_ROWS);
  return rows.map((perDay): TrafficSums => {
    const monitor = new Monitor(traffic, randomState(2_000_003 * perDay + baseline));
    const quiet = quietYears(traffic, monitor, perDay, years, compared);
    let found = 0;
    for (let trial = 0; trial < trials; trial++) found += Number(isFound(monitor, perDay, trial));
    return { rows: perDay, years, ...quiet, trials, found };
  });
}

function quietYears({ baseline }: Traffic, monitor: Monitor, rows: number, years: number, compared: number) {
  const sums = { alerts: 0, drifted: 0, compared: 0, anyP: 0, anyPsi: 0 };
  for (let year = 0; year < years; year++) {
    const watch = new Watch();
    for (let day = 0; day < DAYS; day++) {
      monitor.draw(day, rows);
      const whole = day === 100 && year < compared;
      const checked = monitor.check(day, whole);
      sums.drifted += Number(checked.verdict === 'Drifted');
      watch.take(checked);
      if (!whole) continue;
      const measured = measuresOf(baseline.features, monitor.profiles());
      sums.compared += 1;
      sums.anyP += Number(measured.some(({ ks, chiSquarePooled }) => (ks?.pValue ?? chiSquarePooled.pValue) < 0.05));
      sums.anyPsi += Number(measured.some(({ psi }) => psi > 0.1));
    }
    sums.alerts += watch.alerts;
  }
  return sums;
}

const measuresOf = (features: Traffic['baseline']['features'], profiles: readonly FeatureProfile[]) =>
  features.map((feature, i) => measureFeature(feature, profiles[i]!).distribution!);

/** After five quiet days, one number moves up by half a standard deviation: whether people are told within three windows. */
function isFound(monitor: Monitor, rows: number, trial: number): boolean {
  const watch = new Watch();
  const start = 14 + (trial % 7);
  for (let day = start - 5; day < start + 3; day++) {
    monitor.draw(day, rows, day < start ? undefined : trial % 28);
    if (watch.take(monitor.check(day)) && day >= start) return true;
  }
  return false;
}
