import type { AuditEvent } from '../domain/audit.ts';
import { NotFoundError } from '../domain/errors.ts';
import type { StalenessStore } from '../domain/staleness/ports.ts';
import type { StalenessRow } from '../domain/staleness/rows.ts';
import { withoutKeys } from './dynamodb-lineage-store.ts';
import { type DynamoDbTable, held, keys } from './dynamodb-table.ts';

/** Measurements of a model's last versions, in the one table. */
export class DynamoDbStalenessStore implements StalenessStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async ask(row: StalenessRow, audit: AuditEvent): Promise<boolean> {
    const Item = { ...keys.staleness(row.model, row.id), ...row };
    const put = { Put: { Item, ConditionExpression: 'attribute_not_exists(pk)' } };
    return held(() => this.#table.transactAudited(row.model, audit, [put]));
  }

  async get(model: string, id: string): Promise<StalenessRow> {
    const row = withoutKeys(await this.#table.get<StalenessRow>(keys.staleness(model, id)));
    if (!row) throw new NotFoundError(`expected measurement ${model}/${id} to exist, got none`);
    return row;
  }

  async list(model: string, most: number): Promise<StalenessRow[]> {
    const { pk, sk } = keys.staleness(model, '');
    const rows = await this.#table.query<StalenessRow>(pk, sk, { newestFirst: true, limit: most });
    return rows.map((row) => withoutKeys(row)!);
  }

  async end(row: StalenessRow, audit: AuditEvent): Promise<boolean> {
    const put = {
      Put: {
        Item: { ...keys.staleness(row.model, row.id), ...row },
        ConditionExpression: '#status = :asked',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':asked': 'Asked' },
      },
    };
    return held(() => this.#table.transactAudited(row.model, audit, [put]));
  }
}
