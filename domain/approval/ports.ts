import type { AuditEvent } from '../audit.ts';
import type { Submitter } from '../model.ts';
import type { VersionRow } from '../version.ts';
import type { ApprovalLink } from './approval-link.ts';
import type {
  ApprovalDecision,
  ApprovalRequest,
  ApprovalStatus,
  Approver,
  KnownAs,
  PendingCallback,
  Vote,
  Withdrawal,
} from './approval-request.ts';
import type { RecordedDelegation } from './delegation.ts';
import type { Pressure, Reminder } from './reminder.ts';
import type { Review } from './review.ts';
import type { Note } from './thread.ts';
import type { WithdrawalRefusal } from './withdrawal.ts';

/** Approval requests, votes and the outbox. Every change is conditional and carries its audit entry in the same transaction. */
export interface ApprovalStore {
  /** Strongly consistent. */
  findRequest(requestId: string): Promise<ApprovalRequest | undefined>;
  listVotes(requestId: string): Promise<Vote[]>;

  /**
   * Writes a new request and moves its release to AwaitingApproval. Pending requests of older releases of the model are
   * superseded in the same transaction, with their outbox rows; where a newer release was asked about already, this request
   * is born superseded.
   *
   * @returns the request as written, and the ids of the requests whose callback now waits in the outbox
   * @throws {UnlawfulTransitionError} the release is not being validated
   */
  open(
    request: ApprovalRequest,
    audit: AuditEvent,
  ): Promise<{ readonly request: ApprovalRequest; readonly superseded: readonly string[] }>;

  /**
   * Gives the request the token of the task that waits now; a redriven task has a new one and the old is useless. A request
   * that expired undecided gets the new task's time, and is to be mailed again. Where the request is decided, its callback is
   * put back into the outbox.
   *
   * @returns the request as it is then
   */
  resume(
    requestId: string,
    task: { readonly sealedToken: string; readonly expiresAt: string },
    at: string,
    audit: AuditEvent,
  ): Promise<ApprovalRequest>;

  markNotified(requestId: string): Promise<void>;

  /**
   * Commits a vote where the request is pending, not expired, at the revision and digest it was judged by, and the person has
   * not voted; a deciding vote also writes the version's verdict and the outbox row,
   * and the review that the approval asks for.
   *
   * @returns false where any of these no longer holds: read again
   */
  commitVote(
    request: ApprovalRequest,
    vote: Vote,
    decision: { readonly status: 'Approved' | 'Rejected'; readonly approval: VersionRow['approval'] } | undefined,
    audit: AuditEvent,
  ): Promise<boolean>;

  /** Records, once per request and identity, that somebody who is not its approver came with an approver's link. */
  noteRefusedIdentity(request: ApprovalRequest, who: KnownAs, audit: AuditEvent): Promise<void>;

  /**
   * Pending → Expired or Withdrawn.
   *
   * @param withdrawn by whom, where a person takes the question back
   * @returns the request as it is then, which someone else may have decided
   */
  close(
    requestId: string,
    status: Extract<ApprovalDecision, 'Expired' | 'Withdrawn'>,
    at: string,
    audit: AuditEvent,
    withdrawn?: Withdrawal,
  ): Promise<ApprovalRequest>;

  /** Records whom no mail reaches, and who is asked for it. @returns false where the request is no longer as it was read, or over */
  noteUnreachable(
    request: ApprovalRequest,
    next: Pick<ApprovalRequest, 'unreachable' | 'approvers'>,
    audit: AuditEvent,
  ): Promise<boolean>;

  /** Writes on its version that the approval no longer stands. @returns false where it was taken back before, or is not this request's */
  revoke(request: ApprovalRequest, revoked: Withdrawal, audit: AuditEvent): Promise<boolean>;

  /** Requests whose approvers are still to be reminded. */
  listReminders(): Promise<Reminder[]>;
  /**
   * Records who is pressed, where nobody did and the request is as it was read, and gives those newly asked a vote.
   *
   * @returns false where someone else was first, or the request has changed: look again at the next event
   */
  claimReminder(
    reminder: Reminder,
    pressure: Pressure,
    request: ApprovalRequest,
    approvers: readonly Approver[],
    audit: AuditEvent,
  ): Promise<boolean>;
  /** Nobody is waited for any more; repeating it changes nothing. */
  dropReminder(reminder: Reminder): Promise<void>;

