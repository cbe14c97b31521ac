import type { Baseline, BaselineFeature } from './baseline.ts';
import { type FeatureMeasures, measureFeature } from './measures.ts';
import { predictionBaseline } from './prediction.ts';
import type { FeatureProfile, NumericProfile, Profile } from './profile.ts';
import { type DriftPolicy, judge, type ModelVerdict } from './verdict.ts';

/** Captured below this share of what was to be captured, nothing is judged. */
export const COVERAGE_FLOOR = 0.8;

export interface JudgePolicy extends DriftPolicy {
  /** `calibrated`: thresholds are at least what features moved by within training. */
  readonly thresholds?: 'fixed' | 'calibrated';
}

/** A feature's baseline and what it is held against. */
export interface Pair {
  readonly feature: BaselineFeature;
  readonly current: FeatureProfile;
}

export interface JudgedProfile {
  readonly verdict: ModelVerdict;
  readonly pairs: readonly Pair[];
  /** One per pair, in their order. */
  readonly measured: readonly FeatureMeasures[];
}

/**
 * Holds a profile against its baseline: every feature, and the predictions against those of the hold-out.
 *
 * @param heldOut the hold-out's predictions; undefined where a version kept no profile of them
 * @param coverage share of what was to be captured that was; undefined where unknown
 */
export function judgeProfile(
  baseline: Baseline,
  heldOut: NumericProfile | undefined,
  profile: Profile,
  policy: JudgePolicy,
  coverage: number | undefined,
): JudgedProfile {
  const pairs: Pair[] = baseline.features.map((feature) => ({ feature, current: profile.features.get(feature.name)! }));
  if (heldOut && heldOut.edges.length > 0 && profile.prediction) {
    pairs.push({ feature: predictionBaseline(heldOut), current: profile.prediction });
  }
  const measured = pairs.map(({ feature, current }) => measureFeature(feature, current));
  const natural = policy.thresholds === 'calibrated' ? baseline.calibration?.effects : undefined;
  return { verdict: judge(measured, policy, coverage, COVERAGE_FLOOR, natural), pairs, measured };
}
