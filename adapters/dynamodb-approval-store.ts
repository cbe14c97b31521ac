import {
  type ApprovalDecision,
  type ApprovalRequest,
  type Approver,
  type KnownAs,
  type PendingCallback,
  resumption,
  type Vote,
  type Withdrawal,
} from '../domain/approval/approval-request.ts';
import type { ApprovalStore } from '../domain/approval/ports.ts';
import type { Pressure, Reminder } from '../domain/approval/reminder.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { NotFoundError, UnlawfulTransitionError } from '../domain/errors.ts';
import type { ModelRow } from '../domain/model.ts';
import type { ReleaseRow } from '../domain/release.ts';
import { type VersionRow, versionLawfulBefore } from '../domain/version.ts';
import {
  changeRequest,
  type Older,
  openItems,
  outboxItem,
  reminderItem,
  reviewItem,
} from './dynamodb-approval-items.ts';
import { moveItem, withoutKeys } from './dynamodb-lineage-store.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';
import { sha256Hex } from './sha256.ts';

const ATTEMPTS = 6;

/** Request ids start with this, so the outbox can be listed by a prefix. */
const REQUEST_ID_PREFIX = 'r';

/** Approval requests, votes and the outbox in the one table. */
export class DynamoDbApprovalStore implements ApprovalStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async findRequest(requestId: string): Promise<ApprovalRequest | undefined> {
    return withoutKeys(await this.#table.get<ApprovalRequest>(keys.request(requestId)));
  }

  async listVotes(requestId: string): Promise<Vote[]> {
    const votes = await this.#table.query<Vote>(keys.request(requestId).pk, 'VOTE#');
    return votes.map((vote) => withoutKeys(vote)!);
  }

