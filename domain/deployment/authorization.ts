import type { ApprovalRequest, Vote } from '../approval/approval-request.ts';
import { type ApprovalSubject, approvalDigest, differingMembers } from '../approval/approval-subject.ts';
import { isQuorum } from '../approval/seats.ts';
import type { VersionRow } from '../version.ts';

/** What the table and the store have at the moment of deployment. */
export interface DeploymentFacts {
  readonly version: VersionRow;
  /** The request that the version's row names; absent where it names none. */
  readonly request?: ApprovalRequest;
  readonly votes: readonly Vote[];
  /** Computed anew from the rows, the definition and the deployed configuration. */
  readonly subject: ApprovalSubject;
  /** Hex SHA-256 of the sealed artifact's bytes, read again. */
  readonly artifactSha256: string;
  /** A former champion is served again: it needs no approval of its own now, but must have had one and served under it. */
  readonly restoring: boolean;
  /** Of a version that is restored: the champion after a failed deployment, or what a rollback that is under way names. */
  readonly restoreAllowed?: boolean;
}

/**
 * Everything that speaks against deploying a version, one clause each; none means that exactly this was approved.
 *
 * Nothing here is taken from the workflow's state: whoever can start it can write that.
 */
export function reasonsAgainstDeployment(facts: DeploymentFacts): string[] {
  const { version, request, subject, artifactSha256, restoring } = facts;
  const lawful: readonly VersionRow['status'][] = restoring ? ['Deployed', 'Retired'] : ['Approved', 'Deployed'];
  const against: string[] = [];
  if (!lawful.includes(version.status)) {
    against.push(`expected the version to be ${lawful.join(' or ')}, got ${version.status}`);
  }
  if (restoring && version.withdrawn)
    against.push(`expected a version that was not withdrawn, got ${version.withdrawn.reason}`);
  if (restoring && !facts.restoreAllowed) {
    against.push('expected the champion, or the version that a rollback under way names, got neither');
  }
  if (artifactSha256 !== version.artifact.object.sha256) {
    against.push(`expected artifact sha256 ${version.artifact.object.sha256}, got ${artifactSha256}`);
  }
  if (!request) return [...against, 'expected an approval request of this version, got none'];
  return [...against, ...requestAgainst(facts, request), ...subjectAgainst(request, subject, restoring)];
}

function requestAgainst({ version, votes }: DeploymentFacts, request: ApprovalRequest): string[] {
  const against: string[] = [];
  if (request.model !== version.model || request.version !== version.version) {
    against.push(`expected a request of this version, got one of ${request.model} version ${request.version}`);
  }
  const revoked = version.approval?.revoked;
  if (revoked)
    against.push(`expected an approval that stands, got one that ${revoked.by} took back: ${revoked.reason}`);
  if (request.status !== 'Approved') against.push(`expected the request to be Approved, got ${request.status}`);
  if (version.approval?.digest !== request.digest) {
    against.push(`expected approval of ${request.digest}, got ${version.approval?.digest ?? 'none'}`);
  }
  if (votes.some(({ choice }) => choice === 'reject')) against.push('expected no rejection, got one');
  const voted = votes.filter(({ choice, digest }) => choice === 'approve' && digest === request.digest);
  const people = request.approvers.filter(({ person }) => voted.some((vote) => vote.person === person));
  if (!isQuorum(request.seats, people)) against.push(`expected votes for every seat, got ${people.length} that count`);
  return against;
}

function subjectAgainst(request: ApprovalRequest, subject: ApprovalSubject, restoring: boolean): string[] {
  if (approvalDigest(request.subject) !== request.digest) {
    return [`expected the request to hold what digest ${request.digest} was made of, got something else`];
  }
  // A tier that asks for more today does not unapprove what served yesterday.
  const differing = differingMembers(request.subject, subject).filter((name) => !restoring || name !== 'policy');
  return differing.length === 0 ? [] : [`expected what was approved, got another ${differing.join(', ')}`];
}
