import type { DigestStore } from '../domain/approval/ports.ts';
import { type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** The last digest of each person, beside the reminders. */
export class DynamoDbDigestStore implements DigestStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  claim(person: string, date: string): Promise<boolean> {
    const claim: TransactItem = {
      Update: {
        Key: keys.digest(person),
        UpdateExpression: 'SET #date = :date',
        ConditionExpression: 'attribute_not_exists(pk) OR #date < :date',
        ExpressionAttributeNames: { '#date': 'date' },
        ExpressionAttributeValues: { ':date': date },
      },
    };
    return this.#table.holds(() => this.#table.transact([claim]));
  }
}
