import type { Verdict } from './verdict.ts';

/** What one checked window says, as its row keeps it. */
export interface CheckedWindow {
  /** ISO 8601, UTC. */
  readonly start: string;
  readonly end: string;
  readonly verdict: Verdict;
  /** Names of the features that drifted. */
  readonly drifted: readonly string[];
  /** Whether anything that is not known skew reached half its effect. */
  readonly warning: boolean;
  /** Features that serving has never sent as training had them; kept apart from drift. Absent in rows of before: none. */
  readonly skewed?: readonly string[];
}

export interface Persistence {
  /** Features that drifted in enough of the last windows, the newest included; in the newest's order. Skewed ones are not among them. */
  readonly persistent: readonly string[];
  /** Features that differ from training since serving began: skew, not drift. In the newest window's order. */
  readonly skewed: readonly string[];
  /** Start of the oldest of those windows in which one of them drifted. */
  readonly since?: string;
  /** Enough quiet windows have passed to call it over. */
  readonly cleared: boolean;
}

/**
 * Whether drift has lasted long enough to tell people, and whether it is over.
 *
 * A feature persists where it drifted in `windows` of the last `of` windows that were judged, the newest included. It is over
 * (hysteresis) only after `windows` judged windows in a row without even a warning, so a value that wavers around its threshold
 * opens one incident and not one a day. Windows without enough data are no evidence either way and are passed over.
 *
 * A feature that differs from the very first judged window on has not moved: serving and training disagree (skew). It is told
 * apart, and stays so until it has been like training for `windows` windows in a row.
 *
 * @param history checked windows of one model version, oldest first, disjoint; the last is the one just checked. The first
 *   judged one is taken for the deployment's first, so it reaches back to the deployment or beyond `of` judged windows
 * @throws {RangeError} windows overlap or are out of order: evidence would be counted twice
 */
export function persistenceOf(
  history: readonly CheckedWindow[],
  rule: { readonly windows: number; readonly of: number },
): Persistence {
  refuseOverlaps(history);
  const judged = history.filter(({ verdict }) => verdict !== 'InsufficientData');
  const newest = history.at(-1);
  const skewed = skewedIn(judged, rule);
  const quiet = judged.slice(-rule.windows);
  const cleared = quiet.length === rule.windows && quiet.every((window) => isQuiet(window, skewed));
  if (newest?.verdict !== 'Drifted') return { persistent: [], skewed, cleared };
  const recent = judged.slice(-rule.of);
  const persistent = lasting(judged, rule).filter((name) => !skewed.includes(name));
  if (persistent.length === 0) return { persistent, skewed, cleared };
  const first = recent.find(({ drifted }) => persistent.some((name) => drifted.includes(name)));
  return { persistent, skewed, ...(first && { since: first.start }), cleared };
}

const isQuiet = ({ drifted, warning }: CheckedWindow, skewed: readonly string[]): boolean =>
  !warning && drifted.every((name) => skewed.includes(name));

/**
 * What of a window is in enough of the last `of`, itself included.
 *
 * @param before the same of the judged windows before it, oldest first
 */
export function lastingNames<Name extends string>(
  newest: readonly Name[],
  before: readonly (readonly Name[])[],
  rule: { readonly windows: number; readonly of: number },
): Name[] {
  const recent = [...before, newest].slice(-rule.of);
  return newest.filter((name) => recent.filter((names) => names.includes(name)).length >= rule.windows);
}

/** @param judged the newest last */
const lasting = (
  judged: readonly CheckedWindow[],
  rule: { readonly windows: number; readonly of: number },
): string[] => {
  const drifted = judged.map((window) => window.drifted);
  return lastingNames(drifted.at(-1) ?? [], drifted.slice(0, -1), rule);
};

/** What was skewed and has not been quiet since, and, in the deployment's first windows, what drifted from the first one on. */
function skewedIn(judged: readonly CheckedWindow[], rule: { readonly windows: number; readonly of: number }): string[] {
  const newest = judged.at(-1);
  if (!newest) return [];
  const lastOnes = judged.slice(-rule.windows);
  const known = (judged.at(-2)?.skewed ?? []).filter((name) => lastOnes.some(({ drifted }) => drifted.includes(name)));
  const fresh =
    judged.length <= rule.of
      ? lasting(judged, rule).filter((name) => judged[0]!.drifted.includes(name) && !known.includes(name))
      : [];
  return [...known, ...fresh];
}

function refuseOverlaps(history: readonly CheckedWindow[]): void {
  for (let i = 1; i < history.length; i++) {
    const [before, after] = [history[i - 1]!, history[i]!];
    if (Date.parse(after.start) < Date.parse(before.end)) {
      throw new RangeError(`expected disjoint windows in order, got ${after.start} before the end of ${before.start}`);
    }
  }
}

/** A half-open stretch of time, ISO 8601 UTC. */
export interface TimeWindow {
  readonly start: string;
  readonly end: string;
}

const HOUR_MS = 3_600_000;

/** Captures of an hour arrive up to this long after it. */
export const LATE_MS = 15 * 60_000;

/**
 * Start of the first window of a deployment that was not checked, ISO 8601 UTC.
 *
 * Windows are disjoint, `windowHours` long and aligned to UTC from the day of the deployment; the first is the one that holds
 * the deployment, and one that overlaps a checked window is none.
 */
export function firstUnchecked(deployedAt: string, windowHours: number, checkedUntil: string | undefined): string {
  const length = windowHours * HOUR_MS;
  const deployed = Date.parse(deployedAt);
  const checked = checkedUntil === undefined ? Number.NEGATIVE_INFINITY : Date.parse(checkedUntil);
  const origin = startOfDay(deployed);
  const start = origin + Math.floor((Math.max(deployed, checked) - origin) / length) * length;
  return new Date(start < checked ? start + length : start).toISOString();
}

/**
 * The windows that have closed and were not checked, oldest first. A window is closed a quarter of an hour after its end.
 *
 * @param deployedAt when the version began to serve, ISO 8601
 * @param checkedUntil end of the newest window checked so far
 * @param at the occurrence of the schedule
 * @param most windows returned at once; the next occurrence returns the following ones
 */
export function closedWindows(
  deployedAt: string,
  windowHours: number,
  checkedUntil: string | undefined,
  at: Date,
  most = 100,
): TimeWindow[] {
  const length = windowHours * HOUR_MS;
  const windows: TimeWindow[] = [];
  let start = Date.parse(firstUnchecked(deployedAt, windowHours, checkedUntil));
  for (; start + length + LATE_MS <= at.getTime() && windows.length < most; start += length) {
    windows.push({ start: new Date(start).toISOString(), end: new Date(start + length).toISOString() });
  }
  return windows;
}

const startOfDay = (ms: number): number => ms - (ms % (24 * HOUR_MS));
