import type { UploadClaim } from '../admission.ts';
import type { AuditEvent } from '../audit.ts';
import type { LabelFileRow, LabelFileStatus, QualityRow } from './rows.ts';

/** What is known of outcomes: uploaded files, and windows whose predictions they were joined with. */
export interface QualityStore {
  /** Claims the upload and writes its row. @returns false where it was claimed before */
  receiveLabels(row: LabelFileRow, claim: UploadClaim, audit: AuditEvent): Promise<boolean>;
  /** Files that are not settled, in the order in which they became known. */
  listOpenLabelFiles(model: string, until: Date): Promise<LabelFileRow[]>;
  /** Files of a stretch of time, whatever became of them; oldest first. */
  listLabelFiles(model: string, from: Date, until: Date): Promise<LabelFileRow[]>;
  /** @param seen the status that it had @returns false where another was faster */
  saveLabelFile(row: LabelFileRow, seen: LabelFileStatus, audit: AuditEvent): Promise<boolean>;
  /** Everything that became known before is settled: it need not be looked at again. */
  markSettledUntil(model: string, receivedAt: string): Promise<void>;

  /** Windows of a version that begin in a stretch of time, oldest first. */
  listQuality(model: string, version: number, from: string): Promise<QualityRow[]>;
  /**
   * @param audit where it is evaluated anew
   * @returns false where another was faster: its revision is not the one before this
   */
  saveQuality(row: QualityRow, audit?: AuditEvent): Promise<boolean>;
}
