import type { BaselineFeature } from '../drift/baseline.ts';
import type { FeatureMeasures } from '../drift/measures.ts';
import {
  type CategoricalProfile,
  deviationOf,
  type FeatureProfile,
  meanOf,
  type NumericProfile,
  validOf,
} from '../drift/profile.ts';
import { PREDICTION } from '../drift/verdict.ts';

export type CauseRule =
  | 'upstream-null'
  | 'new-category'
  | 'vanished-category'
  | 'unit-change'
  | 'range-clip'
  | 'population-shift';

/** Why a feature may have moved: the rule that says so, and on what evidence. A rule is a hint, and says how good it was so far. */
export interface LikelyCause {
  readonly rule: CauseRule;
  readonly evidence: string;
}

/** Points of the missing share, and shares of new categories, that are worth a word. */
const MISSING_POINTS = 0.05;
const NEW_SHARE = 0.02;
/** What of training's values must be gone, and what each must have had, to be taken for a source that is missing. */
const VANISHED_SHARE = 0.05;
const VANISHED_EACH = 0.01;
/** Of a category that has not stopped, as many would have been seen. */
const EXPECTED_ROWS = 10;
/** How near a ratio of means and of spreads must be to a known factor. */
const FACTOR_TOLERANCE = 0.03;
/** What training had beyond the clip, at least. */
const CLIPPED_SHARE = 0.01;
/** What is found at the clip of what is to be found there: both are samples. */
const SAMPLED = 0.8;

/** Factors between units that get mixed up. */
const FACTORS: readonly (readonly [factor: number, units: string])[] = [
  [1000, 'thousands (kilo, milli)'],
  [1_000_000, 'millions (mega, micro)'],
  [100, 'hundreds (cents, per cent)'],
  [60, 'minutes and seconds, or hours and minutes'],
  [3600, 'hours and seconds'],
  [24, 'days and hours'],
  [1.609344, 'miles and kilometres'],
  [2.54, 'inches and centimetres'],
  [3.28084, 'metres and feet'],
  [2.20462, 'kilograms and pounds'],
];

/** Every rule that speaks for a feature that moved, most telling first; population shift where none other does. */
export function likelyCauses(
  baseline: BaselineFeature,
  current: FeatureProfile,
  measures: FeatureMeasures,
  movedTogether: readonly string[],
): LikelyCause[] {
  if (baseline.name === PREDICTION) return [];
  const before = baseline.profile;
  const numeric = before.kind === 'numeric' && current.kind === 'numeric';
  const causes = [
    upstreamNull(measures),
    newCategory(measures),
    ...(before.kind === 'categorical' && current.kind === 'categorical' ? [vanishedCategory(before, current)] : []),
    ...(numeric ? [unitChange(before, current), rangeClip(before, current)] : []),
  ].filter((cause) => cause !== undefined);
  return causes.length > 0 ? causes : [populationShift(baseline.name, movedTogether)];
}

function upstreamNull({ missing }: FeatureMeasures): LikelyCause | undefined {
  const [before, now] = [missing.baseline ?? 0, missing.current ?? 0];
  if (now - before < MISSING_POINTS) return undefined;
  return { rule: 'upstream-null', evidence: `missing in ${percent(now)} of rows, in training in ${percent(before)}` };
}

function newCategory({ distribution, shifts }: FeatureMeasures): LikelyCause | undefined {
  const mass = distribution?.newCategoryMass ?? 0;
  if (mass < NEW_SHARE) return undefined;
  const names = shifts.filter(({ baseline }) => baseline === 0).slice(0, 3);
  const listed = names.map(({ of, current }) => `"${of}" (${percent(current)})`).join(', ');
  return { rule: 'new-category', evidence: `${percent(mass)} of values are new to it: ${listed}` };
}

/** Categories that training had many of and that have stopped: cases that are no longer sent, rather than fewer of all. */
function vanishedCategory(before: CategoricalProfile, now: CategoricalProfile): LikelyCause | undefined {
  const [n, m] = [validOf(before), validOf(now)];
  const gone = [...before.counts]
    .filter(([name, count]) => count / n >= VANISHED_EACH && (now.counts.get(name) ?? 0) === 0)
    // Fewer would be missing by chance.
    .filter(([, count]) => (count / n) * m >= EXPECTED_ROWS)
    .sort(([, a], [, b]) => b - a);
  const mass = gone.reduce((sum, [, count]) => sum + count, 0) / n;
  if (mass < VANISHED_SHARE) return undefined;
  const names = gone.slice(0, 5).map(([name]) => `"${name}"`);
  const listed = `${names.join(', ')}${gone.length > names.length ? ` and ${gone.length - names.length} more` : ''}`;
  return { rule: 'vanished-category', evidence: `${listed}, ${percent(mass)} of training, do not occur any more` };
}

/** Means and spreads that changed by one factor, one that units differ by: a population rarely scales about zero. */
function unitChange(before: NumericProfile, now: NumericProfile): LikelyCause | undefined {
  const mean = meanOf(now) / meanOf(before);
  const spread = deviationOf(now) / deviationOf(before);
  for (const [factor, units] of FACTORS) {
    for (const expected of [factor, 1 / factor]) {
      if (near(mean, expected) && near(spread, expected)) {
        const evidence = `mean times ${mean.toPrecision(3)} and spread times ${spread.toPrecision(3)}: ${units}`;
        return { rule: 'unit-change', evidence };
      }
    }
  }
  return undefined;
}

const near = (ratio: number, factor: number): boolean => Math.abs(ratio / factor - 1) <= FACTOR_TOLERANCE;

/** Nothing beyond some value any more, and at it as much as training had from there on: capped upstream, above or below. */
function rangeClip(before: NumericProfile, now: NumericProfile): LikelyCause | undefined {
  if (before.n === 0 || now.n === 0) return undefined;
  const { edges } = before;
  const top = edges.findLastIndex((edge) => edge <= now.max) + 1;
  const above = shareOf(before, top + 1, before.counts.length);
  if (now.max < before.max && above >= CLIPPED_SHARE && shareOf(now, top, top + 1) >= above * SAMPLED) {
    return {
      rule: 'range-clip',
      evidence: `nothing above ${now.max}, where training had ${percent(above)}, up to ${before.max}`,
    };
  }
  const bottom = edges.findLastIndex((edge) => edge <= now.min) + 1;
  const below = shareOf(before, 0, bottom);
  if (now.min > before.min && below >= CLIPPED_SHARE && shareOf(now, bottom, bottom + 1) >= below * SAMPLED) {
    return {
      rule: 'range-clip',
      evidence: `nothing below ${now.min}, where training had ${percent(below)}, down to ${before.min}`,
    };
  }
  return undefined;
}

function shareOf({ counts, n }: NumericProfile, from: number, to: number): number {
  let sum = 0;
  for (let bin = from; bin < to; bin++) sum += counts[bin]!;
  return sum / n;
}

function populationShift(name: string, movedTogether: readonly string[]): LikelyCause {
  const others = movedTogether.filter((other) => other !== name && other !== PREDICTION).slice(0, 3);
  const evidence = `values are all known, in range and present, in other shares${others.length > 0 ? `; ${others.join(', ')} moved with it` : ''}`;
  return { rule: 'population-shift', evidence };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
