import { lastingNames } from '../drift/persistence.ts';
import { DETECTOR_RULES, namesOf } from './detectors.ts';
import { minute } from './recent-changes.ts';
import type { Finding, WindowRow } from './rows.ts';
import type { CountedCalls } from './same-hours.ts';

/** How an endpoint answered in a window. */
export interface ServiceCounts {
  readonly calls: number;
  readonly errors4xx: number;
  readonly errors5xx: number;
  /** Milliseconds that the model took; absent where nothing was measured. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export const SERVICE_MEASURES = ['errors-5xx', 'errors-4xx', 'latency-p50', 'latency-p99'] as const;
export type ServiceMeasure = (typeof SERVICE_MEASURES)[number];

/** Shares of calls, and milliseconds, by measure; those that could be told. */
export type ServiceLevels = Readonly<Partial<Record<ServiceMeasure, number>>>;

/** What a window's row keeps of how it was answered. */
export interface ServiceRow extends ServiceCounts {
  /** The middle of the same hours before; a measure is absent where too few calls say what is usual. */
  readonly usual: ServiceLevels;
  readonly worse: readonly ServiceMeasure[];
  /** Of these, those that were in enough of the last windows. */
  readonly persistent: readonly ServiceMeasure[];
}

/** Windows of before that must say what is usual. */
const LEAST_BEFORE = 2;
/** Calls that a quantile or a share needs to be told: five in the tail of p99. */
const LEAST_CALLS: Readonly<Record<ServiceMeasure, number>> = {
  'errors-5xx': 20,
  'errors-4xx': 20,
  'latency-p50': 100,
  'latency-p99': 500,
};
/** Fewer errors than this come and go. */
const LEAST_ERRORS = 10;
/** A share of errors, and how many times the usual one, that is clearly worse. */
const ERROR_SHARE = { 'errors-5xx': 0.01, 'errors-4xx': 0.05 };
const ERROR_TIMES = 3;
/** Latency is clearly worse at 1.6 times the usual, and at so many milliseconds more: below that no caller notices. */
const LATENCY_TIMES = 1.6;
const LATENCY_MORE_MS = { 'latency-p50': 20, 'latency-p99': 100 };
const DAY_MS = 86_400_000;

/** Shares and quantiles that a window has enough calls for. */
export function levelsOf({ calls, errors4xx, errors5xx, p50Ms, p99Ms }: ServiceCounts): ServiceLevels {
  const all = {
    'errors-5xx': errors5xx / calls,
    'errors-4xx': errors4xx / calls,
    'latency-p50': p50Ms,
    'latency-p99': p99Ms,
  };
  const told = SERVICE_MEASURES.filter((measure) => calls >= LEAST_CALLS[measure] && all[measure] !== undefined);
  return Object.fromEntries(told.map((measure) => [measure, all[measure]!]));
}

/** The middle of the weeks before, so that one bad day among them says little; of the days before until two weeks were served. */
function usualLevels({ weeks, days }: Pick<CountedCalls, 'weeks' | 'days'>): ServiceLevels {
  const served = weeks.filter(({ calls }) => calls > 0);
  const levels = (served.length >= LEAST_BEFORE ? served : days).map(levelsOf);
  return Object.fromEntries(
    SERVICE_MEASURES.flatMap((measure) => {
      const values = levels.flatMap((one) => one[measure] ?? []);
      return values.length < LEAST_BEFORE ? [] : [[measure, median(values)] as const];
    }),
  );
}

/** Of a non-empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Measures that are clearly worse than usual. One that cannot be told, or whose usual is not known, is not among them. */
function worseOf(now: ServiceCounts, usual: ServiceLevels): ServiceMeasure[] {
  const levels = levelsOf(now);
  const errors = { 'errors-5xx': now.errors5xx, 'errors-4xx': now.errors4xx };
  return SERVICE_MEASURES.filter((measure) => {
    const [level, before] = [levels[measure], usual[measure]];
    if (level === undefined || before === undefined) return false;
    if (measure === 'errors-5xx' || measure === 'errors-4xx')
      return errors[measure] >= LEAST_ERRORS && level >= Math.max(ERROR_SHARE[measure], ERROR_TIMES * before);
    return level >= Math.max(LATENCY_TIMES * before, before + LATENCY_MORE_MS[measure]);
  });
}

/**
 * An endpoint keeps its metrics over all versions, so a version that is slower than the one before is seen.
 *
 * @param before windows before this one, oldest first
 * @returns undefined where no call was counted
 */
export function serviceRow(
  calls: CountedCalls,
  before: readonly { readonly service?: ServiceRow }[],
  rule: { readonly windows: number; readonly of: number },
): ServiceRow | undefined {
  const { now } = calls;
  if (now.calls === 0) return undefined;
  const usual = usualLevels(calls);
  const worse = worseOf(now, usual);
  const measured = before.flatMap(({ service }) => (service ? [service.worse] : []));
  return { ...now, usual, worse, persistent: lastingNames(worse, measured, rule) };
}

/** Shares of failed calls that weigh as much as drift on its threshold; slow answers weigh that much, and wake nobody. */
const WEIGHS = { 'errors-5xx': 0.05, 'errors-4xx': 0.25 };

/** What a window is to tell of how it was answered; undefined where nothing of it lasts. */
export function serviceFinding({ model, version, start, end, service }: WindowRow): Finding | undefined {
  if (!service || service.persistent.length === 0) return undefined;
  const { persistent: features, calls } = service;
  const levels = levelsOf(service);
  const weights = features.map((name) =>
    name === 'errors-5xx' || name === 'errors-4xx' ? levels[name]! / WEIGHS[name] : 1,
  );
  const rowsPerDay = (calls * DAY_MS) / (Date.parse(end) - Date.parse(start));
  return {
    ...{ model, version, detector: 'service', start, windowStart: start, features, causes: [] },
    severity: DETECTOR_RULES.service.severity({ strength: Math.max(1, ...weights), rowsPerDay }),
    summary: `${namesOf(features)} ${features.length === 1 ? 'is' : 'are'} worse than in the weeks before`,
    evidence: [
      {
        kind: 'facts',
        rows: [['Window', `${minute(start)} to ${minute(end)}, ${calls.toLocaleString('en-US')} calls`]],
      },
      { kind: 'table', head: ['Measure', 'Now', 'Usual in these hours'], rows: serviceTable(service) },
    ],
  };
}

const NAMES: Readonly<Record<ServiceMeasure, string>> = {
  'errors-5xx': 'Failed calls (5XX)',
  'errors-4xx': 'Refused calls (4XX)',
  'latency-p50': 'Model latency, half of calls within',
  'latency-p99': 'Model latency, 99 % of calls within',
};

/** By measure: its name, the window's, and what is usual. */
export function serviceTable(service: Pick<ServiceRow, 'usual'> & ServiceCounts): string[][] {
  const levels = levelsOf(service);
  const say = (measure: ServiceMeasure, value: number | undefined): string => {
    if (value === undefined) return 'too few calls';
    return measure.startsWith('errors') ? `${(value * 100).toFixed(2)} %` : `${Number(value.toPrecision(3))} ms`;
  };
  return SERVICE_MEASURES.map((measure) => [
    NAMES[measure],
    say(measure, levels[measure]),
    service.usual[measure] === undefined ? 'not known yet' : say(measure, service.usual[measure]),
  ]);
}
