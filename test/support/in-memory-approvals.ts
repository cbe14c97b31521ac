import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type ApprovalLink,
  decodeLink,
  encodeLink,
  formMacInput,
  linkMacInput,
} from '../../domain/approval/approval-link.ts';
import {
  type ApprovalDecision,
  type ApprovalRequest,
  type Approver,
  type KnownAs,
  type PendingCallback,
  resumption,
  type Vote,
  type Withdrawal,
} from '../../domain/approval/approval-request.ts';
import type { RecordedDelegation } from '../../domain/approval/delegation.ts';
import type {
  ApprovalStore,
  DecisionQueue,
  DelegationStore,
  DigestStore,
  LinkSigner,
  ReviewStore,
  TaskCallback,
  ThreadStore,
  TokenVault,
  Withdrawals,
} from '../../domain/approval/ports.ts';
import type { Pressure, Reminder } from '../../domain/approval/reminder.ts';
import type { Review } from '../../domain/approval/review.ts';
import type { Note } from '../../domain/approval/thread.ts';
import type { AuditEvent } from '../../domain/audit.ts';
import { NotFoundError, UnlawfulTransitionError } from '../../domain/errors.ts';
import type { VersionRow } from '../../domain/version.ts';
import { WithdrawApprovalInput } from '../../lambdas/withdraw-approval/contract.ts';
import {
  type WithdrawApprovalDependencies,
  withdrawApproval,
} from '../../lambdas/withdraw-approval/withdraw-approval.ts';
import type { InMemoryLineageStore } from './in-memory.ts';

/** The approval store's conditions over maps. Each write happens in one turn of the event loop, as a transaction does. */
export class InMemoryApprovalStore implements ApprovalStore {
  readonly requests = new Map<string, ApprovalRequest>();
  readonly votes = new Map<string, Vote>();
  readonly reminders = new Map<string, Reminder>();
  readonly reviews = new Map<string, Review>();
  readonly outbox = new Map<string, PendingCallback>();
  readonly audit: AuditEvent[] = [];
  readonly newestAsked = new Map<string, number>();
  readonly refusedIdentities = new Set<string>();
  readonly #lineage: InMemoryLineageStore;

  constructor(lineage: InMemoryLineageStore) {
    this.#lineage = lineage;
  }

  async findRequest(requestId: string) {
    return this.requests.get(requestId);
  }

  async listVotes(requestId: string) {
    return [...this.votes.values()].filter((vote) => vote.requestId === requestId);
  }

