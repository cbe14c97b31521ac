import type { ApprovalDecision, ApprovalRequest, PendingCallback } from '../domain/approval/approval-request.ts';
import type { Reminder } from '../domain/approval/reminder.ts';
import type { Review } from '../domain/approval/review.ts';
import { lawfulBefore } from '../domain/release.ts';
import { moveItem } from './dynamodb-lineage-store.ts';
import { keys, type TransactItem } from './dynamodb-table.ts';

/** What stands before a new request of a model. */
export interface Older {
  readonly pending: readonly ApprovalRequest[];
  readonly bornSuperseded?: number;
  /** The newest release that was asked about when the pending ones were read. */
  readonly newestAsked?: number;
}

/** Everything that opening a request writes. */
export function openItems(asked: ApprovalRequest, { pending, bornSuperseded, newestAsked }: Older) {
  const request: ApprovalRequest =
    bornSuperseded === undefined
      ? asked
      : { ...asked, status: 'Superseded', supersededBy: bornSuperseded, decidedAt: asked.createdAt };
  const writes: TransactItem[] = [
    newestAskedItem(asked, bornSuperseded !== undefined, newestAsked),
    {
      Put: { Item: { ...keys.request(asked.requestId), ...request }, ConditionExpression: 'attribute_not_exists(pk)' },
    },
    moveItem(keys.release(asked.model, asked.release), 'AwaitingApproval', lawfulBefore('AwaitingApproval'), {
      'steps.approval': { requestId: asked.requestId },
    }),
  ];
  if (request.status === 'Pending') writes.push(reminderItem(request, request.createdAt));
  if (request.status === 'Superseded') {
    writes.push(outboxItem(asked, 'Superseded', asked.createdAt, asked.sealedToken));
  }
  for (const older of pending) {
    writes.push(
      changeRequest(older, { status: 'Superseded', supersededBy: asked.release, decidedAt: asked.createdAt }),
      outboxItem(older, 'Superseded', asked.createdAt, older.sealedToken),
    );
  }
  const superseded = [...(request.status === 'Superseded' ? [request] : []), ...pending];
  return { request, writes, superseded: superseded.map(({ requestId }) => requestId) };
}

/** The model's row remembers the newest release that people were asked about, so an older one cannot be asked about after it. */
const newestAskedItem = ({ model, release }: ApprovalRequest, isOlder: boolean, read?: number): TransactItem =>
  isOlder
    ? {
        ConditionCheck: {
          Key: keys.model(model),
          ConditionExpression: 'newestAsked > :release',
          ExpressionAttributeValues: { ':release': release },
        },
      }
    : {
        Update: {
          Key: keys.model(model),
          UpdateExpression: 'SET newestAsked = :release',
          // As it was read: a request that opens meanwhile is not among those that this one supersedes.
          ConditionExpression:
            read === undefined ? 'attribute_exists(pk) AND attribute_not_exists(newestAsked)' : 'newestAsked = :read',
          ExpressionAttributeValues: { ':release': release, ...(read !== undefined && { ':read': read }) },
        },
      };

/** Changes a request where it is as it was read; `pendingAt`: and still open at that time. */
export function changeRequest(
  request: ApprovalRequest,
  change: Partial<ApprovalRequest>,
  only: { readonly pendingAt?: string } = {},
): TransactItem {
  const members = Object.entries({ ...change, revision: request.revision + 1 });
  const conditions = ['attribute_exists(pk)', '#revision = :read', '#digest = :digest'];
  if (only.pendingAt !== undefined) conditions.push('#status = :pending', 'expiresAt > :at');
  return {
    Update: {
      Key: keys.request(request.requestId),
      UpdateExpression: `SET ${members.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: conditions.join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(
        ['digest', ...members.map(([name]) => name), ...(only.pendingAt === undefined ? [] : ['status'])].map(
          (name) => [`#${name}`, name],
        ),
      ),
      ExpressionAttributeValues: {
        ...Object.fromEntries(members.map(([name, value]) => [`:${name}`, value])),
        ':read': request.revision,
        ':digest': request.digest,
        ...(only.pendingAt !== undefined && { ':pending': 'Pending', ':at': only.pendingAt }),
      },
    },
  };
}

export const reminderItem = ({ requestId, model, expiresAt }: ApprovalRequest, since: string): TransactItem => ({
  Put: {
    Item: {
      ...keys.reminder(requestId),
      ...({ requestId, model, stage: 'Asked', since, expiresAt } satisfies Reminder),
    },
  },
});

export const reviewItem = ({ requestId, model, version }: ApprovalRequest, reviewBy: string): TransactItem => ({
  Put: { Item: { ...keys.review(requestId), ...({ requestId, model, version, reviewBy } satisfies Review) } },
});

export const outboxItem = (
  { requestId, model, release }: ApprovalRequest,
  decision: ApprovalDecision,
  decidedAt: string,
  sealedToken: string,
): TransactItem => ({
  Put: {
    Item: {
      ...keys.outbox(requestId),
      ...({ requestId, model, release, decision, decidedAt, sealedToken } satisfies PendingCallback),
    },
  },
});
