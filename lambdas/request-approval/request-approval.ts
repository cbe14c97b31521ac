import { type ApprovalRequest, type Approver, expiryOf } from '../../domain/approval/approval-request.ts';
import { approvalDigest, approvalSubject } from '../../domain/approval/approval-subject.ts';
import { comparisonOf } from '../../domain/approval/comparison.ts';
import type { Delegation } from '../../domain/approval/delegation.ts';
import { isUrgent } from '../../domain/approval/digest.ts';
import { warningsOf } from '../../domain/approval/evidence.ts';
import type { ApprovalStore, DecisionQueue, TokenVault } from '../../domain/approval/ports.ts';
import { isQuorum, seatsInWords } from '../../domain/approval/seats.ts';
import type { AuditEvent } from '../../domain/audit.ts';
import { ApprovalNotPossibleError } from '../../domain/errors.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { announceNotice, type NoticeDependencies } from '../shared/announce-notice.ts';
import { type AskedPeopleDependencies, askedPeople } from '../shared/asked-people.ts';
import { type MailApproverDependencies, mailApprover } from '../shared/mail-approver.ts';
import { type SubmitterMailDependencies, tellSubmitter } from '../shared/thread-mails.ts';
import type { RequestApprovalInput, RequestApprovalOutput } from './contract.ts';

export interface RequestApprovalDependencies
  extends AskedPeopleDependencies,
    MailApproverDependencies,
    SubmitterMailDependencies,
    NoticeDependencies {
  readonly approvals: ApprovalStore;
  readonly vault: TokenVault;
  readonly decisions: DecisionQueue;
  /** `r` and at least 128 random bits. */
  readonly newRequestId: () => string;
}

/**
 * Asks everyone who may decide, each with a link of their own. A retried or redriven task finds the request that people see
 * already, gives it its new token, and mails nobody twice.
 *
 * @throws {ApprovalNotPossibleError} four eyes or unreachable mailboxes leave too few people for the seats
 */
export const requestApproval =
  (dependencies: RequestApprovalDependencies) =>
  async (input: RequestApprovalInput): Promise<RequestApprovalOutput> => {
    const { lineage, approvals } = dependencies;
    const release = await lineage.getRelease(input.model, input.release);
    const known = release.steps.approval && (await approvals.findRequest(release.steps.approval.requestId));
    const request = known ? await resume(dependencies, known, input) : await open(dependencies, release, input);
    if (request.status === 'Pending' && !request.notified) await notify(dependencies, request);
    return { requestId: request.requestId };
  };

async function resume(
  { approvals, vault, decisions, now }: RequestApprovalDependencies,
  known: ApprovalRequest,
  { taskToken, taskExpiresAt }: RequestApprovalInput,
): Promise<ApprovalRequest> {
  const at = now();
  const task = {
    sealedToken: await vault.seal(known.requestId, taskToken),
    expiresAt: expiryOf(new Date(taskExpiresAt), at).toISOString(),
  };
  const event = { type: 'ApprovalTaskReplaced', actor: STEP, subject: `approval/${known.requestId}` };
  const request = await approvals.resume(known.requestId, task, at.toISOString(), event);
  if (request.status !== 'Pending') await decisions.announce(request.requestId);
  return request;
}

async function open(
  dependencies: RequestApprovalDependencies,
  release: ReleaseRow,
  input: RequestApprovalInput,
): Promise<ApprovalRequest> {
  const { approvals, decisions } = dependencies;
  const { asked, moved } = await newRequest(dependencies, release, input);
  const event: AuditEvent = {
    type: 'ApprovalRequested',
    actor: STEP,
    subject: `approval/${asked.requestId}`,
    details: {
      release: asked.release,
      version: asked.version,
      digest: asked.digest,
      approvers: asked.approvers.map(({ person }) => person),
      excluded: asked.excluded,
      ...(moved.length > 0 && { delegated: moved }),
      expiresAt: asked.expiresAt,
    },
  };
  const { request, superseded } = await approvals.open(asked, event);
  for (const requestId of superseded) await decisions.announce(requestId);
  return request;
}

async function newRequest(
  dependencies: RequestApprovalDependencies,
  release: ReleaseRow,
  { taskToken, taskExpiresAt }: RequestApprovalInput,
): Promise<{ readonly asked: ApprovalRequest; readonly moved: readonly Delegation[] }> {
  const { readEvaluation, vault, now, newRequestId } = dependencies;
  const at = now();
  const { version, definition, seats, moved, approvers, excluded } = await askedPeople(dependencies, release);
  if (!isQuorum(seats, approvers)) {
    const details = { seats, approvers, excluded };
    throw new ApprovalNotPossibleError(
      `expected people for ${seatsInWords(seats)}, got ${approvers.length} who may decide (${excluded.map(({ person, why }) => `${person} ${why}`).join('; ') || 'nobody is excluded'})`,
      details,
    );
  }
  const subject = approvalSubject(version, definition, seats);
  const requestId = newRequestId();
  const { changeTicket, reviewWithinDays, digest } = dependencies.config.tiers[definition.tier] ?? {};
  const asked: ApprovalRequest = {
    requestId,
    model: release.model,
    release: release.release,
    version: version.version,
    status: 'Pending',
    digest: approvalDigest(subject),
    subject,
    seats,
    approvers,
    excluded,
    warnings: warningsOf(version, comparisonOf(await readEvaluation(version))),
    ...(changeTicket !== undefined && { changeTicket }),
    ...(digest !== undefined && { mailed: digest }),
    ...(reviewWithinDays !== undefined && { reviewWithinDays }),
    submitter: release.submitter,
    createdAt: at.toISOString(),
    expiresAt: expiryOf(new Date(taskExpiresAt), at).toISOString(),
    revision: 1,
    sealedToken: await vault.seal(requestId, taskToken),
    notified: false,
  };
  return { asked, moved };
}

/** One mail per approver, or none yet where a digest tells them in time. Someone who cannot be reached is an obstacle only where the others cannot fill the seats. */
async function notify(dependencies: RequestApprovalDependencies, request: ApprovalRequest): Promise<void> {
  const { config, now } = dependencies;
  const reached: Approver[] = [];
  const failures: Error[] = [];
  for (const approver of request.approvers) {
    const isLater = request.mailed === 'daily' && !isUrgent(config, request, approver, now());
    const failure = isLater ? undefined : await mailApprover(dependencies, request, approver.person);
    if (failure) failures.push(failure);
    else reached.push(approver);
  }
  if (!isQuorum(request.seats, reached)) {
    throw new ApprovalNotPossibleError(
      `expected mail to reach people for ${seatsInWords(request.seats)}, got through to ${reached.length} of ${request.approvers.length}: ${failures[0]?.message ?? 'too few were asked'}`,
      { reached: reached.map(({ person }) => person) },
      { cause: failures[0] },
    );
  }
  await tellSubmitter(dependencies, request);
  await announceNotice(dependencies, request, 'asked');
  await dependencies.approvals.markNotified(request.requestId);
}

const STEP = 'launchway:request-approval';
