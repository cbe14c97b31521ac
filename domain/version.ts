import type { Withdrawal } from './approval/approval-request.ts';
import type { ObjectRef } from './model.ts';
import type {
  BaselineFiles,
  EvaluationResult,
  PreparedData,
  SealedArtifact,
  SealedDataset,
  TrainingResult,
} from './step-results.ts';

/** The `VERSION` row: a model version, from its sealed artifact on. */
export interface VersionRow {
  readonly model: string;
  readonly version: number;
  readonly release: number;
  readonly team: string;
  readonly status: 'Sealed' | 'Validated' | 'Refused' | 'Approved' | 'Rejected' | 'Deployed' | 'Retired';
  readonly artifact: SealedArtifact;
  readonly image: string;
  readonly dataset: SealedDataset;
  readonly prepared: PreparedData;
  readonly baseline: ObjectRef;
  /** Absent in versions of before. */
  readonly baselineFiles?: BaselineFiles;
  readonly definition: ObjectRef & { readonly sha256: string };
  /** Absent where it was trained elsewhere. */
  readonly training?: TrainingResult;
  readonly evaluation?: EvaluationResult;
  readonly approval?: {
    readonly requestId: string;
    readonly digest: string;
    readonly approvers: readonly string[];
    readonly at: string;
    /** From that day on it is to be looked at again: `2027-01-31`. It stops nothing. */
    readonly reviewBy?: string;
    /** An approver took it back: the version may be neither deployed nor restored. */
    readonly revoked?: Withdrawal;
  };
  readonly createdAt: string;
  /** It is not to be served again, by whom and why. */
  readonly withdrawn?: Withdrawal;
}

/** Lawful next statuses of a model version. */
export const VERSION_TRANSITIONS: Readonly<Record<VersionRow['status'], readonly VersionRow['status'][]>> = {
  Sealed: ['Validated', 'Refused'],
  Validated: ['Approved', 'Rejected'],
  Refused: [],
  Approved: ['Deployed'],
  Rejected: [],
  Deployed: ['Retired'],
  Retired: ['Deployed'],
};

/** The version statuses from which `next` is lawful. */
export const versionLawfulBefore = (next: VersionRow['status']): VersionRow['status'][] =>
  (Object.keys(VERSION_TRANSITIONS) as VersionRow['status'][]).filter((from) =>
    VERSION_TRANSITIONS[from].includes(next),
  );
