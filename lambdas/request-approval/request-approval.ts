import { approvalMail } from '../../domain/approval/approval-mail.ts';
import { type ApprovalRequest, type Approver, expiryOf } from '../../domain/approval/approval-request.ts';
import { approvalDigest, approvalSubject } from '../../domain/approval/approval-subject.ts';
import { comparisonOf } from '../../domain/approval/comparison.ts';
import { warningsOf } from '../../domain/approval/evidence.ts';
import type { ApprovalStore, DecisionQueue, LinkSigner, TokenVault } from '../../domain/approval/ports.ts';
import { isQuorum, seatsInWords } from '../../domain/approval/seats.ts';
import type { AuditEvent } from '../../domain/audit.ts';
import type { AuditTrail } from '../../domain/deployment/ports.ts';
import { ApprovalNotPossibleError } from '../../domain/errors.ts';
import type { Mailer, Now } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { ApprovalArchive } from '../shared/approval-archive.ts';
import { approvalUrl } from '../shared/approval-url.ts';
import { askedPeople } from '../shared/asked-people.ts';
import { type EvidenceDependencies, evidenceOf } from '../shared/compile-evidence.ts';
import type { RequestApprovalInput, RequestApprovalOutput } from './contract.ts';

export interface RequestApprovalDependencies extends EvidenceDependencies {
  readonly approvals: ApprovalStore;
  readonly audit: AuditTrail;
  readonly mailer: Mailer;
  readonly links: LinkSigner;
  readonly vault: TokenVault;
  readonly decisions: DecisionQueue;
  readonly archive: ApprovalArchive;
  /** Base URL of the approval pages, without a trailing slash. */
  readonly apiUrl: string;
  readonly now: Now;
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
  const asked = await newRequest(dependencies, release, input);
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
): Promise<ApprovalRequest> {
  const { readEvaluation, vault, now, newRequestId } = dependencies;
  const at = now();
  const { version, definition, seats, ...people } = await askedPeople(dependencies, release);
  if (!isQuorum(seats, people.approvers)) {
    const details = { seats, ...people };
    throw new ApprovalNotPossibleError(
      `expected people for ${seatsInWords(seats)}, got ${people.approvers.length} who may decide (${people.excluded.map(({ person, why }) => `${person} ${why}`).join('; ') || 'nobody is excluded'})`,
      details,
    );
  }
  const subject = approvalSubject(version, definition, seats);
  const requestId = newRequestId();
  return {
    requestId,
    model: release.model,
    release: release.release,
    version: version.version,
    status: 'Pending',
    digest: approvalDigest(subject),
    subject,
    seats,
    ...people,
    warnings: warningsOf(version, comparisonOf(await readEvaluation(version))),
    submitter: release.submitter,
    createdAt: at.toISOString(),
    expiresAt: expiryOf(new Date(taskExpiresAt), at).toISOString(),
    revision: 1,
    sealedToken: await vault.seal(requestId, taskToken),
    notified: false,
  };
}

/** One mail per approver. Someone who cannot be reached is an obstacle only where the others cannot fill the seats. */
async function notify(dependencies: RequestApprovalDependencies, request: ApprovalRequest): Promise<void> {
  const { approvals, archive, config, lineage, mailer } = dependencies;
  const { team } = await lineage.getVersion(request.model, request.version);
  const people = new Map(Object.entries(config.people));
  const reached: Approver[] = [];
  const failures: Error[] = [];
  for (const approver of request.approvers) {
    const { name, email } = people.get(approver.person)!;
    const evidence = await evidenceOf(dependencies, request, approver.person);
    const link = await approvalUrl(dependencies, request, approver.person);
    const mail = approvalMail(evidence, { name, email }, link);
    await archive.keepMail(team, request, mail, link);
    try {
      await mailer.send(mail);
      reached.push(approver);
    } catch (error) {
      failures.push(error as Error);
    }
  }
  if (!isQuorum(request.seats, reached)) {
    throw new ApprovalNotPossibleError(
      `expected mail to reach people for ${seatsInWords(request.seats)}, got through to ${reached.length} of ${request.approvers.length}: ${failures[0]?.message ?? 'too few were asked'}`,
      { reached: reached.map(({ person }) => person) },
      { cause: failures[0] },
    );
  }
  await approvals.markNotified(request.requestId);
}

const STEP = 'launchway:request-approval';
