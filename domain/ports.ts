import type { AuditEvent } from './audit.ts';
import type { ModelRow, ObjectRef } from './model.ts';
import type { ReleaseOutcome, ReleaseRow, ReleaseStatus } from './release.ts';
import type { EvaluationResult } from './step-results.ts';
import type { Readable } from './stream.ts';
import type { VersionRow } from './version.ts';

/** Models, releases and versions. Every write that changes a status is conditional and carries its audit entry in the same transaction. */
export interface LineageStore {
  /** @throws {NotFoundError} */
  getModel(model: string): Promise<ModelRow>;
  findModel(model: string): Promise<ModelRow | undefined>;
  /** @throws {NotFoundError} */
  getRelease(model: string, release: number): Promise<ReleaseRow>;
  /** @throws {NotFoundError} */
  getVersion(model: string, version: number): Promise<VersionRow>;
  listReleases(model: string): Promise<ReleaseRow[]>;
  listVersions(model: string): Promise<VersionRow[]>;

  /**
   * Moves a release to its next status, recording step results.
   *
   * Repeating a transition that has happened is a no-op (a retried task), so callers need not know.
   *
   * @throws {UnlawfulTransitionError} the release is in a status from which `next` is not lawful
   */
  moveRelease(
    model: string,
    release: number,
    next: ReleaseStatus,
    change: { readonly steps?: Partial<ReleaseRow['steps']>; readonly outcome?: ReleaseOutcome },
    audit: AuditEvent,
  ): Promise<void>;

  /**
   * Moves a model version to its next status. Repeating a move that has happened is a no-op.
   *
   * @throws {UnlawfulTransitionError} the version is in a status from which `next` is not lawful
   */
  moveVersion(
    model: string,
    version: number,
    next: VersionRow['status'],
    change: { readonly evaluation?: EvaluationResult; readonly approval?: VersionRow['approval'] },
    audit: AuditEvent,
  ): Promise<void>;

  /** Records step results without a change of status; a repeated write of the same step overwrites nothing. */
  recordSteps(model: string, release: number, steps: Partial<ReleaseRow['steps']>, audit: AuditEvent): Promise<void>;
}

/** S3, as use cases need it. Every call names the expected bucket owner. */
export interface ObjectStore {
  read(object: ObjectRef): Promise<Readable>;
  readBytes(object: ObjectRef, limitBytes?: number): Promise<Uint8Array>;
  readText(object: ObjectRef, limitBytes?: number): Promise<string>;
  /** @returns undefined where there is no such object */
  head(object: ObjectRef): Promise<
    | {
        readonly bytes: number;
        readonly versionId?: string;
        readonly etag: string;
        /** What its uploader said of it; data from outside. */
        readonly metadata?: Readonly<Record<string, string>>;
      }
    | undefined
  >;
  put(object: ObjectRef, body: Uint8Array | string, contentType: string): Promise<ObjectRef>;
  /** Writes only where nothing is (`If-None-Match: *`). @returns `created: false` where the key was taken, which is success for content-addressed keys */
  putOnce(object: ObjectRef, body: Uint8Array | string, contentType: string): Promise<{ readonly created: boolean }>;
  /** As putOnce, from a file on local disk; multipart above 64 MiB. */
  putFileOnce(object: ObjectRef, path: string, contentType: string): Promise<{ readonly created: boolean }>;
  /**
   * Copies within S3, whatever is at `to`; nothing passes through here. At most 5 GB.
   *
   * @throws {NotFoundError} there is no such object
   */
  copy(from: ObjectRef, to: ObjectRef): Promise<void>;
  list(
    bucket: string,
    prefix: string,
  ): AsyncIterable<{ readonly key: string; readonly bytes: number; readonly lastModified: Date }>;
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Mails of one thread share this: `release/flight-delays/14`. */
  readonly thread?: string;
  /** What its bounce says of it: names and values of letters, digits, `-` and `_`. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** Now, as the outside world has it. */
export type Now = () => Date;
