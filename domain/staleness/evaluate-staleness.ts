import type { Interval } from '../evaluation/intervals.ts';
import { differencesOf, intervalsOf } from '../evaluation/intervals.ts';
import { FIRST_METRIC, lowerIsBetter } from '../evaluation/metric-names.ts';
import type { Sample } from '../evaluation/sample.ts';
import type { Problem } from '../model-definition.ts';
import { stalenessInWords } from './in-words.ts';
import {
  type Ageing,
  type ComparedVersion,
  isMeasured,
  type MeasuredRows,
  type MeasuredVersion,
  type NotComparedBecause,
  type StalenessReport,
  type VersionAge,
} from './rows.ts';

/** A version with its scores of the rows, or why it has none. */
export type ScoredVersion = {
  readonly age: VersionAge;
} & (
  | { readonly sample: Sample }
  | { readonly notCompared: { readonly because: NotComparedBecause; readonly why: string } }
);

const DAY_MS = 86_400_000;
/** Uploads closer than this say nothing of age; closer than a week, nothing of what it costs a week. */
const LEAST_DAYS_APART = 1;
const WEEK_DAYS = 7;

/**
 * Holds versions against each other on the same rows: each measure with its 95 % interval, and each difference from the version
 * that serves by a paired bootstrap, so that what the rows have in common cancels.
 *
 * @param versions scored on the same rows in the same order; the one that serves first
 * @param problem as the version that serves has it
 * @param seed the same gives the same intervals
 */
export function evaluateStaleness(
  about: Pick<StalenessReport, 'model' | 'id' | 'at' | 'champion' | 'costUsd'>,
  versions: readonly ScoredVersion[],
  measuredOn: MeasuredRows,
  problem: Problem,
  seed: number,
): StalenessReport {
  const serving = versions.find(({ age }) => age.serves);
  const champion = serving && 'sample' in serving ? serving.sample : undefined;
  const compared = versions.map((version): ComparedVersion => {
    const aged = {
      ...version.age,
      ageDays: (Date.parse(about.at) - Date.parse(version.age.learntUntil)) / DAY_MS,
    };
    if ('notCompared' in version)
      return { ...aged, notCompared: version.notCompared.because, why: version.notCompared.why };
    const { sample } = version;
    return {
      ...aged,
      intervals: intervalsOf(sample, problem, seed),
      ...(champion && !aged.serves && { differences: differencesOf(sample, champion, problem, seed) }),
    };
  });
  const metric = FIRST_METRIC[problem.type];
  const ageing = ageingOf(compared, metric);
  const report = {
    schema: 'launchway/staleness/v1' as const,
    ...about,
    ...{ metric, seed, measuredOn, versions: compared },
    ...(ageing && { ageing }),
  };
  return { ...report, inWords: stalenessInWords(report) };
}

/**
 * The version that serves beside the one whose data is furthest from its own. That is decided by age alone, before any score is
 * seen, so the interval is not one that was picked among several.
 */
export function ageingOf(versions: readonly ComparedVersion[], metric: string): Ageing | undefined {
  const measured = versions.filter(isMeasured);
  const champion = measured.find(({ serves }) => serves);
  if (!champion) return undefined;
  const apart = (other: MeasuredVersion) => Math.abs(other.ageDays - champion.ageDays);
  const [other] = measured
    .filter(({ differences }) => differences?.[metric] !== undefined)
    .sort((a, b) => apart(b) - apart(a) || b.ageDays - a.ageDays);
  if (!other || apart(other) < LEAST_DAYS_APART) return undefined;
  const isOlder = other.ageDays > champion.ageDays;
  const difference = other.differences![metric]!;
  // other − champion: of an older one a loss is negative, where higher is better.
  const worse = isOlder === lowerIsBetter(metric) ? difference : negated(difference);
  const daysApart = apart(other);
  return {
    older: isOlder ? other.version : champion.version,
    newer: isOlder ? champion.version : other.version,
    daysApart,
    worse,
    ...(daysApart >= WEEK_DAYS && { perWeek: scaled(worse, WEEK_DAYS / daysApart) }),
    verdict: worse.low > 0 ? 'Worse' : worse.high < 0 ? 'Better' : 'NotTold',
  };
}

const negated = ({ value, standardError, low, high }: Interval): Interval => ({
  ...{ value: -value, standardError, low: -high, high: -low },
});

const scaled = ({ value, standardError, low, high }: Interval, by: number): Interval => ({
  ...{ value: value * by, standardError: standardError * by, low: low * by, high: high * by },
});
