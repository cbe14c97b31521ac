import type { ApprovalRequest } from '../domain/approval/approval-request.ts';
import type { ThreadStore } from '../domain/approval/ports.ts';
import type { Note } from '../domain/approval/thread.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { withoutKeys } from './dynamodb-lineage-store.ts';
import { type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** What is said about requests, each in a partition of its own: who writes here need not be able to write votes. */
export class DynamoDbThreadStore implements ThreadStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async list(requestId: string): Promise<Note[]> {
    return (await this.#table.query<Note>(keys.note(requestId, 0).pk, 'NOTE#')).map((row) => withoutKeys(row)!);
  }

  add({ requestId, model }: ApprovalRequest, note: Note, audit: AuditEvent): Promise<boolean> {
    const writes: TransactItem[] = [
      {
        ConditionCheck: {
          Key: keys.request(requestId),
          ConditionExpression: '#status = :pending AND expiresAt > :at',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':pending': 'Pending', ':at': note.at },
        },
      },
      {
        Put: {
          Item: { ...keys.note(requestId, note.number), ...note },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ];
    return this.#table.holds(() => this.#table.transactAudited(model, audit, writes));
  }

  async markTold({ requestId, number }: Note, at: string): Promise<void> {
    await this.#table.transact([
      {
        Update: {
          Key: keys.note(requestId, number),
          UpdateExpression: 'SET toldAt = :at',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':at': at },
        },
      },
    ]);
  }
}
