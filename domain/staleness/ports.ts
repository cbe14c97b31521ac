import type { AuditEvent } from '../audit.ts';
import type { StalenessRow } from './rows.ts';

/** Measurements of a model's last versions. */
export interface StalenessStore {
  /** @returns false where it was asked before */
  ask(row: StalenessRow, audit: AuditEvent): Promise<boolean>;
  /** @throws {NotFoundError} */
  get(model: string, id: string): Promise<StalenessRow>;
  /** Newest first. @param most rows */
  list(model: string, most: number): Promise<StalenessRow[]>;
  /** Records the end. @returns false where it had ended before */
  end(row: StalenessRow, audit: AuditEvent): Promise<boolean>;
}

/** Executions of `measure-staleness`. A name that is taken is success: it stands in the row, so it is its own. */
export interface StalenessExecutions {
  start(name: string, input: { readonly model: string; readonly id: string }): Promise<void>;
}
