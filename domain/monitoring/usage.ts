import { lastingNames } from '../drift/persistence.ts';
import { DETECTOR_RULES } from './detectors.ts';
import { minute } from './recent-changes.ts';
import type { Finding, WindowRow } from './rows.ts';
import { type CountedCalls, DAYS_BACK } from './same-hours.ts';
import { median, type ServiceCounts } from './service.ts';

/** How much a model was asked in a window, and what it used to be asked. */
export interface Usage {
  readonly invocations: number;
  /** What it used to be: the middle of the same hours of the weeks before, else the least of the days before; absent where too little is known. */
  readonly usual?: number;
  /** Clearly less than usual: a holiday may be. Absent in rows of before, where every such window was told. */
  readonly low?: boolean;
  /** Low in enough of the last windows, or asked for nothing any more: people are told. */
  readonly dropped: boolean;
}

/** Weeks that must have been served for them to say what is usual. */
const LEAST_WEEKS = 2;
const CALLS = 'invocations';
/** Fewer calls than this come and go by chance. */
const LEAST_USUAL = 50;
/** Less than this share of what is usual is low: half of it is, though it varies by a fifth. */
const LOW = 0.6;
/** Less than this share is nothing: people are told at once. */
const NOTHING = 0.01;

/**
 * Whether a model is asked far less than it used to be. A window is held against the same hours of the week, so nights and weekends
 * are as they always are; the middle of them, so that one holiday or outage among them says little. One low window is told of only
 * where nobody calls any more: holidays come by themselves, and go.
 *
 * @param records that were captured in the window
 * @param before windows before this one, oldest first; those that were not counted have no `usage`
 * @returns undefined where there are records and no call was counted: the metrics are late, and nothing is said of them
 */
export function usageOf(
  { now, weeks, days }: CountedCalls,
  records: number,
  before: readonly { readonly usage?: Usage }[],
  rule: { readonly windows: number; readonly of: number },
): Usage | undefined {
  const { calls: invocations } = now;
  if (invocations === 0 && records > 0) return undefined;
  const usual = middle(served(weeks)) ?? leastOf(served(days));
  if (usual === undefined || usual < LEAST_USUAL) return { invocations, low: false, dropped: false };
  const low = invocations < LOW * usual;
  const counted = before.flatMap(({ usage }) => (usage ? [(usage.low ?? usage.dropped) ? [CALLS] : []] : []));
  const lasts = lastingNames(low ? [CALLS] : [], counted, rule).length > 0;
  return { invocations, usual, low, dropped: lasts || invocations < NOTHING * usual };
}

const served = (counts: readonly ServiceCounts[]): number[] =>
  counts.map(({ calls }) => calls).filter((calls) => calls > 0);

const middle = (counts: readonly number[]): number | undefined =>
  counts.length < LEAST_WEEKS ? undefined : median(counts);

const leastOf = (counts: readonly number[]): number | undefined =>
  counts.length < DAYS_BACK ? undefined : Math.min(...counts);

/** What a window is to tell of its usage; undefined where it did not drop. */
export function usageFinding({ model, version, start, end, usage }: WindowRow): Finding | undefined {
  if (!usage?.dropped) return undefined;
  const { invocations, usual } = usage;
  const count = (value: number): string => Math.round(value).toLocaleString('en-US');
  return {
    ...{ model, version, detector: 'usage', start, windowStart: start, features: [CALLS], causes: [] },
    severity: DETECTOR_RULES.usage.severity({ strength: 1, rowsPerDay: usual! }),
    summary: `${count(invocations)} calls where about ${count(usual!)} are usual`,
    evidence: [
      {
        kind: 'facts',
        rows: [
          ['Window', `${minute(start)} to ${minute(end)}`],
          ['Calls', count(invocations)],
          ['Usual in these hours of the week', count(usual!)],
        ],
      },
      {
        kind: 'paragraph',
        text: 'Whoever calls the model may have stopped, or may not reach it. What it answers was not looked at.',
      },
    ],
  };
}
