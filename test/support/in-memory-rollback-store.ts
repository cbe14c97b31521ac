import type { AuditEvent } from '../../domain/audit.ts';
import type { RollbackEnd, RollbackExecutions, RollbackStore } from '../../domain/deployment/ports.ts';
import { type RollbackProof, type RollbackRow, requesterOf } from '../../domain/deployment/rollback.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { InMemoryLineageStore } from './in-memory.ts';

/** The rollback store's rules over maps, and the executions that were started. */
export class InMemoryRollbackStore implements RollbackStore, RollbackExecutions {
  readonly rows = new Map<string, RollbackRow>();
  readonly audit: AuditEvent[] = [];
  readonly started: string[] = [];
  readonly #lineage: InMemoryLineageStore;
  #intents: { model: string; rollback: number }[] = [];

  constructor(lineage: InMemoryLineageStore) {
    this.#lineage = lineage;
  }

  async start(name: string): Promise<void> {
    if (!this.started.includes(name)) this.started.push(name);
  }

  async request(row: RollbackRow, seen: ModelRow, audit: AuditEvent): Promise<boolean> {
    const model = await this.#lineage.getModel(row.model);
    const active =
      seen.activeRelease === undefined ? undefined : await this.#lineage.getRelease(row.model, seen.activeRelease);
    const unchanged =
      model.champion?.version === row.from &&
      model.rollingBack === undefined &&
      model.rollbacks === seen.rollbacks &&
      model.activeRelease === seen.activeRelease;
    if (!unchanged || active?.status === 'Deploying') return false;
    this.rows.set(`${row.model}/${row.rollback}`, row);
    this.#lineage.models.set(row.model, { ...model, rollbacks: row.rollback, rollingBack: row.rollback });
    this.#intents.push({ model: row.model, rollback: row.rollback });
    this.audit.push(audit);
    return true;
  }

  async get(model: string, rollback: number): Promise<RollbackRow> {
    const row = this.rows.get(`${model}/${rollback}`);
    if (!row) throw new NotFoundError(`expected rollback ${model}/${rollback} to exist, got none`);
    return row;
  }

  async list(model: string): Promise<RollbackRow[]> {
    return [...this.rows.values()].filter((row) => row.model === model);
  }

  async recordProof(model: string, rollback: number, proof: RollbackProof, audit: AuditEvent): Promise<void> {
    const row = await this.get(model, rollback);
    if (row.proof) return;
    this.rows.set(`${model}/${rollback}`, { ...row, proof });
    this.audit.push(audit);
  }

  async end(row: RollbackRow, end: RollbackEnd, audit: AuditEvent): Promise<RollbackRow> {
    const { model, rollback, from } = row;
    const now = await this.get(model, rollback);
    const { rollingBack, ...rest } = await this.#lineage.getModel(model);
    if (now.status === 'Requested') {
      this.rows.set(`${model}/${rollback}`, { ...now, ...end });
      this.audit.push(audit);
      const version = this.#lineage.versions.get(`${model}/${from}`);
      if (row.withdraw && end.status === 'RolledBack' && version) {
        const withdrawn = { by: requesterOf(row.requestedBy), at: end.endedAt, reason: row.reason };
        this.#lineage.versions.set(`${model}/${from}`, { ...version, withdrawn });
      }
    }
    if (rollingBack === rollback) this.#lineage.models.set(model, rest);
    return this.get(model, rollback);
  }

  async markTold(model: string, rollback: number, at: string): Promise<void> {
    const row = await this.get(model, rollback);
    this.rows.set(`${model}/${rollback}`, { toldAt: at, ...row });
  }

  async listIntents() {
    return [...this.#intents];
  }

  async clearIntent(intent: { model: string; rollback: number }): Promise<void> {
    this.#intents = this.#intents.filter(
      ({ model, rollback }) => model !== intent.model || rollback !== intent.rollback,
    );
  }
}
