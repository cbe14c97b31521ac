import { describe, expect, it } from '@jest/globals';
import { BaselineBuilder, profileOver } from '../../../domain/drift/baseline.ts';
import { CalibrationBuilder } from '../../../domain/drift/calibration.ts';
import { measureFeature } from '../../../domain/drift/measures.ts';
import { baselineFromJson, baselineToJson } from '../../../domain/drift/profile-json.ts';
import { judge } from '../../../domain/drift/verdict.ts';
import { seededRandom } from '../../../domain/evaluation/random.ts';

const FEATURES = [
  { name: 'month', type: 'categorical' },
  { name: 'amount', type: 'numeric' },
] as const;
const POLICY = { effect: 0.1, falseDiscoveryRate: 0.01, exclude: [] };

/** A year of rows in order of time: the month moves by itself, the amount does not. */
function year(rows: number): [string, number][] {
  const random = seededRandom(7);
  return Array.from({ length: rows }, (_, i) => [`m${Math.floor((i * 12) / rows)}`, random() * 100]);
}

function learn(rows: readonly [string, number][]) {
  const builder = new BaselineBuilder(FEATURES);
  for (const row of rows) builder.row(row);
  const baseline = builder.finish();
  const calibration = new CalibrationBuilder(baseline);
  for (const row of rows) calibration.row(row);
  return { ...baseline, calibration: calibration.finish()! };
}

const verdictsOf = (baseline: ReturnType<typeof learn>, rows: readonly [string, number][], calibrated: boolean) => {
  const builder = profileOver(baseline);
  for (const row of rows) builder.row(row, undefined);
  const measured = baseline.features.map((feature) =>
    measureFeature(feature, builder.profile.features.get(feature.name)!),
  );
  const natural = calibrated ? baseline.calibration.effects : undefined;
  const { features } = judge(measured, POLICY, undefined, undefined, natural);
  return Object.fromEntries(features.map(({ name, verdict }) => [name, verdict]));
};

describe('calibration', () => {
  const baseline = learn(year(12_000));

  it('learns what a calendar column moves by, and that the rest stays', () => {
    expect(baseline.calibration.chunks).toBe(10);
    expect(baseline.calibration.effects.get('month')!.psi).toBeGreaterThan(1);
    expect(baseline.calibration.effects.get('amount')!.ks).toBeLessThan(0.06);
  });

  it('keeps weeks like any weeks of training quiet, where fixed thresholds name it', () => {
    const weeks = year(12_000).slice(2_400, 3_400);
    expect(verdictsOf(baseline, weeks, false)).toEqual({ month: 'Drifted', amount: 'Stable' });
    expect(verdictsOf(baseline, weeks, true)).toEqual({ month: 'Stable', amount: 'Stable' });
  });

  it('still names what training never did', () => {
    const moved = year(12_000)
      .slice(2_400, 3_400)
      .map(([month, amount]): [string, number] => [month, amount + 40]);
    expect(verdictsOf(baseline, moved, true)).toEqual({ month: 'Stable', amount: 'Drifted' });
  });

  it('learns nothing from fewer rows than two stretches', () => {
    const short = year(399);
    const builder = new BaselineBuilder(FEATURES);
    for (const row of short) builder.row(row);
    const calibration = new CalibrationBuilder(builder.finish());
    for (const row of short) calibration.row(row);
    expect(calibration.finish()).toBeUndefined();
  });

  it('is kept with the baseline', () => {
    expect(baselineFromJson(baselineToJson(baseline)).calibration).toEqual(baseline.calibration);
  });
});
