import type { Baseline } from '../drift/baseline.ts';
import { type JudgePolicy, judgeProfile } from '../drift/judge-profile.ts';
import { type CheckedWindow, persistenceOf } from '../drift/persistence.ts';
import { mergeProfiles, type NumericProfile, type Profile } from '../drift/profile.ts';

/** A closed window as it was profiled; nothing of it is read again. */
export interface ProfiledWindow {
  /** ISO 8601 UTC. */
  readonly start: string;
  readonly end: string;
  /** Undefined where nothing was captured. */
  readonly profile: Profile | undefined;
  readonly coverage?: number;
}

export interface BacktestPolicy extends JudgePolicy {
  readonly persistence: { readonly windows: number; readonly of: number };
}

export interface BacktestResult {
  readonly windows: readonly (CheckedWindow & { readonly why: string })[];
  /** Incidents that would have been opened, of drift or of skew. */
  readonly alarms: readonly {
    readonly at: string;
    readonly detector: 'drift' | 'skew';
    readonly features: readonly string[];
  }[];
  readonly alarmsPerWeek: number;
}

const WEEK_MS = 7 * 86_400_000;

/**
 * What a policy would have said of windows that are past: the verdicts, and the incidents they would have opened and closed.
 *
 * Windows with too few rows lend theirs to the next, as in a check.
 *
 * @param windows disjoint, oldest first
 */
export function backtest(
  baseline: Baseline,
  heldOut: NumericProfile | undefined,
  windows: readonly ProfiledWindow[],
  policy: BacktestPolicy,
): BacktestResult {
  const history: (CheckedWindow & { readonly why: string })[] = [];
  const alarms: BacktestResult['alarms'][number][] = [];
  let carried: Profile | undefined;
  let drift = false;
  let skew = false;
  for (const { start, end, profile, coverage } of windows) {
    const counted = carried && profile ? mergeProfiles(carried, profile) : (profile ?? carried);
    const checked = check(baseline, heldOut, { start, end, profile: counted, coverage }, policy, history);
    carried = checked.verdict === 'InsufficientData' ? counted : undefined;
    const { persistent, skewed, cleared } = persistenceOf([...history, checked], policy.persistence);
    history.push({ ...checked, skewed });
    if (drift && cleared) drift = false;
    if (skew && skewed.length === 0) skew = false;
    if (!drift && persistent.length > 0) alarms.push({ at: end, detector: 'drift', features: persistent });
    if (!skew && skewed.length > 0) alarms.push({ at: end, detector: 'skew', features: skewed });
    drift ||= persistent.length > 0;
    skew ||= skewed.length > 0;
  }
  const [first, last] = [windows[0], windows.at(-1)];
  const weeks = first && last ? (Date.parse(last.end) - Date.parse(first.start)) / WEEK_MS : 0;
  return { windows: history, alarms, alarmsPerWeek: weeks === 0 ? 0 : alarms.length / weeks };
}

function check(
  baseline: Baseline,
  heldOut: NumericProfile | undefined,
  { start, end, profile, coverage }: ProfiledWindow,
  policy: BacktestPolicy,
  before: readonly CheckedWindow[],
): CheckedWindow & { readonly why: string } {
  if (!profile || profile.rows === 0) {
    return { start, end, verdict: 'InsufficientData', why: 'no row', drifted: [], warning: false };
  }
  const { verdict } = judgeProfile(baseline, heldOut, profile, policy, coverage);
  const known = before.findLast((one) => one.verdict !== 'InsufficientData')?.skewed ?? [];
  const judged = verdict.features.filter(({ excluded }) => !excluded);
  return {
    ...{ start, end, verdict: verdict.verdict, why: verdict.why },
    drifted: judged.filter((one) => one.verdict === 'Drifted').map(({ name }) => name),
    warning: judged.some(({ name, warning }) => warning && !known.includes(name)),
  };
}
