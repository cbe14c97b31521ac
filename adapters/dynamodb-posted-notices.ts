import type { PendingNotice, PostedNotices } from '../domain/notice/ports.ts';
import { type DynamoDbTable, keys } from './dynamodb-table.ts';

/** One row per notice that was posted, so that a message that comes twice is not told twice. */
export class DynamoDbPostedNotices implements PostedNotices {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async has(notice: PendingNotice): Promise<boolean> {
    return (await this.#table.get(keyOf(notice))) !== undefined;
  }

  record(notice: PendingNotice, at: Date): Promise<void> {
    return this.#table.transact([{ Put: { Item: { ...keyOf(notice), ...notice, at: at.toISOString() } } }]);
  }
}

const keyOf = ({ requestId, event, channel }: PendingNotice) => keys.notice(requestId, event, channel);
