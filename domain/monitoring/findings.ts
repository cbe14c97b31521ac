import { PREDICTION } from '../drift/verdict.ts';
import { isEnd, type ReleaseRow } from '../release.ts';
import { DETECTOR_RULES, namesOf } from './detectors.ts';
import type { DetectorState, Finding, IncidentRow, WindowRow } from './rows.ts';
import type { Weight } from './severity.ts';

const DAY_MS = 86_400_000;

/** What is known of the version besides its window. */
export interface KnownOfVersion {
  /** Hex SHA-256 of the dataset that it learnt from. */
  readonly dataset?: string | undefined;
  /** By feature, the share of decisions that rests on it; undefined where nobody measured it. */
  readonly importance?: ReadonlyMap<string, number> | undefined;
}

/** What a checked window is to tell: drift that lasts, and skew, each on its own. */
export function findingsOf(window: WindowRow, known: KnownOfVersion = {}): Finding[] {
  const { persistent, skewed = [], since, start, version } = window;
  return [
    ...(persistent.length === 0
      ? []
      : [
          finding(
            window,
            known,
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
            known,
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
  { dataset, importance }: KnownOfVersion,
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
    severity: DETECTOR_RULES[detector].severity({
      strength,
      rowsPerDay,
      ...importanceOfFeatures(features, importance),
    }),
    summary: say(namesOf(features)),
    features,
    ...(dataset !== undefined && { dataset }),
    causes: causes.filter((cause) => features.includes(cause.slice(cause.indexOf(':') + 1))),
  };
}

/** All decisions rest on the prediction. */
export function importanceOfFeatures(
  features: readonly string[],
  shares: KnownOfVersion['importance'],
): Pick<Weight, 'importance'> {
  if (!shares) return {};
  const sum = features.reduce(
    (total, name) => total + (name === PREDICTION ? 1 : Math.max(0, shares.get(name) ?? 0)),
    0,
  );
  return { importance: Math.min(1, sum) };
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
 * Whether people are to be told later: a release of the model is open that may answer it. For a day at most; a question that
 * waits for people may wait longer than an incident should.
 *
 * @param active the release that holds the model's lease
 */
export const isQuiet = (
  { detector, openedAt }: IncidentRow,
  active: Pick<ReleaseRow, 'status' | 'purpose'> | undefined,
  at: Date,
): boolean =>
  DETECTOR_RULES[detector].waitsForRelease &&
  active !== undefined &&
  active.purpose !== 'experiment' &&
  !isEnd(active.status) &&
  at.getTime() - Date.parse(openedAt) < DAY_MS;