  async open(asked: ApprovalRequest, audit: AuditEvent) {
    const key = `${asked.model}/${asked.release}`;
    const release = this.#lineage.releases.get(key);
    const known = release?.steps.approval && this.requests.get(release.steps.approval.requestId);
    if (known) return { request: known, superseded: [] };
    if (release?.status !== 'Validating')
      throw new UnlawfulTransitionError(`expected Validating, got ${release?.status}`);
    const newest = this.newestAsked.get(asked.model) ?? 0;
    const at = asked.createdAt;
    const request: ApprovalRequest =
      newest > asked.release ? { ...asked, status: 'Superseded', supersededBy: newest, decidedAt: at } : asked;
    const superseded: string[] = [];
    if (request.status === 'Superseded') superseded.push(this.#putCallback(request, 'Superseded', at));
    else {
      this.newestAsked.set(asked.model, asked.release);
      for (const older of this.requests.values()) {
        if (older.model !== asked.model || older.release >= asked.release || older.status !== 'Pending') continue;
        this.#change(older, { status: 'Superseded', supersededBy: asked.release, decidedAt: at });
        superseded.push(this.#putCallback(older, 'Superseded', at));
      }
    }
    this.requests.set(request.requestId, request);
    if (request.status === 'Pending') this.#putReminder(request, at);
    const steps = { ...release.steps, approval: { requestId: request.requestId } };
    this.#lineage.releases.set(key, { ...release, status: 'AwaitingApproval', steps });
    this.audit.push(audit);
    return { request, superseded };
  }

  async resume(
    requestId: string,
    task: { readonly sealedToken: string; readonly expiresAt: string },
    at: string,
    audit: AuditEvent,
  ) {
    const request = this.#get(requestId);
    const change = resumption(request, task, at);
    const changed = this.#change(request, change);
    if (change.expiresAt !== undefined) this.#putReminder(changed, at);
    if (changed.status !== 'Pending') {
      this.#putCallback(changed, changed.status, changed.decidedAt ?? changed.expiresAt);
    }
    this.audit.push(audit);
    return changed;
  }

  async markNotified(requestId: string) {
    this.requests.set(requestId, { ...this.#get(requestId), notified: true });
  }

  async commitVote(
    read: ApprovalRequest,
    vote: Vote,
    decision: { readonly status: 'Approved' | 'Rejected'; readonly approval: VersionRow['approval'] } | undefined,
    audit: AuditEvent,
  ) {
    const request = this.#get(read.requestId);
    const key = `${vote.requestId}/${vote.person}`;
    const isOpen = request.status === 'Pending' && request.expiresAt > vote.at;
    if (!isOpen || request.revision !== read.revision || request.digest !== read.digest || this.votes.has(key)) {
      return false;
    }
    const version = this.#lineage.versions.get(`${request.model}/${request.version}`);
    if (decision && version?.status !== 'Validated') throw new UnlawfulTransitionError(`got ${version?.status}`);
    this.votes.set(key, vote);
    this.#change(request, decision ? { status: decision.status, decidedAt: vote.at } : {});
    if (decision && version) {
      const { status, approval } = decision;
      this.#lineage.versions.set(`${request.model}/${request.version}`, {
        ...version,
        status,
        ...(approval && { approval }),
      });
      this.#putCallback(request, status, vote.at);
      const { requestId, model } = request;
      const { reviewBy } = approval ?? {};
      if (reviewBy !== undefined) this.reviews.set(requestId, { requestId, model, version: request.version, reviewBy });
    }
    this.audit.push(audit);
    return true;
  }

  async noteRefusedIdentity({ requestId }: ApprovalRequest, { issuer, subject }: KnownAs, audit: AuditEvent) {
    const key = `${requestId}/${issuer}/${subject}`;
    if (!this.refusedIdentities.has(key)) this.audit.push(audit);
    this.refusedIdentities.add(key);
  }

  async close(
    requestId: string,
    status: Extract<ApprovalDecision, 'Expired' | 'Withdrawn'>,
    at: string,
    audit: AuditEvent,
    withdrawn?: Withdrawal,
  ) {
    const request = this.#get(requestId);
    if (request.status !== 'Pending') return request;
    if (status === 'Withdrawn') this.#putCallback(request, status, at);
    this.audit.push(audit);
    return this.#change(request, { status, decidedAt: at, ...(withdrawn && { withdrawn }) });
  }

  async noteUnreachable(
    read: ApprovalRequest,
    { unreachable = [], approvers }: Pick<ApprovalRequest, 'unreachable' | 'approvers'>,
    audit: AuditEvent,
  ) {
    const request = this.#get(read.requestId);
    if (request.status !== 'Pending' || request.revision !== read.revision) return false;
    this.#change(request, { unreachable, approvers });
    this.audit.push(audit);
    return true;
  }

  async revoke({ requestId, model, version }: ApprovalRequest, revoked: Withdrawal, audit: AuditEvent) {
    const key = `${model}/${version}`;
    const row = this.#lineage.versions.get(key);
    if (row?.approval?.requestId !== requestId || row.approval.revoked) return false;
    this.#lineage.versions.set(key, { ...row, approval: { ...row.approval, revoked } });
    this.audit.push(audit);
    return true;
  }

  async listReminders() {
    return [...this.reminders.values()];
  }

  async claimReminder(
    reminder: Reminder,
    { stage, reminded }: Pressure,
    read: ApprovalRequest,
    approvers: readonly Approver[],
    audit: AuditEvent,
  ) {
    const now = this.reminders.get(reminder.requestId);
    const request = this.#get(read.requestId);
    if (now?.stage !== reminder.stage || now.expiresAt !== reminder.expiresAt) return false;
    if (String(now.reminded) !== String(reminder.reminded)) return false;
    if (request.status !== 'Pending' || request.revision !== read.revision) return false;
    this.reminders.set(reminder.requestId, { ...now, stage, reminded });
    this.#change(request, { approvers });
    this.audit.push(audit);
    return true;
  }

  async dropReminder({ requestId, expiresAt }: Reminder) {
    if (this.reminders.get(requestId)?.expiresAt === expiresAt) this.reminders.delete(requestId);
  }

  #putReminder({ requestId, model, expiresAt }: ApprovalRequest, since: string) {
    this.reminders.set(requestId, { requestId, model, stage: 'Asked', since, expiresAt });
  }

  async findCallback(requestId: string) {
    return this.outbox.get(requestId);
  }

  async listCallbacks() {
    return [...this.outbox.values()];
  }

  async confirmCallback(callback: PendingCallback, audit: AuditEvent) {
    if (this.outbox.get(callback.requestId)?.sealedToken !== callback.sealedToken) return;
    this.outbox.delete(callback.requestId);
    this.audit.push(audit);
  }

  #get(requestId: string): ApprovalRequest {
    const request = this.requests.get(requestId);
    if (!request) throw new NotFoundError(`expected approval request ${requestId}, got none`);
    return request;
  }

