import type { AuditEntry, AuditEvent } from '../domain/audit.ts';
import type { AuditTrail } from '../domain/deployment/ports.ts';
import { type DynamoDbTable, keys } from './dynamodb-table.ts';

/** A model's audit chain in the one table. */
export class DynamoDbAuditTrail implements AuditTrail {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  append(model: string, event: AuditEvent): Promise<AuditEntry> {
    return this.#table.transactAudited(model, event, []);
  }

  async list(model: string): Promise<AuditEntry[]> {
    const rows = await this.#table.query<AuditEntry & { pk?: string; sk?: string }>(keys.model(model).pk, 'AUDIT#');
    return rows.map(({ pk: _pk, sk: _sk, ...entry }) => entry);
  }
}
