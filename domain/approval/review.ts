import { day } from './moment.ts';

const DAY_MS = 86_400_000;

/** The `REVIEW` row beside the reminders: an approval that somebody is to look at again, from a day on. */
export interface Review {
  readonly requestId: string;
  readonly model: string;
  readonly version: number;
  /** `2027-01-31`: due from that day on, UTC. */
  readonly reviewBy: string;
  /** When people were told, once. ISO 8601, UTC. */
  readonly toldAt?: string;
}

export type ReviewDateRefusal =
  | { readonly kind: 'ReviewDateUnreadable' }
  | { readonly kind: 'ReviewDateTooEarly' }
  | { readonly kind: 'ReviewDateTooLate'; readonly latest: string };

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const isDate = (text: string): boolean => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  // What has no 30 February is not to be read as 2 March.
  return !Number.isNaN(at) && dateOf(at) === text;
};

/**
 * The day from which an approval is to be reviewed, as an approver gave it.
 *
 * @param withinDays the most that the tier allows; where there is one, an approval without a date gets the latest
 * @param given `2027-01-31`, or empty
 * @returns undefined where none is given and none is asked for
 */
export function reviewDate(
  withinDays: number | undefined,
  given: string,
  now: Date,
): { readonly reviewBy: string } | ReviewDateRefusal | undefined {
  const latest = withinDays === undefined ? undefined : dateOf(now.getTime() + withinDays * DAY_MS);
  const text = given.trim();
  if (text === '') return latest === undefined ? undefined : { reviewBy: latest };
  if (!isDate(text)) return { kind: 'ReviewDateUnreadable' };
  if (text <= dateOf(now.getTime())) return { kind: 'ReviewDateTooEarly' };
  return latest !== undefined && text > latest ? { kind: 'ReviewDateTooLate', latest } : { reviewBy: text };
}

/** The earliest that any of those who approved has asked for. */
export const earliestReview = (votes: readonly { readonly reviewBy?: string }[]): string | undefined =>
  votes.flatMap(({ reviewBy }) => reviewBy ?? []).sort()[0];

export const isReviewDue = ({ reviewBy }: Pick<Review, 'reviewBy'>, now: Date): boolean =>
  reviewBy <= dateOf(now.getTime());

export const REVIEW_CHANGES_NOTHING = 'it goes on serving until somebody rolls it back or another version is approved';

/** `is to be reviewed by Sun 31 Jan 2027`; `was`, from that day on. */
export const reviewInWords = (reviewBy: string, now: Date): string =>
  `${isReviewDue({ reviewBy }, now) ? 'was' : 'is'} to be reviewed by ${day(reviewBy)}`;