  #change(request: ApprovalRequest, change: Partial<ApprovalRequest>): ApprovalRequest {
    const changed = { ...request, ...change, revision: request.revision + 1 };
    this.requests.set(request.requestId, changed);
    return changed;
  }

  #putCallback({ requestId, model, release, sealedToken }: ApprovalRequest, decision: ApprovalDecision, at: string) {
    this.outbox.set(requestId, { requestId, model, release, decision, decidedAt: at, sealedToken });
    return requestId;
  }
}

/** Notes by request and number, while the request beside them is open. */
export class InMemoryThreadStore implements ThreadStore {
  readonly notes = new Map<string, Note>();
  readonly #approvals: InMemoryApprovalStore;

  constructor(approvals: InMemoryApprovalStore) {
    this.#approvals = approvals;
  }

  async list(requestId: string) {
    return [...this.notes.values()].filter((note) => note.requestId === requestId);
  }

  async add({ requestId }: ApprovalRequest, note: Note, audit: AuditEvent) {
    const request = this.#approvals.requests.get(requestId);
    const key = `${requestId}/${note.number}`;
    if (request?.status !== 'Pending' || request.expiresAt <= note.at || this.notes.has(key)) return false;
    this.notes.set(key, note);
    this.#approvals.audit.push(audit);
    return true;
  }

  async markTold({ requestId, number }: Note, at: string) {
    const key = `${requestId}/${number}`;
    this.notes.set(key, { ...this.notes.get(key)!, toldAt: at });
  }
}

/** Delegations by person and first day; seats move in the approvals beside them. */
export class InMemoryReviewStore implements ReviewStore {
  readonly #approvals: InMemoryApprovalStore;

  constructor(approvals: InMemoryApprovalStore) {
    this.#approvals = approvals;
  }

  async list() {
    return [...this.#approvals.reviews.values()];
  }

  async claim({ requestId }: Review, toldAt: string, audit: AuditEvent) {
    const review = this.#approvals.reviews.get(requestId);
    if (!review || review.toldAt !== undefined) return false;
    this.#approvals.reviews.set(requestId, { ...review, toldAt });
    this.#approvals.audit.push(audit);
    return true;
  }
}

export class InMemoryDigestStore implements DigestStore {
  readonly #last = new Map<string, string>();

