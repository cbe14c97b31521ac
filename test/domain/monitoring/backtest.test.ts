import { describe, expect, it } from '@jest/globals';
import { BaselineBuilder, profileOver } from '../../../domain/drift/baseline.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';
import { type BacktestPolicy, backtest } from '../../../domain/monitoring/backtest.ts';

const random = seededRandom(5);
const DAY_MS = 86_400_000;
const POLICY: BacktestPolicy = {
  effect: 0.1,
  falseDiscoveryRate: 0.01,
  persistence: { windows: 2, of: 3 },
  exclude: [],
};

const builder = new BaselineBuilder([{ name: 'x', type: 'numeric' }]);
for (let i = 0; i < 5_000; i++) builder.row([random()]);
const baseline = builder.finish();

/** One day per shift; `null`: nobody asked. */
const days = (shifts: readonly (number | null)[], rows = 500) =>
  shifts.map((shift, i) => {
    const counted = profileOver(baseline);
    for (let row = 0; row < rows; row++) counted.row([random() + (shift ?? 0)], undefined);
    return {
      start: new Date(Date.UTC(2026, 1, 1) + i * DAY_MS).toISOString(),
      end: new Date(Date.UTC(2026, 1, 2) + i * DAY_MS).toISOString(),
      profile: shift === null ? undefined : counted.profile,
    };
  });

const alarmsOf = (shifts: readonly (number | null)[], policy: Partial<BacktestPolicy> = {}, rows?: number) =>
  backtest(baseline, undefined, days(shifts, rows), { ...POLICY, ...policy }).alarms.map(({ at, detector }) => [
    at.slice(8, 10),
    detector,
  ]);

describe('a backtest', () => {
  it('opens one alarm per stretch of drift, as checks do', () => {
    expect(alarmsOf([0, 0, 0.3, 0.3, 0.3, 0, 0, 0.3, 0.3])).toEqual([
      ['05', 'drift'],
      ['10', 'drift'],
    ]);
  });

  it('tells skew apart', () => {
    expect(alarmsOf([0.3, 0.3, 0.3])).toEqual([['03', 'skew']]);
  });

  it('shows what another threshold, or an excluded feature, would have saved', () => {
    expect(alarmsOf([0, 0.15, 0.15, 0.15])).toHaveLength(1);
    expect(alarmsOf([0, 0.15, 0.15, 0.15], { effect: 5 })).toEqual([]);
    expect(alarmsOf([0, 0.3, 0.3], { exclude: ['x'] })).toEqual([]);
    expect(alarmsOf([0, 0.3, 0.3], { persistence: { windows: 3, of: 3 } })).toEqual([]);
  });

  it('lends rows of windows that were too small to the next', () => {
    const { windows } = backtest(baseline, undefined, days([0, 0, null, 0], 120), POLICY);
    expect(windows.map(({ verdict }) => verdict)).toEqual([
      'InsufficientData',
      'Stable',
      'InsufficientData',
      'InsufficientData',
    ]);
  });

  it('counts alarms per week', () => {
    const result = backtest(baseline, undefined, days([0, 0, 0, 0.3, 0.3, 0.3, 0.3]), POLICY);
    expect(result.alarmsPerWeek).toBe(1);
    expect(backtest(baseline, undefined, [], POLICY)).toEqual({ windows: [], alarms: [], alarmsPerWeek: 0 });
  });
});
