import type { Baseline } from './baseline.ts';
import type { NumericProfile, Profile } from './profile.ts';
import { PREDICTION } from './verdict.ts';

/** What a window is held against once some of it was said to be as it should be. */
export interface ReBaselined {
  readonly baseline: Baseline;
  /** The window's predictions, where these are among the features. */
  readonly prediction?: NumericProfile;
}

/**
 * A baseline whose named features are as a window had them; all others stay as training had them, and so do all bins, so that
 * hours that are profiled already can be held against it.
 *
 * @param profile of a window, over the baseline's bins
 * @param features names of the baseline's, or the prediction
 * @throws {RangeError} a feature that the baseline does not have
 */
export function reBaseline(baseline: Baseline, profile: Profile, features: readonly string[]): ReBaselined {
  const known = new Set(baseline.features.map(({ name }) => name));
  const unknown = features.filter((name) => name !== PREDICTION && !known.has(name));
  if (unknown.length > 0) throw new RangeError(`expected features of the baseline, got ${unknown.join(', ')}`);
  return {
    baseline: {
      ...baseline,
      features: baseline.features.map((feature) =>
        features.includes(feature.name) ? { ...feature, profile: profile.features.get(feature.name)! } : feature,
      ),
    },
    ...(features.includes(PREDICTION) && profile.prediction && { prediction: profile.prediction }),
  };
}
