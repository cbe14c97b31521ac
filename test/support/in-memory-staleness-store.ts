import type { AuditEvent } from '../../domain/audit.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { StalenessExecutions, StalenessStore } from '../../domain/staleness/ports.ts';
import type { StalenessRow } from '../../domain/staleness/rows.ts';

/** The staleness store's rules over a map, and the executions that were started. */
export class InMemoryStalenessStore implements StalenessStore, StalenessExecutions {
  /** By `model/id`. */
  readonly rows = new Map<string, StalenessRow>();
  readonly audit: AuditEvent[] = [];
  readonly started: string[] = [];
  failStart: Error | undefined;

  async start(name: string): Promise<void> {
    if (this.failStart) throw this.failStart;
    if (!this.started.includes(name)) this.started.push(name);
  }

  async ask(row: StalenessRow, audit: AuditEvent): Promise<boolean> {
    const key = `${row.model}/${row.id}`;
    if (this.rows.has(key)) return false;
    this.rows.set(key, row);
    this.audit.push(audit);
    return true;
  }

  async get(model: string, id: string): Promise<StalenessRow> {
    const row = this.rows.get(`${model}/${id}`);
    if (!row) throw new NotFoundError(`expected measurement ${model}/${id} to exist, got none`);
    return row;
  }

  async list(model: string, most: number): Promise<StalenessRow[]> {
    const rows = [...this.rows.values()].filter((row) => row.model === model);
    return rows.sort((a, b) => (a.id > b.id ? -1 : 1)).slice(0, most);
  }

  async end(row: StalenessRow, audit: AuditEvent): Promise<boolean> {
    if ((await this.get(row.model, row.id)).status !== 'Asked') return false;
    this.rows.set(`${row.model}/${row.id}`, row);
    this.audit.push(audit);
    return true;
  }
}
