import type { AdmittedReleases, StartIntent, WaitingIntent } from '../domain/admitted-releases.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

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

  async listWaitingIntents(): Promise<WaitingIntent[]> {
    const rows = await this.#table.query<WaitingIntent>('OUTBOX', 'QUEUED#');
    return rows.map(({ model, queuedAt }) => ({ model, queuedAt }));
  }

  async clearWaitingIntent({ model, queuedAt }: WaitingIntent): Promise<void> {
    const unchanged = { ConditionExpression: 'queuedAt = :seen', ExpressionAttributeValues: { ':seen': queuedAt } };
    try {
      await this.#table.transact([{ Delete: { Key: keys.waitingIntent(model), ...unchanged } }]);
    } catch (error) {
      // Something else waits by now, or an earlier sweep was first.
      if (!(error instanceof ConditionFailedError)) throw error;
    }
  }

  async clearStartIntent({ model, release }: StartIntent): Promise<void> {
    await this.#table.transact([{ Delete: { Key: keys.startIntent(model, release) } }]);
  }
}

/** Written in the transaction that admits the release. */
export const startIntentItem = (intent: StartIntent): TransactItem => ({
  Put: { Item: { ...keys.startIntent(intent.model, intent.release), ...intent } },
});

/** Written in the transaction that lets an upload wait. */
export const waitingIntentItem = (intent: WaitingIntent): TransactItem => ({
  Put: { Item: { ...keys.waitingIntent(intent.model), ...intent } },
});