  findCallback(requestId: string): Promise<PendingCallback | undefined>;
  /** Every decision whose task has not been answered, oldest id first. */
  listCallbacks(): Promise<PendingCallback[]>;
  /** Removes the outbox row; repeating it changes nothing. */
  confirmCallback(callback: PendingCallback, audit: AuditEvent): Promise<void>;
}

/** Approvals that are to be looked at again. The deciding vote writes them; nothing removes them. */
export interface ReviewStore {
  list(): Promise<Review[]>;
  /** Records that people are told. @returns false where they were before */
  claim(review: Review, at: string, audit: AuditEvent): Promise<boolean>;
}

/** Which working days people had their digest for. */
export interface DigestStore {
  /** @param date `2030-01-02`, where the person lives @returns false where they had that day's, or a later one */
  claim(person: string, date: string): Promise<boolean>;
}

/** By who submitted, or because the release has ended. */
export type WithdrawalAsked =
  | {
      readonly requestId: string;
      /** Who asks for it: judged against who submitted. */
      readonly submitter: Submitter;
      readonly reason: string;
      /** For the audit entry. */
      readonly knownBy: Readonly<Record<string, unknown>>;
    }
  | { readonly requestId: string; readonly ended: { readonly release: number; readonly status: string } };

export interface WithdrawalAnswer {
  /** As it is then. */
  readonly status: ApprovalStatus;
  readonly refusal?: WithdrawalRefusal;
}

/** Takes questions back, for those who may do nothing else to a request. */
export interface Withdrawals {
  withdraw(asked: WithdrawalAsked): Promise<WithdrawalAnswer>;
}

/** What is said about requests. */
export interface ThreadStore {
  /** In order. */
  list(requestId: string): Promise<Note[]>;
  /** @returns false where the request is no longer open, or its number is taken: read again */
  add(request: ApprovalRequest, note: Note, audit: AuditEvent): Promise<boolean>;
  markTold(note: Note, at: string): Promise<void>;
}

/** Who stands in for whom, and the seats that move by it. */
export interface DelegationStore {
  /** Those that people made themselves, over or not. */
  list(): Promise<RecordedDelegation[]>;
  /**
   * Changes who may fill the seats, where the request is pending and as it was read; with the delegation that its maker records.
   *
   * @returns false where it is not, or the delegation is known: read again
   */
  moveSeats(
    request: ApprovalRequest,
    approvers: readonly Approver[],
    audit: AuditEvent,
    recorded?: RecordedDelegation,
  ): Promise<boolean>;
  /** Ends a delegation earlier. @param model whose chain records it @returns false where it has changed since it was read */
  end(delegation: RecordedDelegation, until: string, model: string, audit: AuditEvent): Promise<boolean>;
}

/** Makes and checks the MACs of links and forms. */
export interface LinkSigner {
  sign(link: Omit<ApprovalLink, 'keyId'>): Promise<string>;
  /** @returns the link, or undefined for anything that was not signed by a live key */
  verify(text: string): Promise<ApprovalLink | undefined>;
  signForm(link: ApprovalLink, nonce: string): Promise<string>;
  verifyForm(link: ApprovalLink, nonce: string, token: string): Promise<boolean>;
}

/** Keeps a waiting task's token unreadable at rest, bound to its request. */
export interface TokenVault {
  seal(requestId: string, token: string): Promise<string>;
  open(requestId: string, sealedToken: string): Promise<string>;
}

/** Answers the waiting task. */
export interface TaskCallback {
  /** @returns `gone` where the task no longer waits: timed out, aborted, or answered before */
  succeed(token: string, output: unknown): Promise<'answered' | 'gone'>;
}

/** Announces decisions; losing one only delays it until the sweep. */
export interface DecisionQueue {
  announce(requestId: string): Promise<void>;
}
