import type { DeployedConfig } from '../deployed-config.ts';
import { visibleText } from '../mail/visible-text.ts';
import type { Submitter } from '../model.ts';
import type { VersionRow } from '../version.ts';
import { type ApprovalDecision, type ApprovalRequest, statusNow, type Withdrawal } from './approval-request.ts';
import { MAX_REASON_CHARACTERS } from './cast-vote.ts';
import { samePerson } from './seats.ts';

export type WithdrawalRefusal =
  | { readonly kind: 'NotTheSubmitter' }
  | { readonly kind: 'NotAnApprover' }
  /** It was decided, or is over. */
  | { readonly kind: 'Closed'; readonly status: ApprovalDecision }
  /** There is no approval to withdraw. */
  | { readonly kind: 'NotApproved' }
  | { readonly kind: 'WithdrawnBefore'; readonly withdrawal: Withdrawal }
  | { readonly kind: 'ReasonNeeded' }
  | { readonly kind: 'ReasonTooLong' };

export type WithdrawalResult =
  | { readonly kind: 'Refused'; readonly refusal: WithdrawalRefusal }
  | { readonly kind: 'Lawful'; readonly withdrawal: Withdrawal };

/** Takes back what is asked, before it is decided: only who submitted it may. */
export function withdrawRequest(
  config: DeployedConfig,
  request: ApprovalRequest,
  who: Submitter,
  reason: string,
  now: Date,
): WithdrawalResult {
  if (!isSubmitter(config, request.submitter, who)) return refused({ kind: 'NotTheSubmitter' });
  if (request.withdrawn) return refused({ kind: 'WithdrawnBefore', withdrawal: request.withdrawn });
  const status = statusNow(request, now);
  if (status !== 'Pending') return refused({ kind: 'Closed', status });
  return reasoned(who, reason, now);
}

/**
 * Takes an approval back after the decision: whoever was asked may, whether or not it was their own vote. The decision stays in
 * the record; the version may no longer be deployed or restored.
 */
export function revokeApproval(
  request: ApprovalRequest,
  { approval }: Pick<VersionRow, 'approval'>,
  person: string,
  reason: string,
  now: Date,
): WithdrawalResult {
  if (!request.approvers.some((one) => one.person === person)) return refused({ kind: 'NotAnApprover' });
  if (request.status !== 'Approved' || approval?.requestId !== request.requestId) {
    return refused({ kind: 'NotApproved' });
  }
  if (approval.revoked) return refused({ kind: 'WithdrawnBefore', withdrawal: approval.revoked });
  return reasoned({ person, principal: person }, reason, now);
}

const refused = (refusal: WithdrawalRefusal): WithdrawalResult => ({ kind: 'Refused', refusal });

function reasoned({ person, principal }: Submitter, given: string, now: Date): WithdrawalResult {
  const reason = visibleText(given, MAX_REASON_CHARACTERS + 1).trim();
  if (reason === '') return refused({ kind: 'ReasonNeeded' });
  if ([...reason].length > MAX_REASON_CHARACTERS) return refused({ kind: 'ReasonTooLong' });
  return { kind: 'Lawful', withdrawal: { by: person ?? principal, reason, at: now.toISOString() } };
}

/** The same person under any of their names, or, where nobody is known by it, the same principal. */
export function isSubmitter(config: DeployedConfig, submitter: Submitter, who: Submitter): boolean {
  if (submitter.person === undefined || who.person === undefined) return submitter.principal === who.principal;
  if (submitter.person === who.person) return true;
  const people = new Map(Object.entries(config.people));
  const [one, other] = [people.get(submitter.person), people.get(who.person)];
  return one !== undefined && other !== undefined && samePerson(one, other);
}