  async open(request: ApprovalRequest, audit: AuditEvent) {
    for (let attempt = 1; ; attempt++) {
      const older = await this.#olderPending(request);
      const items = openItems(request, older);
      try {
        await this.#table.transactAudited(request.model, audit, items.writes);
        return { request: items.request, superseded: items.superseded };
      } catch (error) {
        if (!(error instanceof ConditionFailedError) || !error.failed.includes(true)) throw error;
        const row = await this.#table.get<ReleaseRow>(keys.release(request.model, request.release));
        const opened = row?.steps.approval && (await this.findRequest(row.steps.approval.requestId));
        // A retried delivery of the same task was first; its request is the one that people see.
        if (opened) return { request: opened, superseded: [] };
        if (row?.status !== 'Validating') throw notAwaiting(request, row?.status);
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  async resume(
    requestId: string,
    task: { readonly sealedToken: string; readonly expiresAt: string },
    at: string,
    audit: AuditEvent,
  ): Promise<ApprovalRequest> {
    return this.#changed(requestId, async (request) => {
      const change = resumption(request, task, at);
      const writes = [changeRequest(request, change)];
      if (change.expiresAt !== undefined) writes.push(reminderItem({ ...request, ...change }, at));
      if (request.status !== 'Pending') {
        writes.push(outboxItem(request, request.status, request.decidedAt ?? request.expiresAt, task.sealedToken));
      }
      await this.#table.transactAudited(request.model, audit, writes);
      return { ...request, ...change, revision: request.revision + 1 };
    });
  }

  async markNotified(requestId: string): Promise<void> {
    await this.#table.transact([
      {
        Update: {
          Key: keys.request(requestId),
          UpdateExpression: 'SET notified = :yes',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':yes': true },
        },
      },
    ]);
  }

  async commitVote(
    request: ApprovalRequest,
    vote: Vote,
    decision: { readonly status: 'Approved' | 'Rejected'; readonly approval: VersionRow['approval'] } | undefined,
    audit: AuditEvent,
  ): Promise<boolean> {
    const change = decision ? { status: decision.status, decidedAt: vote.at } : {};
    const writes: TransactItem[] = [
      changeRequest(request, change, { pendingAt: vote.at }),
      {
        Put: {
          Item: { ...keys.vote(request.requestId, vote.person), ...vote },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ];
    if (decision) {
      const key = keys.version(request.model, request.version);
      const lawful = versionLawfulBefore(decision.status);
      writes.push(
        moveItem(key, decision.status, lawful, { ...(decision.approval && { approval: decision.approval }) }),
        outboxItem(request, decision.status, vote.at, request.sealedToken),
      );
      const { reviewBy } = decision.approval ?? {};
      if (reviewBy !== undefined) writes.push(reviewItem(request, reviewBy));
    }
    try {
      await this.#table.transactAudited(request.model, audit, writes);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error;
      // The version was decided under another request: reading again would find this one as open as before.
      if (error.failed[2] && !error.failed[0] && !error.failed[1]) throw error;
      return false;
    }
  }

  async noteRefusedIdentity({ requestId, model }: ApprovalRequest, who: KnownAs, audit: AuditEvent): Promise<void> {
    const identity = sha256Hex(`${who.issuer}\n${who.subject}`).slice(0, 16);
    const row: TransactItem = {
      Put: {
        Item: { ...keys.refusedIdentity(requestId, identity), ...who },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    };
    await this.#table.holds(() => this.#table.transactAudited(model, audit, [row]));
  }

  async close(
    requestId: string,
    status: Extract<ApprovalDecision, 'Expired' | 'Withdrawn'>,
    at: string,
    audit: AuditEvent,
    withdrawn?: Withdrawal,
  ): Promise<ApprovalRequest> {
    return this.#changed(requestId, async (request) => {
      if (request.status !== 'Pending') return request;
      const change = { status, decidedAt: at, ...(withdrawn && { withdrawn }) };
      const writes = [changeRequest(request, change)];
      // An expired request's task has timed out by itself; a withdrawn one's still waits.
      if (status === 'Withdrawn') writes.push(outboxItem(request, status, at, request.sealedToken));
      await this.#table.transactAudited(request.model, audit, writes);
      return { ...request, ...change, revision: request.revision + 1 };
    });
  }

  async noteUnreachable(
    request: ApprovalRequest,
    { unreachable = [], approvers }: Pick<ApprovalRequest, 'unreachable' | 'approvers'>,
    audit: AuditEvent,
  ): Promise<boolean> {
    const at = this.#table.now().toISOString();
    const write = changeRequest(request, { unreachable, approvers }, { pendingAt: at });
    return this.#table.holds(() => this.#table.transactAudited(request.model, audit, [write]));
  }

  async revoke({ requestId, model, version }: ApprovalRequest, revoked: Withdrawal, audit: AuditEvent) {
    const write: TransactItem = {
      Update: {
        Key: keys.version(model, version),
        UpdateExpression: 'SET approval.revoked = :revoked',
        ConditionExpression: 'approval.requestId = :requestId AND attribute_not_exists(approval.revoked)',
        ExpressionAttributeValues: { ':revoked': revoked, ':requestId': requestId },
      },
    };
    return this.#table.holds(() => this.#table.transactAudited(model, audit, [write]));
  }

  async listReminders(): Promise<Reminder[]> {
    const rows = await this.#table.query<Reminder>('REMINDERS', REQUEST_ID_PREFIX);
    return rows.map((row) => withoutKeys(row)!);
  }

  async claimReminder(
    { requestId, stage: current, reminded: before, expiresAt }: Reminder,
    { stage, reminded }: Pressure,
    request: ApprovalRequest,
    approvers: readonly Approver[],
    audit: AuditEvent,
  ): Promise<boolean> {
    const claim: TransactItem = {
      Update: {
        Key: keys.reminder(requestId),
        UpdateExpression: 'SET stage = :next, reminded = :reminded',
        ConditionExpression: `stage = :current AND expiresAt = :expiresAt AND ${before ? 'reminded = :before' : 'attribute_not_exists(reminded)'}`,
        ExpressionAttributeValues: {
          ':next': stage,
          ':reminded': reminded,
          ':current': current,
          ':expiresAt': expiresAt,
          ...(before && { ':before': before }),
        },
      },
    };
    return this.#table.holds(() =>
      this.#table.transactAudited(request.model, audit, [
        claim,
        changeRequest(request, { approvers }, { pendingAt: this.#table.now().toISOString() }),
      ]),
    );
  }

  async dropReminder({ requestId, expiresAt }: Reminder): Promise<void> {
    const row: TransactItem = {
      Delete: {
        Key: keys.reminder(requestId),
        ConditionExpression: 'expiresAt = :expiresAt',
        ExpressionAttributeValues: { ':expiresAt': expiresAt },
      },
    };
    // Dropped before, or the request is asked again and has a row of its own.
    await this.#table.holds(() => this.#table.transact([row]));
  }

  async findCallback(requestId: string): Promise<PendingCallback | undefined> {
    return withoutKeys(await this.#table.get<PendingCallback>(keys.outbox(requestId)));
  }

  async listCallbacks(): Promise<PendingCallback[]> {
    const rows = await this.#table.query<PendingCallback>('OUTBOX', REQUEST_ID_PREFIX);
    return rows.map((row) => withoutKeys(row)!);
  }

  async confirmCallback(callback: PendingCallback, audit: AuditEvent): Promise<void> {
    const item: TransactItem = {
      Delete: {
        Key: keys.outbox(callback.requestId),
        ConditionExpression: 'attribute_exists(pk) AND sealedToken = :token',
        ExpressionAttributeValues: { ':token': callback.sealedToken },
      },
    };
    try {
      await this.#table.transactAudited(callback.model, audit, [item]);
    } catch (error) {
      // Confirmed by an earlier delivery, or the task was redriven and waits for a delivery of its own.
      if (!(error instanceof ConditionFailedError) || error.failed[0] !== true) throw error;
    }
  }

  /** Pending requests of the model's older releases; `bornSuperseded` names a newer release that was asked about already. */
  async #olderPending(request: ApprovalRequest): Promise<Older> {
    const model = await this.#table.get<ModelRow & { newestAsked?: number }>(keys.model(request.model));
    const newestAsked = model?.newestAsked;
    if (newestAsked !== undefined && newestAsked > request.release) return { bornSuperseded: newestAsked, pending: [] };
    const releases = await this.#table.query<ReleaseRow>(keys.model(request.model).pk, 'RELEASE#');
    const ids = releases
      .filter(({ release, status }) => release < request.release && status === 'AwaitingApproval')
      .flatMap(({ steps }) => steps.approval?.requestId ?? []);
    const requests = await Promise.all(ids.map((id) => this.findRequest(id)));
    return {
      pending: requests.filter((older) => older?.status === 'Pending') as ApprovalRequest[],
      ...(newestAsked !== undefined && { newestAsked }),
    };
  }

  async #changed<Result>(requestId: string, change: (request: ApprovalRequest) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const request = await this.findRequest(requestId);
      if (!request) throw new NotFoundError(`expected approval request ${requestId} to exist, got none`);
      try {
        return await change(request);
      } catch (error) {
        if (!(error instanceof ConditionFailedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

const notAwaiting = ({ model, release }: ApprovalRequest, status?: string) =>
  new UnlawfulTransitionError(`expected release ${model}/${release} in Validating, got ${status ?? 'no row'}`);
