import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { type Ballot, castVote, type VoteResult } from '../../domain/approval/cast-vote.ts';
import type { ApprovalStore, DecisionQueue } from '../../domain/approval/ports.ts';
import type { Now } from '../../domain/ports.ts';

export interface CastBallotDependencies {
  readonly approvals: ApprovalStore;
  readonly decisions: DecisionQueue;
  readonly now: Now;
  /** Told when a committed decision could not be announced; the sweep delivers it within the hour. */
  readonly onUnannounced: (error: unknown, requestId: string) => void;
}

export interface CastBallot {
  readonly requestId: string;
  readonly ballot: Ballot;
  /** What the voter had before them, for the audit entry; asked for once, and only for a ballot that counts. */
  readonly shown: () => Promise<Readonly<Record<string, unknown>>>;
}

/** Other approvers' votes change the revision; so many of them at one moment are not a person's doing. */
const COMMIT_ATTEMPTS = 12;

/** Judges and commits one ballot, however its voter came; one that lost a race is judged again by what the winner wrote. */
export async function castBallot(
  { approvals, decisions, now, onUnannounced }: CastBallotDependencies,
  { requestId, ballot, shown }: CastBallot,
): Promise<VoteResult | 'busy'> {
  let details: Readonly<Record<string, unknown>> | undefined;
  for (let attempt = 1; attempt <= COMMIT_ATTEMPTS; attempt++) {
    // The request first: a vote that commits between the two reads changes the revision, so this one is judged again.
    const request = (await approvals.findRequest(requestId))!;
    const result = castVote(request, await approvals.listVotes(requestId), ballot, now());
    if (result.kind === 'Refused') return result;
    details ??= await shown();
    if (!(await commit(approvals, request, result, details))) continue;
    if (result.status !== 'Pending') {
      // The outbox row is committed: a lost announcement only delays the answer until the sweep.
      await decisions.announce(requestId).catch((error) => onUnannounced(error, requestId));
    }
    return result;
  }
  return 'busy';
}

function commit(
  approvals: ApprovalStore,
  request: ApprovalRequest,
  { vote, status, approvers, reviewBy }: Extract<VoteResult, { kind: 'Counted' }>,
  shown: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { requestId, digest, release, version } = request;
  const approval = { requestId, digest, approvers, at: vote.at, ...(reviewBy !== undefined && { reviewBy }) };
  const decision =
    status === 'Pending' ? undefined : { status, approval: status === 'Approved' ? approval : undefined };
  return approvals.commitVote(request, vote, decision, {
    type: decision ? 'DecisionRecorded' : 'VoteRecorded',
    actor: vote.person,
    subject: `approval/${requestId}`,
    details: {
      ...(decision && { decision: status }),
      choice: vote.choice,
      reason: vote.reason,
      ...(vote.ticket !== undefined && { ticket: vote.ticket }),
      ...(vote.reviewBy !== undefined && { reviewBy: vote.reviewBy }),
      digest,
      release,
      version,
      identity: vote.identity,
      ...(vote.knownAs && { knownAs: vote.knownAs }),
      ...shown,
    },
  });
}
