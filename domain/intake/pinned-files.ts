import type { ObjectRef } from '../model.ts';
import type { DatasetRole } from '../step-results.ts';

/** The files of a dataset that has several, each at the version it had when the upload was admitted. */
export interface PinnedFiles {
  readonly schema: 'launchway/pinned-files/v1';
  /** In the order of their rows. */
  readonly files: readonly PinnedFile[];
}

export interface PinnedFile {
  readonly role: DatasetRole;
  readonly name: string;
  readonly object: ObjectRef;
  readonly bytes: number;
  /** Hex, as its list says; a file that no list names has none. */
  readonly sha256?: string;
}
