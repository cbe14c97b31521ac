import { DETECTOR_RULES, namesOf } from './detectors.ts';
import type { DetectorState, Finding, IncidentRow, WindowRow } from './rows.ts';

const DAY_MS = 86_400_000;

/** What a checked window is to tell: drift that lasts, and skew, each on its own. */
export function findingsOf(window: WindowRow): Finding[] {
  const { persistent, skewed = [], since, start, version } = window;
  return [
    ...(persistent.length === 0
      ? []
      : [
          finding(
            window,
            'drift',
            since ?? start,
            persistent,
            (names) => `${names} moved away from what version ${version} learnt`,
          ),
        ]),
    ...(skewed.length === 0
      ? []
      : [
          finding(
            window,
            'skew',
            start,
            skewed,
            (names) => `${names} differ from the training data since version ${version} began to serve`,
          ),
        ]),
  ];
}

function finding(
  window: WindowRow,
  detector: 'drift' | 'skew',
  start: string,
  features: readonly string[],
  say: (names: string) => string,
): Finding {
  const { model, version, rows, countsFrom, end, moved, causes = [] } = window;
  const strength = Math.max(1, ...moved.filter(({ name }) => features.includes(name)).map((one) => one.strength));
  const rowsPerDay = (rows * DAY_MS) / (Date.parse(end) - Date.parse(countsFrom));
  return {
    model,
    version,
    detector,
    start,
    windowStart: window.start,
    severity: DETECTOR_RULES[detector].severity({ strength, rowsPerDay }),
    summary: say(namesOf(features)),
    features,
    causes: causes.filter((cause) => features.includes(cause.slice(cause.indexOf(':') + 1))),
  };
}

/** Whether somebody said that all of this is expected for now. */
export const isExpected = ({ features }: Finding, { expected }: DetectorState, at: Date): boolean =>
  expected !== undefined &&
  Date.parse(expected.until) > at.getTime() &&
  features.every((name) => expected.features.includes(name));

/** Whether people are still to be told of an incident: a digest tells by itself. */
export const isToBeTold = ({ status, notifiedAt, severity }: IncidentRow): boolean =>
  status === 'Open' && notifiedAt === undefined && severity !== 'digest';

/**
 * Whether a finding still asks for something: an incident to open, or people to tell of the open one. An open incident takes
 * every further finding of its detector in, and what is expected asks for nothing.
 */
export const asksForAlert = (finding: Finding, state: DetectorState, at: Date): boolean =>
  state.open ? isToBeTold(state.open) : !isExpected(finding, state, at);
