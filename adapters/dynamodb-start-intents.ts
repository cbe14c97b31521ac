import type { AdmittedReleases, StartIntent } from '../domain/admitted-releases.ts';
import { type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** Releases whose execution is to be started, beside the decisions in the outbox. */
export class DynamoDbStartIntents implements AdmittedReleases {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async listStartIntents(): Promise<StartIntent[]> {
    const rows = await this.#table.query<StartIntent>('OUTBOX', 'START#');
    return rows.map(({ model, release }) => ({ model, release }));
  }

  async clearStartIntent({ model, release }: StartIntent): Promise<void> {
    await this.#table.transact([{ Delete: { Key: keys.startIntent(model, release) } }]);
  }
}

/** Written in the transaction that admits the release. */
export const startIntentItem = (intent: StartIntent): TransactItem => ({
  Put: { Item: { ...keys.startIntent(intent.model, intent.release), ...intent } },
});
