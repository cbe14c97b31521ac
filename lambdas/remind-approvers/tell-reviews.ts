import type { ReviewStore } from '../../domain/approval/ports.ts';
import { reviewMail } from '../../domain/approval/review-mail.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { Mailer } from '../../domain/ports.ts';
import { type DueReview, type DueReviewsDependencies, dueReviews } from '../shared/due-reviews.ts';

export interface TellReviewsDependencies extends DueReviewsDependencies {
  readonly reviews: ReviewStore;
  readonly config: DeployedConfig;
  readonly mailer: Mailer;
  /** Told of a mail that could not be handed over. */
  readonly onUnreached: (error: unknown, requestId: string) => void;
}

/**
 * Tells the owner and those who approved, once, that an approval is due for review. It is claimed by condition before its mail is
 * sent, so repeated and late events send one.
 */
export async function tellReviews(dependencies: TellReviewsDependencies): Promise<void> {
  for (const due of await dueReviews(dependencies)) if (due.review.toldAt === undefined) await tell(dependencies, due);
}

async function tell(
  { reviews, config, mailer, now, onUnreached }: TellReviewsDependencies,
  { review, owner, version }: DueReview,
): Promise<void> {
  const people = new Map(Object.entries(config.people));
  const { approvers } = version.approval;
  // Who has left the configuration since is named, and not mailed.
  const to = [...new Set([owner, ...approvers.flatMap((person) => people.get(person)?.email ?? [])])];
  const claimed = await reviews.claim(review, now().toISOString(), {
    type: 'ApprovalReviewDue',
    actor: 'launchway:remind-approvers',
    subject: `approval/${review.requestId}`,
    details: { release: version.release, version: version.version, reviewBy: review.reviewBy, told: to },
  });
  if (!claimed) return;
  const names = approvers.map((person) => people.get(person)?.name ?? person);
  try {
    await mailer.send(reviewMail(review, version, to, names));
  } catch (error) {
    onUnreached(error, review.requestId);
  }
}
