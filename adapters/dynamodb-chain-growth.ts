import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditEntry } from '../domain/audit.ts';
import type { ChainGrowth, ChainHead } from '../domain/audit-anchors.ts';
import { type AuditRow, entryOf } from './dynamodb-audit-trail.ts';
import { auditLookup, type DynamoDbTable, keys } from './dynamodb-table.ts';

/** Which chains have grown, by the table's index, and how far each was anchored, in rows of their own. */
export class DynamoDbChainGrowth implements ChainGrowth {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async modelsIn(hour: string): Promise<string[]> {
    const models = new Set<string>();
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          IndexName: 'byLookup',
          KeyConditionExpression: 'lookup = :hour',
          ExpressionAttributeValues: { ':hour': auditLookup(hour) },
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      for (const { model } of page.Items ?? []) models.add(String(model));
      from = page.LastEvaluatedKey;
    } while (from);
    return [...models];
  }

  async entriesAfter(model: string, sequence: number): Promise<AuditEntry[]> {
    const { pk, sk } = keys.audit(model, sequence);
    const entries: AuditEntry[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :last',
          // Sequence numbers are digits, and `:` follows `9`.
          ExpressionAttributeValues: { ':pk': pk, ':after': `${sk}.`, ':last': 'AUDIT#:' },
          ConsistentRead: true,
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      entries.push(...(page.Items ?? []).map((row) => entryOf(row as AuditRow)));
      from = page.LastEvaluatedKey;
    } while (from);
    return entries;
  }

  async lastHead(model: string): Promise<ChainHead | undefined> {
    const row = await this.#table.get<ChainHead>(keys.anchored(model));
    return row && { model, sequence: row.sequence, hash: row.hash };
  }

  setLastHead(head: ChainHead): Promise<void> {
    return this.#table.transact([{ Put: { Item: { ...keys.anchored(head.model), ...head } } }]);
  }

  async hourDone(): Promise<string | undefined> {
    return (await this.#table.get<{ readonly hour: string }>(keys.anchoredUntil()))?.hour;
  }

  setHourDone(hour: string): Promise<void> {
    return this.#table.transact([{ Put: { Item: { ...keys.anchoredUntil(), hour } } }]);
  }
}
