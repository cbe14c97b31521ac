import { oneLine, visibleText } from '../mail/visible-text.ts';
import {
  type ApprovalDecision,
  type ApprovalRequest,
  type ApprovalStatus,
  type Choice,
  statusNow,
  type Vote,
} from './approval-request.ts';
import { changeTicket } from './change-ticket.ts';
import { earliestReview, type ReviewDateRefusal, reviewDate } from './review.ts';
import { isQuorum } from './seats.ts';

export const MAX_REASON_CHARACTERS = 2_000;

/** What an approver hands in. */
export interface Ballot {
  readonly person: string;
  readonly choice: Choice;
  readonly reason: string;
  /** A change ticket; nobody reads it where none is asked for. */
  readonly ticket?: string;
  /** When the approval is to be reviewed: `2027-01-31`; empty where the approver has no wish. Nobody reads it with a rejection. */
  readonly reviewBy?: string;
  /** The digest that the link was signed over. */
  readonly digest: string;
  readonly identity: Vote['identity'];
  readonly knownAs?: Vote['knownAs'];
}

export type VoteRefusal =
  | { readonly kind: 'NotAnApprover' }
  | { readonly kind: 'SubjectChanged' }
  | { readonly kind: 'Closed'; readonly status: ApprovalDecision }
  | { readonly kind: 'AlreadyVoted'; readonly vote: Vote }
  | { readonly kind: 'ReasonNeeded'; readonly because: 'rejection' | 'warnings' }
  | { readonly kind: 'ReasonTooLong' }
  | { readonly kind: 'TicketNeeded'; readonly pattern: string }
  | ReviewDateRefusal;

export type VoteResult =
  | { readonly kind: 'Refused'; readonly refusal: VoteRefusal }
  | {
      readonly kind: 'Counted';
      readonly vote: Vote;
      /** `Pending` while seats are open. */
      readonly status: Extract<ApprovalStatus, 'Pending' | 'Approved' | 'Rejected'>;
      /** Everyone who approved, this vote included. */
      readonly approvers: readonly string[];
      /** The earliest day that any of them has set. */
      readonly reviewBy?: string;
    };

/**
 * Judges one ballot against a request and the votes that count so far. Any rejection ends the request; approvals end it when
 * they fill every seat.
 */
export function castVote(request: ApprovalRequest, votes: readonly Vote[], ballot: Ballot, now: Date): VoteResult {
  const reason = visibleText(ballot.reason, MAX_REASON_CHARACTERS + 1).trim();
  const refusal = refusalOf(request, votes, ballot, reason, now);
  if (refusal) return { kind: 'Refused', refusal };
  const ticket = ticketOf(request, ballot);
  const review = reviewOf(request, ballot, now);
  const vote: Vote = {
    requestId: request.requestId,
    person: ballot.person,
    choice: ballot.choice,
    reason,
    ...(ticket !== 'missing' && ticket),
    ...(review && 'reviewBy' in review && review),
    at: now.toISOString(),
    digest: ballot.digest,
    identity: ballot.identity,
    ...(ballot.knownAs && { knownAs: ballot.knownAs }),
  };
  const approvers = approving(votes.concat(vote));
  const reviewBy = earliestReview(votes.concat(vote));
  const people = request.approvers.filter(({ person }) => approvers.includes(person));
  const status =
    ballot.choice === 'reject' ? 'Rejected' : isQuorum(request.seats, people) ? 'Approved' : ('Pending' as const);
  return { kind: 'Counted', vote, status, approvers, ...(reviewBy !== undefined && { reviewBy }) };
}

/** Only what lets something change needs a ticket. */
const ticketOf = (request: ApprovalRequest, { choice, ticket = '' }: Ballot) =>
  choice === 'approve' ? changeTicket(request.changeTicket, ticket) : undefined;

/** As with tickets: a rejection lets nothing serve that could be reviewed. */
const reviewOf = (request: ApprovalRequest, { choice, reviewBy = '' }: Ballot, now: Date) =>
  choice === 'approve' ? reviewDate(request.reviewWithinDays, reviewBy, now) : undefined;

const approving = (votes: readonly Vote[]): string[] =>
  votes.filter(({ choice }) => choice === 'approve').map(({ person }) => person);

function refusalOf(
  request: ApprovalRequest,
  votes: readonly Vote[],
  ballot: Ballot,
  reason: string,
  now: Date,
): VoteRefusal | undefined {
  if (!request.approvers.some(({ person }) => person === ballot.person)) return { kind: 'NotAnApprover' };
  if (ballot.digest !== request.digest) return { kind: 'SubjectChanged' };
  const before = votes.find(({ person }) => person === ballot.person);
  if (before) return { kind: 'AlreadyVoted', vote: before };
  const status = statusNow(request, now);
  if (status !== 'Pending') return { kind: 'Closed', status };
  if ([...reason].length > MAX_REASON_CHARACTERS) return { kind: 'ReasonTooLong' };
  if (oneLine(reason) === '') {
    if (ballot.choice === 'reject') return { kind: 'ReasonNeeded', because: 'rejection' };
    if (request.warnings.length > 0) return { kind: 'ReasonNeeded', because: 'warnings' };
  }
  if (ticketOf(request, ballot) === 'missing') return { kind: 'TicketNeeded', pattern: request.changeTicket! };
  const review = reviewOf(request, ballot, now);
  return review && 'kind' in review ? review : undefined;
}
