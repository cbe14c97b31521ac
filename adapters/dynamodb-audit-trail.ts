import type { AuditEntry, AuditEvent } from '../domain/audit.ts';
import type { AuditTrail } from '../domain/deployment/ports.ts';
import { auditLookup, type DynamoDbTable, keys } from './dynamodb-table.ts';

/** A row of a chain: the entry, its keys, and where it is looked up. */
export type AuditRow = AuditEntry & { readonly pk?: string; readonly sk?: string; readonly lookup?: string };

/**
 * The entry as it was hashed: without the row's keys, and without its lookup where that is the one it was written with. Any other
 * member stays, so that the hash tells of it.
 */
export function entryOf({ pk: _pk, sk: _sk, lookup, ...entry }: AuditRow): AuditEntry {
  return lookup === undefined || lookup === auditLookup(entry.at) ? entry : ({ ...entry, lookup } as AuditEntry);
}

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
    return (await this.#table.query<AuditRow>(keys.model(model).pk, 'AUDIT#')).map(entryOf);
  }
}
