import type { ApprovalDecision } from '../../domain/approval/approval-request.ts';
import type { DelegationRefusal } from '../../domain/approval/delegation.ts';
import { day } from '../../domain/approval/moment.ts';
import type { NoteRefusal } from '../../domain/approval/thread.ts';
import type { WithdrawalRefusal } from '../../domain/approval/withdrawal.ts';

/** Why nothing more can be done about a request, as a clause. */
export const CLOSED: Readonly<Record<ApprovalDecision, string>> = {
  Approved: 'it was approved before',
  Rejected: 'it was rejected before',
  Expired: 'its time was over',
  Superseded: 'a newer release took its place',
  Withdrawn: 'it was withdrawn',
};

export function noteRefusalInWords(refusal: NoteRefusal): string {
  switch (refusal.kind) {
    case 'Closed':
      return `It was not sent: ${CLOSED[refusal.status]}.`;
    case 'Empty':
      return 'Write what you want to ask or say.';
    case 'TooLong':
      return 'A question or comment has at most 2,000 characters.';
    case 'TooMany':
      return 'So much has been said about this request that no more is taken. Talk to each other.';
  }
}

export function delegationRefusalInWords(refusal: DelegationRefusal): string {
  switch (refusal.kind) {
    case 'UnknownPerson':
      return 'Choose who stands in for you.';
    case 'Oneself':
      return 'Choose somebody else: you cannot stand in for yourself.';
    case 'NotAnApprover':
      return 'Only somebody who is named for a role can stand in. Ask your platform engineer.';
    case 'Excluded':
      return `They may not decide this: four eyes (${refusal.why}).`;
    case 'NoPeriod':
      return 'Give the first day away and the day on which you are back, later and not in the past.';
    case 'TooLong':
      return 'At most 92 days. For longer, have the configuration changed.';
    case 'Chain':
      return `They are away or stand in for somebody themselves (${day(refusal.with.from)} to ${day(refusal.with.until)}). Choose another.`;
    case 'Overlap':
      return `You have handed your seat over already, from ${day(refusal.with.from)} until ${day(refusal.with.until)}.`;
    case 'Voted':
      return 'You have decided here, so your seat stays yours.';
    case 'SeatOfTheirOwn':
      return 'They are needed for a seat of their own here, and a person fills one. Choose another.';
  }
}

export function withdrawalRefusalInWords(refusal: WithdrawalRefusal): string {
  switch (refusal.kind) {
    case 'NotTheSubmitter':
      return 'Only who submitted it can withdraw it.';
    case 'NotAnApprover':
      return 'Only somebody who was asked can take the approval back.';
    case 'Closed':
      return `It is too late: ${CLOSED[refusal.status]}.`;
    case 'NotApproved':
      return 'There is no approval to take back.';
    case 'WithdrawnBefore':
      return 'It was taken back before.';
    case 'ReasonNeeded':
      return 'Say why: it is kept in the record.';
    case 'ReasonTooLong':
      return 'A reason has at most 2,000 characters.';
  }
}
