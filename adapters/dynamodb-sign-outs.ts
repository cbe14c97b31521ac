import type { SignOuts } from '../domain/sign-in/ports.ts';
import { type DynamoDbTable, keys } from './dynamodb-table.ts';

/** One row per person who ever signed out: sessions before it are over, wherever they are. */
export class DynamoDbSignOuts implements SignOuts {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async lastOf(person: string): Promise<Date | undefined> {
    const row = await this.#table.get<{ readonly at: string }>(keys.signOut(person));
    return row && new Date(row.at);
  }

  async record(person: string, at: Date): Promise<void> {
    await this.#table.transact([{ Put: { Item: { ...keys.signOut(person), at: at.toISOString() } } }]);
  }
}
