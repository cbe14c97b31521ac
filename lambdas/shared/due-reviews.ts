import type { ReviewStore } from '../../domain/approval/ports.ts';
import { isReviewDue, type Review } from '../../domain/approval/review.ts';
import type { LineageStore, Now } from '../../domain/ports.ts';
import type { VersionRow } from '../../domain/version.ts';

export interface DueReviewsDependencies {
  readonly reviews: Pick<ReviewStore, 'list'>;
  readonly lineage: LineageStore;
  readonly now: Now;
}

/** A review that is due, of a version that serves. */
export interface DueReview {
  readonly review: Review;
  /** The model's. */
  readonly owner: string;
  readonly version: VersionRow & { readonly approval: NonNullable<VersionRow['approval']> };
}

/** Earliest first. What does not serve is passed over: it is due again once it does, by a rollback say. */
export async function dueReviews({ reviews, lineage, now }: DueReviewsDependencies): Promise<DueReview[]> {
  const due: DueReview[] = [];
  for (const review of await reviews.list()) {
    if (!isReviewDue(review, now())) continue;
    const { champion, owner } = await lineage.getModel(review.model);
    if (champion?.version !== review.version) continue;
    const version = await lineage.getVersion(review.model, review.version);
    // Taken back: its owner was told that, and more.
    if (!version.approval || version.approval.revoked) continue;
    due.push({ review, owner, version: { ...version, approval: version.approval } });
  }
  return due.sort((a, b) => a.review.reviewBy.localeCompare(b.review.reviewBy));
}
