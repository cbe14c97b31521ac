import type { Submitter } from '../model.ts';
import type { ApprovalSubject } from './approval-subject.ts';
import type { ExcludedPerson, Seat } from './seats.ts';

/** Where an approval request is. All but the first are ends: decided is immutable. */
export type ApprovalStatus = 'Pending' | 'Approved' | 'Rejected' | 'Expired' | 'Superseded' | 'Withdrawn';

export type ApprovalDecision = Exclude<ApprovalStatus, 'Pending'>;

/** What an approver can say. Anything else is not a decision. */
export const CHOICES = ['approve', 'reject'] as const;
export type Choice = (typeof CHOICES)[number];

/** The `REQUEST` row: what is asked, of whom, until when. */
export interface ApprovalRequest {
  /** Opaque: `r` and 160 random bits in hex. */
  readonly requestId: string;
  readonly model: string;
  readonly release: number;
  readonly version: number;
  readonly status: ApprovalStatus;
  /** Hex SHA-256 of `subject`; every link, vote and deployment is bound to it. */
  readonly digest: string;
  readonly subject: ApprovalSubject;
  /** Every seat must be filled by another person. */
  readonly seats: readonly Seat[];
  /** Who may fill a seat, after four eyes. */
  readonly approvers: readonly Approver[];
  readonly excluded: readonly ExcludedPerson[];
  /** Sentences; an approval over any of them needs a reason. */
  readonly warnings: readonly string[];
  /** What a change ticket looks like, where every approval names one. */
  readonly changeTicket?: string;
  /** Approvers are asked in one mail a working day, unless it is urgent. Absent: each at once. */
  readonly mailed?: 'daily';
  /** Days after which an approval is reviewed at the latest, where the tier says so. */
  readonly reviewWithinDays?: number;
  readonly submitter: Submitter;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** No vote counts from then on: 15 minutes before the waiting task times out. */
  readonly expiresAt: string;
  /** Counts changes; a vote is written only over the revision it was judged by. */
  readonly revision: number;
  /** The waiting task's token, encrypted for this request. */
  readonly sealedToken: string;
  /** True once every approver's mail was handed over. */
  readonly notified: boolean;
  readonly decidedAt?: string;
  /** The release whose request took this one's place. */
  readonly supersededBy?: number;
  /** Person ids to whom no mail gets through. */
  readonly unreachable?: readonly string[];
  /** Who took the question back. */
  readonly withdrawn?: Withdrawal;
}

/** Who took something back, when and why. */
export interface Withdrawal {
  /** Person id; the principal of a submitter whom no identity maps to. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface Approver {
  /** Person id of the deployed configuration. */
  readonly person: string;
  readonly roles: readonly string[];
  /** Asked because those who were asked first did not decide. */
  readonly escalated?: boolean;
  /** Whose seats are theirs while those are away: person ids, and the day on which each is back. */
  readonly standsInFor?: readonly { readonly person: string; readonly until: string }[];
}

/** The `VOTE` row: one per person and request. */
export interface Vote {
  readonly requestId: string;
  readonly person: string;
  readonly choice: Choice;
  /** Empty where none was needed or given. */
  readonly reason: string;
  /** Where the tier asks for one. */
  readonly ticket?: string;
  /** From that day on the approval is to be looked at again: `2027-01-31`. */
  readonly reviewBy?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What the approver was shown. */
  readonly digest: string;
  /** How the approver was known: `link` where possession of the signed link was the credential. */
  readonly identity: 'link' | 'sign-in' | 'iam';
  /** Absent where nobody vouched: the link was all. */
  readonly knownAs?: KnownAs;
}

/** Who vouched for a person, and by which name they know them: the sign-in's issuer and subject, or AWS and the caller's ARN. */
export interface KnownAs {
  readonly issuer: string;
  readonly subject: string;
}

/** The `OUTBOX` row: a decision that the waiting task has not been answered with yet. */
export interface PendingCallback {
  readonly requestId: string;
  readonly model: string;
  readonly release: number;
  readonly decision: ApprovalDecision;
  /** ISO 8601, UTC. */
  readonly decidedAt: string;
  /** The token of the task that waited when this row was written; a redriven task writes a row of its own. */
  readonly sealedToken: string;
}

/** The waiting task outlives its request by this, so a vote that commits always finds the task. */
export const MARGIN_BEFORE_TASK_MS = 15 * 60_000;

/**
 * When a request expires: 15 minutes before its task does.
 *
 * @throws {RangeError} the task does not wait that long
 */
export function expiryOf(taskExpiresAt: Date, now: Date): Date {
  const expiry = new Date(taskExpiresAt.getTime() - MARGIN_BEFORE_TASK_MS);
  if (expiry.getTime() <= now.getTime()) {
    throw new RangeError(
      `expected the task to wait for more than 15 minutes, got ${(taskExpiresAt.getTime() - now.getTime()) / 1000} s`,
    );
  }
  return expiry;
}

/** True where a vote can still count. */
const isOpen = (request: ApprovalRequest, now: Date): boolean =>
  request.status === 'Pending' && now.getTime() < Date.parse(request.expiresAt);

/** What a reader is told: a request nobody decided in time is expired before its row says so. */
export const statusNow = (request: ApprovalRequest, now: Date): ApprovalStatus =>
  request.status === 'Pending' && !isOpen(request, now) ? 'Expired' : request.status;

/** What changes when a redriven task waits for a request: its token, and the time of one that expired undecided. */
export const resumption = (
  request: ApprovalRequest,
  task: { readonly sealedToken: string; readonly expiresAt: string },
  at: string,
): Partial<ApprovalRequest> => ({
  sealedToken: task.sealedToken,
  ...(statusNow(request, new Date(at)) === 'Expired' &&
    request.status === 'Pending' && { expiresAt: task.expiresAt, notified: false }),
});
