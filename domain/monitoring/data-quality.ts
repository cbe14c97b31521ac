import type { CaptureTally } from '../capture/capture-layout.ts';
import type { Baseline, BaselineFeature } from '../drift/baseline.ts';
import { lastingNames } from '../drift/persistence.ts';
import {
  type CategoricalProfile,
  type FeatureProfile,
  type NumericProfile,
  type Profile,
  rowsOf,
  validOf,
} from '../drift/profile.ts';

/** What a window breaks: how many values are missing, are of another type, lie outside of training's range or domain; rows of another shape. */
export type DataRule = 'missing' | 'type' | 'range' | 'new-category' | 'unreadable-rows';

/** A constraint that training sets and a window breaks beyond what is let pass. */
export interface DataBreak {
  /** Its name, or `ALL_ROWS`. */
  readonly feature: string;
  readonly rule: DataRule;
  /** Shares of values (of rows, for `missing`, `type` and `unreadable-rows`) that break it. */
  readonly training: number;
  readonly window: number;
  /** In words, with the values that were seen. */
  readonly evidence: string;
}

/** What a window's row keeps of its data's quality. */
export interface DataRow {
  readonly broken: readonly string[];
  /** Of these, those that were in enough of the last windows. */
  readonly persistent: readonly string[];
}

/** Stands for rows that could not be read at all: no feature's name begins so. */
export const ALL_ROWS = '(rows)';

/** Points by which a share exceeds training's before it counts; a share that training has a lot of varies more, by half of it. */
const LEAST_POINTS = { missing: 0.02, type: 0.01, range: 0.02, 'new-category': 0.02, 'unreadable-rows': 0.01 };
const VARIES = 0.5;
/** One in a thousand by chance, on one side. */
const SURE = 3.09;

/**
 * The constraints that a window breaks, beyond what chance explains. Every number is a count that the profile has anyway.
 *
 * A numeric range is held by its ends: the window reaches beyond training's least or greatest value, and more of its values lie in
 * that outermost bin than in training. New categories are held against the share that a sample like training must leave unseen
 * (its singletons, Good 1953); where training has categories without a name, nobody can tell.
 *
 * @param exclude features whose values move by themselves: what is missing or of another type still counts
 * @see Good (1953), Biometrika 40
 */
export function breaksOf(
  baseline: Baseline,
  profile: Profile,
  tally: CaptureTally,
  exclude: readonly string[] = [],
): DataBreak[] {
  return [
    ...unreadableRows(tally),
    ...baseline.features.flatMap((feature) => {
      const current = profile.features.get(feature.name);
      if (!current || rowsOf(current) === 0) return [];
      const values = exclude.includes(feature.name) ? [] : valuesBroken(feature, current);
      return [...rowsBroken(feature, current), ...values];
    }),
  ];
}

function unreadableRows({ rows, unread }: CaptureTally): DataBreak[] {
  const reasons = Object.entries(unread).filter(([, count]) => count > 0);
  const lost = reasons.reduce((sum, [, count]) => sum + count, 0);
  const said = reasons.map(([reason, count]) => `${count} ${reason}`).join(', ');
  return broken(
    ALL_ROWS,
    'unreadable-rows',
    [0, 0],
    [lost, rows + lost],
    `rows or records that cannot be read: ${said}`,
  );
}

function rowsBroken({ name, profile: before }: BaselineFeature, now: FeatureProfile): DataBreak[] {
  const [m, n] = [rowsOf(before), rowsOf(now)];
  return [
    ...broken(name, 'missing', [before.missing, m], [now.missing, n], 'no value'),
    ...broken(name, 'type', [unusable(before), m], [unusable(now), n], 'values that are no finite numbers'),
  ];
}

const unusable = (profile: FeatureProfile): number =>
  profile.unreadable + (profile.kind === 'numeric' ? profile.nonFinite : 0);

function valuesBroken({ name, profile: before }: BaselineFeature, now: FeatureProfile): DataBreak[] {
  if (validOf(before) === 0 || validOf(now) === 0) return [];
  if (before.kind === 'categorical' && now.kind === 'categorical') return newCategories(name, before, now);
  return before.kind === 'numeric' && now.kind === 'numeric' ? outOfRange(name, before, now) : [];
}

function outOfRange(name: string, before: NumericProfile, now: NumericProfile): DataBreak[] {
  const at = (profile: NumericProfile, bin: number) => [profile.counts.at(bin)!, profile.n] as const;
  const low = `reaches ${now.min}, below training's least ${before.min}; share of values at that end`;
  const high = `reaches ${now.max}, above training's greatest ${before.max}; share of values at that end`;
  return [
    ...(now.min < before.min ? broken(name, 'range', at(before, 0), at(now, 0), low) : []),
    ...(now.max > before.max ? broken(name, 'range', at(before, -1), at(now, -1), high) : []),
  ];
}

const MOST_NAMED = 3;

function newCategories(name: string, before: CategoricalProfile, now: CategoricalProfile): DataBreak[] {
  if (before.other > 0) return [];
  const fresh = [...now.counts].filter(([category]) => !before.counts.has(category)).sort(([, a], [, b]) => b - a);
  const count = fresh.reduce((sum, [, rows]) => sum + rows, now.other);
  const once = [...before.counts.values()].filter((rows) => rows === 1).length;
  const named = fresh.slice(0, MOST_NAMED).map(([category]) => JSON.stringify(category.slice(0, 40)));
  const evidence = `values that training never had: ${named.join(', ')}${fresh.length > MOST_NAMED ? ' …' : ''}`;
  return broken(name, 'new-category', [once, validOf(before)], [count, validOf(now)], evidence);
}

type Counted = readonly [count: number, of: number];

/** @returns the break, where the window's share exceeds training's by more than is let pass and by more than chance */
function broken(feature: string, rule: DataRule, [a, m]: Counted, [b, n]: Counted, evidence: string): DataBreak[] {
  const [training, window] = [m === 0 ? 0 : a / m, n === 0 ? 0 : b / n];
  if (window - training < Math.max(LEAST_POINTS[rule], VARIES * training)) return [];
  const pooled = (a + b) / (m + n);
  const error = m === 0 ? 0 : Math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n));
  return window - training > SURE * error ? [{ feature, rule, training, window, evidence }] : [];
}

/**
 * @param breaks of a window with enough rows to judge
 * @param before windows before this one, oldest first; those that were not judged have no `data`
 */
export function dataRow(
  breaks: readonly DataBreak[],
  before: readonly { readonly data?: DataRow }[],
  rule: { readonly windows: number; readonly of: number },
): DataRow {
  const broken = [...new Set(breaks.map(({ feature }) => feature))];
  const judged = before.flatMap(({ data }) => (data ? [data.broken] : []));
  return { broken, persistent: lastingNames(broken, judged, rule) };
}
