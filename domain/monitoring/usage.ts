import { DETECTOR_RULES } from './detectors.ts';
import { minute } from './recent-changes.ts';
import type { Finding, WindowRow } from './rows.ts';
import { median } from './service.ts';

/** How much a model was asked in a window, and what it used to be asked. */
export interface Usage {
  readonly invocations: number;
  /** What it used to be: the middle of the same hours of the weeks before, else the least of the days before; absent where too little is known. */
  readonly usual?: number;
  readonly dropped: boolean;
}

/** Weeks looked back on, and how many must have been served for them to say what is usual. */
export const WEEKS_BACK = 4;
const LEAST_WEEKS = 2;
/** Days before that stand for usual until then: all of them, so that a weekend is among them. */
export const DAYS_BACK = 7;
/** Fewer calls than this come and go by chance. */
const LEAST_USUAL = 50;
/** Less than this share of what is usual is a drop. */
const DROP = 0.5;

/**
 * Whether a model is asked far less than it used to be. A window is held against the same hours of the week, so nights and weekends
 * are as they always are; the middle of them, so that one holiday or outage among them says little.
 *
 * @param weeksBefore calls in the same hours, one to four weeks before; 0 where it did not serve
 * @param daysBefore calls in the same hours, one to seven days before; asked for where weeks say too little
 */
export async function usageOf(
  invocations: number,
  weeksBefore: readonly number[],
  daysBefore: () => Promise<readonly number[]>,
): Promise<Usage> {
  const usual = middle(weeksBefore.filter((count) => count > 0)) ?? (await leastOf(daysBefore));
  if (usual === undefined || usual < LEAST_USUAL) return { invocations, dropped: false };
  return { invocations, usual, dropped: invocations < DROP * usual };
}

function middle(counts: readonly number[]): number | undefined {
  if (counts.length < LEAST_WEEKS) return undefined;
  return median(counts);
}

async function leastOf(daysBefore: () => Promise<readonly number[]>): Promise<number | undefined> {
  const counts = await daysBefore();
  return counts.length === DAYS_BACK && counts.every((count) => count > 0) ? Math.min(...counts) : undefined;
}

/** What a window is to tell of its usage; undefined where it did not drop. */
export function usageFinding({ model, version, start, end, usage }: WindowRow): Finding | undefined {
  if (!usage?.dropped) return undefined;
  const { invocations, usual } = usage;
  const count = (value: number): string => Math.round(value).toLocaleString('en-US');
  return {
    ...{ model, version, detector: 'usage', start, windowStart: start, features: ['invocations'], causes: [] },
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
