import type { RetrainPolicy } from '../model-definition.ts';

/** A retraining that was started, however it ended. */
export interface Retraining {
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** US dollars; an estimate while it runs. */
  readonly costUsd: number;
}

/** What is asked, and what is so at that moment. */
export interface RetrainRequest {
  readonly policy: Omit<RetrainPolicy, 'schedule' | 'rows'>;
  /** Why, for the release: `drift of origin since 2026-02-02` or `schedule`. */
  readonly reason: string;
  /** The incident it answers; absent for a schedule. */
  readonly incident?: string;
  /** Newest labelled row that a dataset holds; undefined where there is none. ISO 8601 UTC. */
  readonly newestLabelledAt: string | undefined;
  /** Newest row that the champion learnt from; undefined where nobody knows, which is not a reason to wait. */
  readonly championLearntUntil: string | undefined;
  /** A release of the model runs. */
  readonly releaseOpen: boolean;
  /** Somebody is asked to approve one. */
  readonly approvalOpen: boolean;
  readonly expectedCostUsd: number;
  readonly past: readonly Retraining[];
  /** Incidents that a retraining was started for. */
  readonly answered: ReadonlySet<string>;
}

export type RetrainDecision =
  | { readonly retrain: true; readonly reason: string }
  | { readonly retrain: false; readonly rule: RetrainRule; readonly why: string };

/** Which rule said no; they are asked in this order. */
export type RetrainRule =
  | 'release-open'
  | 'approval-open'
  | 'answered-before'
  | 'no-labelled-rows'
  | 'no-newer-rows'
  /** Labelled predictions are being made a dataset of; asked again once it is queued. */
  | 'rows-on-their-way'
  | 'cool-down'
  | 'weekly-cap'
  | 'budget'
  /** The dataset cannot become a release: its source or image is missing. */
  | 'not-startable';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/**
 * Whether a model may be trained anew now. Drift alone is no reason: a model that learns from moved inputs with its own answers
 * learns nothing, so there must be labelled rows that the champion has not seen; and however many alarms come, one incident
 * starts at most one release.
 */
export function mayRetrain(request: RetrainRequest, at: Date): RetrainDecision {
  for (const rule of RULES) {
    const refused = rule(request, at);
    if (refused) return { retrain: false, ...refused };
  }
  return { retrain: true, reason: request.reason };
}

/** What would be decided if rows that the champion has not seen were queued; undefined where they are. */
export const decisionBesideRows = (request: RetrainRequest, at: Date): RetrainDecision | undefined =>
  newerRows(request) && mayRetrain({ ...request, newestLabelledAt: at.toISOString() }, at);

type Refusal = { readonly rule: RetrainRule; readonly why: string } | undefined;

const quiet = ({ releaseOpen, approvalOpen }: RetrainRequest): Refusal => {
  if (releaseOpen) return { rule: 'release-open', why: 'a release of this model runs' };
  return approvalOpen
    ? { rule: 'approval-open', why: 'somebody is asked to approve a release of this model' }
    : undefined;
};

const onePerIncident = ({ incident, answered }: RetrainRequest): Refusal =>
  incident !== undefined && answered.has(incident)
    ? { rule: 'answered-before', why: `a release was started for ${incident}` }
    : undefined;

const newerRows = ({ newestLabelledAt, championLearntUntil }: RetrainRequest): Refusal => {
  if (newestLabelledAt === undefined) return { rule: 'no-labelled-rows', why: 'there are no labelled rows' };
  if (championLearntUntil === undefined || Date.parse(newestLabelledAt) > Date.parse(championLearntUntil))
    return undefined;
  return {
    rule: 'no-newer-rows',
    why: `the newest labelled row is of ${newestLabelledAt}, and the champion learnt until ${championLearntUntil}`,
  };
};

const coolDown = ({ policy, past }: RetrainRequest, at: Date): Refusal => {
  const last = Math.max(
    ...past.map(({ startedAt, endedAt }) => Date.parse(endedAt ?? startedAt)),
    Number.NEGATIVE_INFINITY,
  );
  const until = last + policy.cooldownHours * HOUR_MS;
  return at.getTime() < until
    ? {
        rule: 'cool-down',
        why: `the last one ended less than ${policy.cooldownHours} h ago; again from ${new Date(until).toISOString()}`,
      }
    : undefined;
};

const weeklyCap = ({ policy, past }: RetrainRequest, at: Date): Refusal => {
  const count = past.filter(({ startedAt }) => at.getTime() - Date.parse(startedAt) < WEEK_MS).length;
  return count >= policy.maxPerWeek
    ? { rule: 'weekly-cap', why: `${count} in the last seven days, of at most ${policy.maxPerWeek}` }
    : undefined;
};

const budget = ({ policy, past, expectedCostUsd }: RetrainRequest, at: Date): Refusal => {
  const month = at.toISOString().slice(0, 7);
  const spent = past
    .filter(({ startedAt }) => startedAt.startsWith(month))
    .reduce((sum, { costUsd }) => sum + costUsd, 0);
  return spent + expectedCostUsd > policy.monthlyBudgetUsd
    ? {
        rule: 'budget',
        why: `${spent.toFixed(2)} USD spent in ${month} and ${expectedCostUsd.toFixed(2)} expected, of at most ${policy.monthlyBudgetUsd.toFixed(2)}`,
      }
    : undefined;
};

const RULES: readonly ((request: RetrainRequest, at: Date) => Refusal)[] = [
  quiet,
  onePerIncident,
  newerRows,
  coolDown,
  weeklyCap,
  budget,
];
