import { DETECTOR_RULES } from '../monitoring/detectors.ts';
import type { Finding } from '../monitoring/rows.ts';
import { daysInWords } from './in-words.ts';
import type { StalenessRow } from './rows.ts';

const DAY_MS = 86_400_000;

/** The version that serves, since when nothing that it learnt from can have come, and how old its owner lets it become. */
export interface ServingAge {
  readonly model: string;
  readonly version: number;
  /** ISO 8601 UTC. */
  readonly learntUntil: string;
  readonly staleAfterDays: number;
}

/**
 * What serves is older than its owner lets it become.
 *
 * @param last the newest measurement of what age costs, if there is one
 * @returns undefined where it is not
 */
export function staleFinding(
  { model, version, learntUntil, staleAfterDays }: ServingAge,
  last: StalenessRow | undefined,
  at: Date,
): Finding | undefined {
  const staleSince = Date.parse(learntUntil) + staleAfterDays * DAY_MS;
  if (at.getTime() < staleSince) return undefined;
  const age = daysInWords((at.getTime() - Date.parse(learntUntil)) / DAY_MS);
  const measured = last?.measured;
  return {
    ...{ model, version, detector: 'staleness', start: new Date(staleSince).toISOString() },
    windowStart: at.toISOString(),
    severity: DETECTOR_RULES.staleness.severity({ strength: 1, rowsPerDay: 0 }),
    summary: `version ${version} learnt from data of ${age} ago, and is to be no older than ${daysInWords(staleAfterDays)}`,
    features: ['age'],
    causes: [],
    evidence: [
      {
        kind: 'facts',
        rows: [
          ['Data uploaded', learntUntil.slice(0, 10)],
          ['Age', age],
          ['To be no older than', `${daysInWords(staleAfterDays)} (monitoring.staleAfterDays)`],
        ],
      },
      {
        kind: 'paragraph',
        text: measured
          ? `What age costs, measured ${last.askedAt.slice(0, 10)}: ${measured.inWords}`
          : 'What age costs was not measured.',
      },
    ],
  };
}
