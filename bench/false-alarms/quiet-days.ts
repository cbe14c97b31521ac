import type { ServiceCounts } from '../../domain/monitoring/service.ts';
import { normalFrom } from '../captures/random.ts';
import { drawCount } from './draw-counts.ts';

/** Calls of a weekday and of a day at the weekend, relative to the mean of a week. */
const WEEKDAY = 1.18;
const WEEKEND = 0.55;
/** Of a year, ten working days by themselves are holidays: callers stay at home as at a weekend. */
const WEEKS_TO_HOLIDAY = 5;

/** What varies from day to day besides chance: standard deviation of its logarithm, and correlation with the day before. */
const VARIES = {
  calls: { deviation: 0.15, correlation: 0.5 },
  errors: { deviation: 0.3, correlation: 0.5 },
  p50: { deviation: 0.1, correlation: 0.7 },
  p99: { deviation: 0.15, correlation: 0.7 },
};

const ERRORS_5XX = 0.01;
const ERRORS_4XX = 0.02;
const P50_MS = 30;
const P99_MS = 150;
/** Slower on working days. */
const LATENCY_WEEK = 0.05;
/** Of the logarithm of p99 over a thousand calls: lognormal latencies with the above p50 and p99. */
const P99_CHANCE = 0.08;

/** What is wrong from a day on. */
export interface Fault {
  readonly calls?: number;
  readonly p99?: number;
  /** Share of calls. */
  readonly errors5xx?: number;
}

/**
 * A model's days, one after the other, from a Monday: busy on working days, more on some than on others, a few errors more or less, slower
 * and faster for days on end.
 *
 * @param rows calls a day in the mean
 */
export function quietDays(rows: number, days: number, random: () => number, fault?: Fault & { readonly from: number }) {
  const vary = Object.fromEntries(Object.entries(VARIES).map(([name, how]) => [name, wander(how, random)])) as Record<
    keyof typeof VARIES,
    () => number
  >;
  const errors4xx = wander(VARIES.errors, random);
  const holidays = holidaysOf(days, random);
  return Array.from({ length: days }, (_, day): ServiceCounts => {
    const wrong: Fault = fault && day >= fault.from ? fault : {};
    const isOff = day % 7 >= 5 || holidays.has(day);
    const calls = poisson(rows * (isOff ? WEEKEND : WEEKDAY) * vary.calls() * (wrong.calls ?? 1), random);
    const slower = isOff ? 1 - LATENCY_WEEK : 1 + LATENCY_WEEK;
    const chance = Math.exp(P99_CHANCE * Math.sqrt(1_000 / Math.max(1, calls)) * normalFrom(random));
    return {
      calls,
      errors5xx: drawCount(calls, (wrong.errors5xx ?? ERRORS_5XX) * vary.errors(), random),
      errors4xx: drawCount(calls, ERRORS_4XX * errors4xx(), random),
      p50Ms: P50_MS * slower * vary.p50(),
      p99Ms: P99_MS * slower * vary.p99() * chance * (wrong.p99 ?? 1),
    };
  });
}

/** Factors about 1 that stay near the one before. */
function wander({ deviation, correlation }: (typeof VARIES)['calls'], random: () => number): () => number {
  let level = deviation * normalFrom(random);
  const news = deviation * Math.sqrt(1 - correlation ** 2);
  return () => {
    level = correlation * level + news * normalFrom(random);
    return Math.exp(level);
  };
}

/** One working day of each fifth week. */
function holidaysOf(days: number, random: () => number): ReadonlySet<number> {
  const stretch = 7 * WEEKS_TO_HOLIDAY;
  const week = 7 * Math.floor(random() * WEEKS_TO_HOLIDAY);
  return new Set(
    Array.from({ length: Math.ceil(days / stretch) }, (_, i) => i * stretch + week + Math.floor(random() * 5)),
  );
}

/** Rounded normal where that is near enough. */
const poisson = (mean: number, random: () => number): number =>
  Math.max(0, Math.round(mean + Math.sqrt(mean) * normalFrom(random)));