  async claim(person: string, date: string) {
    if ((this.#last.get(person) ?? '') >= date) return false;
    this.#last.set(person, date);
    return true;
  }
}

export class InMemoryDelegationStore implements DelegationStore {
  readonly delegations = new Map<string, RecordedDelegation>();
  readonly #approvals: InMemoryApprovalStore;

  constructor(approvals: InMemoryApprovalStore) {
    this.#approvals = approvals;
  }

  async list() {
    return [...this.delegations.values()];
  }

  async moveSeats(
    read: ApprovalRequest,
    approvers: readonly Approver[],
    audit: AuditEvent,
    recorded?: RecordedDelegation,
  ) {
    const request = this.#approvals.requests.get(read.requestId);
    if (request?.status !== 'Pending' || request.revision !== read.revision) return false;
    const key = `${recorded?.person}#${recorded?.from}`;
    if (this.delegations.has(key)) return false;
    if (recorded) this.delegations.set(key, recorded);
    this.#approvals.requests.set(read.requestId, { ...request, approvers, revision: request.revision + 1 });
    this.#approvals.audit.push(audit);
    return true;
  }

  async end(delegation: RecordedDelegation, until: string, _model: string, audit: AuditEvent) {
    const key = `${delegation.person}#${delegation.from}`;
    if (this.delegations.get(key)?.until !== delegation.until) return false;
    this.delegations.set(key, { ...delegation, until });
    this.#approvals.audit.push(audit);
    return true;
  }
}

/** Links under HMAC keys held here; `keys[0]` signs, all of them verify. */
export class InMemoryLinkSigner implements LinkSigner {
  readonly keys: string[];

  constructor(...keys: string[]) {
    this.keys = keys.length > 0 ? keys : ['key-1'];
  }

  async sign(link: Omit<ApprovalLink, 'keyId'>) {
    const signed = { ...link, keyId: this.keys[0]! };
    return encodeLink(signed, mac(signed.keyId, linkMacInput(signed)));
  }

  async verify(text: string) {
    const decoded = decodeLink(text);
    if (!decoded || !this.keys.includes(decoded.link.keyId)) return undefined;
    return timingSafeEqual(mac(decoded.link.keyId, linkMacInput(decoded.link)), decoded.mac) ? decoded.link : undefined;
  }

  async signForm(link: ApprovalLink, nonce: string) {
    return mac(this.keys[0]!, formMacInput(link, nonce)).toString('base64url');
  }

  async verifyForm(link: ApprovalLink, nonce: string, token: string) {
    return this.keys.some((key) => token === mac(key, formMacInput(link, nonce)).toString('base64url'));
  }
}

const mac = (key: string, message: Uint8Array): Buffer => createHmac('sha256', key).update(message).digest();

/** Tokens leave only through `open`, and only for the request that they were sealed for. */
export class InMemoryTokenVault implements TokenVault {
  readonly #tokens = new Map<string, string>();

  async seal(requestId: string, token: string) {
    const sealed = `sealed-${this.#tokens.size + 1}`;
    this.#tokens.set(`${requestId}/${sealed}`, token);
    return sealed;
  }

  async open(requestId: string, sealedToken: string) {
    const token = this.#tokens.get(`${requestId}/${sealedToken}`);
    if (token === undefined) throw new Error('expected a token sealed for this request, got none');
    return token;
  }
}

/** Keeps what tasks were answered with; a token in `gone` no longer waits. */
export class InMemoryTasks implements TaskCallback {
  readonly answers: { readonly token: string; readonly output: unknown }[] = [];
  readonly gone = new Set<string>();
  failWith: Error | undefined;

  async succeed(token: string, output: unknown) {
    if (this.failWith) throw this.failWith;
    if (this.gone.has(token)) return 'gone' as const;
    this.gone.add(token);
    this.answers.push({ token, output });
    return 'answered' as const;
  }
}

/** The function that takes questions back, in the same process. */
export const inMemoryWithdrawals = (dependencies: WithdrawApprovalDependencies): Withdrawals => ({
  withdraw: async (asked) =>
    withdrawApproval(dependencies)(WithdrawApprovalInput.parse(JSON.parse(JSON.stringify(asked)))),
});

export class InMemoryDecisionQueue implements DecisionQueue {
  readonly announced: string[] = [];
  failWith: Error | undefined;

  async announce(requestId: string) {
    if (this.failWith) throw this.failWith;
    this.announced.push(requestId);
  }
}
