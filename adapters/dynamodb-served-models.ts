import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ServedModels } from '../domain/monitoring/ports.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';

/** What `byLookup` finds the rows of serving models under; the row is given it with its first champion. */
export const SERVED = 'SERVED';

/** Serving models, by the table's index. */
export class DynamoDbServedModels implements ServedModels {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async listServed(): Promise<string[]> {
    const models: string[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          IndexName: 'byLookup',
          KeyConditionExpression: 'lookup = :served',
          ExpressionAttributeValues: { ':served': SERVED },
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      models.push(...(page.Items ?? []).map(({ model }) => String(model)));
      from = page.LastEvaluatedKey;
    } while (from);
    return models;
  }
}
