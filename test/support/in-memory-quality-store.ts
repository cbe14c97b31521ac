import type { UploadClaim } from '../../domain/admission.ts';
import type { AuditEvent } from '../../domain/audit.ts';
import type { QualityStore } from '../../domain/quality/ports.ts';
import type { LabelFileRow, LabelFileStatus, QualityRow } from '../../domain/quality/rows.ts';

/** The quality store's rules over maps. */
export class InMemoryQualityStore implements QualityStore {
  /** By id. */
  readonly files = new Map<string, LabelFileRow>();
  /** By `model/version/start`. */
  readonly windows = new Map<string, QualityRow>();
  readonly audit: AuditEvent[] = [];
  readonly #settledUntil = new Map<string, string>();

  async receiveLabels(row: LabelFileRow, _claim: UploadClaim, audit: AuditEvent): Promise<boolean> {
    if (this.files.has(row.id)) return false;
    this.files.set(row.id, row);
    if (!this.#settledUntil.has(row.model)) this.#settledUntil.set(row.model, row.receivedAt);
    this.audit.push(audit);
    return true;
  }

  async listOpenLabelFiles(model: string, until: Date): Promise<LabelFileRow[]> {
    const from = this.#settledUntil.get(model);
    if (from === undefined) return [];
    const rows = await this.listLabelFiles(model, new Date(from), until);
    return rows.filter(({ status }) => status === 'Received' || status === 'Joined');
  }

  async listLabelFiles(model: string, from: Date, until: Date): Promise<LabelFileRow[]> {
    const [first, last] = [from.toISOString(), until.toISOString()];
    return [...this.files.values()]
      .filter((row) => row.model === model && row.receivedAt >= first && row.receivedAt <= last)
      .sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
  }

  async saveLabelFile(row: LabelFileRow, seen: LabelFileStatus, audit: AuditEvent): Promise<boolean> {
    if (this.files.get(row.id)?.status !== seen) return false;
    this.files.set(row.id, row);
    this.audit.push(audit);
    return true;
  }

  async markSettledUntil(model: string, receivedAt: string): Promise<void> {
    if (receivedAt > (this.#settledUntil.get(model) ?? receivedAt)) this.#settledUntil.set(model, receivedAt);
  }

  async listQuality(model: string, version: number, from: string): Promise<QualityRow[]> {
    return [...this.windows.values()]
      .filter((row) => row.model === model && row.version === version && row.start >= from)
      .sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  async saveQuality(row: QualityRow, audit?: AuditEvent): Promise<boolean> {
    const key = `${row.model}/${row.version}/${row.start}`;
    if ((this.windows.get(key)?.revision ?? 0) !== row.revision - 1) return false;
    this.windows.set(key, row);
    if (audit) this.audit.push(audit);
    return true;
  }
}
