import type { ReviewStore } from '../domain/approval/ports.ts';
import type { Review } from '../domain/approval/review.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { withoutKeys } from './dynamodb-lineage-store.ts';
import { type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** Reviews beside the reminders; the deciding vote's transaction writes them. */
export class DynamoDbReviewStore implements ReviewStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async list(): Promise<Review[]> {
    const { pk } = keys.review('');
    return (await this.#table.query<Review>(pk, keys.review('').sk)).map((row) => withoutKeys(row)!);
  }

  claim({ requestId, model }: Review, at: string, audit: AuditEvent): Promise<boolean> {
    const claim: TransactItem = {
      Update: {
        Key: keys.review(requestId),
        UpdateExpression: 'SET toldAt = :at',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(toldAt)',
        ExpressionAttributeValues: { ':at': at },
      },
    };
    return this.#table.holds(() => this.#table.transactAudited(model, audit, [claim]));
  }
}
