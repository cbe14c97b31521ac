import type { AuditEvent } from './audit.ts';
import { classifyUpload } from './intake/upload-key.ts';
import type { ModelRow, ObjectRef, QueuedUpload } from './model.ts';
import type { LineageStore } from './ports.ts';
import type { ReleaseOutcome, ReleaseRow, ReleaseStatus } from './release.ts';
import type { SealedArtifact } from './step-results.ts';
import type { VersionRow } from './version.ts';

/** One version of one uploaded object, which is acted on once however often it is announced. */
export interface UploadClaim {
  readonly model: string;
  readonly key: string;
  readonly versionId: string;
  /** What became of the upload. */
  readonly became:
    | { readonly kind: 'release'; readonly release: number }
    | { readonly kind: 'queued' }
    | { readonly kind: 'superseded' }
    | { readonly kind: 'definition' }
    | { readonly kind: 'source' | 'artifact' }
    | { readonly kind: 'labels'; readonly id: string }
    | { readonly kind: 'refusal'; readonly id: string };
}

/** The `REFUSAL` row: an upload that became no release, and why. */
export interface Refusal {
  readonly id: string;
  readonly model: string;
  readonly object: ObjectRef;
  readonly submitter: QueuedUpload['submitter'];
  /** ISO 8601, UTC. */
  readonly at: string;
  /** One line. */
  readonly message: string;
  /** Every problem found, one line each; the first 100. */
  readonly problems: readonly string[];
  /** Who was told. */
  readonly toldTo: readonly string[];
}

export type Admission = 'start' | 'queue' | 'superseded';

/** The lineage store as the steps that admit, seal and close need it. */
export interface ReleaseLedger extends LineageStore {
  findClaim(model: string, key: string, versionId: string): Promise<UploadClaim | undefined>;

  /** @returns false where the upload was claimed already, or the model's row changed since it was read: look again */
  saveDefinition(next: ModelRow, seen: ModelRow | undefined, claim: UploadClaim, audit: AuditEvent): Promise<boolean>;
  /** Pins what the next release is made with. @returns as saveDefinition */
  saveCode(
    model: string,
    code: Pick<ModelRow, 'source'> | Pick<ModelRow, 'artifact'>,
    claim: UploadClaim,
    audit: AuditEvent,
  ): Promise<boolean>;
  /**
   * Claims the upload, writes the release's row and takes the model's lease, all or nothing; where a release held it when `seen`
   * was read, only while that one waits for people. The upload that was `queued` when
   * `seen` was read is cleared where it is this one.
   *
   * @returns as saveDefinition
   */
  admit(release: ReleaseRow, upload: QueuedUpload, seen: ModelRow, audit: AuditEvent): Promise<boolean>;
  /** Lets the upload wait, in place of what waited. @returns as saveDefinition */
  queue(upload: QueuedUpload, seen: ModelRow, audit: AuditEvent): Promise<boolean>;
  /** Records an upload that became nothing because a newer one had been started or waits. @returns as saveDefinition */
  supersede(upload: QueuedUpload, seen: ModelRow, audit: AuditEvent): Promise<boolean>;
  /** Records a refusal and claims its upload; false where that was done before. */
  refuse(refusal: Refusal, claim: UploadClaim): Promise<boolean>;
  /** Drops a queued upload that can no longer be started. @returns false where it was no longer the one that waits */
  dropQueued(model: string, upload: QueuedUpload, refusal: Refusal, audit: AuditEvent): Promise<boolean>;

  /** Writes the version that this release made and its artifact step; once per release. @returns the version's number */
  sealVersion(
    version: Omit<VersionRow, 'version' | 'model'>,
    model: string,
    artifact: SealedArtifact,
    audit: (version: number) => AuditEvent,
  ): Promise<number>;

  /** Remembers that the owner was told of the release's end. Repeating it changes nothing. */
  markTold(model: string, release: number, at: string): Promise<void>;

  /** Records a release's end and gives the lease back. Repeating it changes nothing. @returns the row as it ended */
  endRelease(
    model: string,
    release: number,
    status: ReleaseStatus,
    outcome: ReleaseOutcome,
    at: string,
    audit: AuditEvent,
  ): Promise<ReleaseRow>;
}

/** S3 sequencers are hexadecimal of varying length; padded to 32 they compare as text. */
export const paddedSequencer = (sequencer: string): string => sequencer.toUpperCase().padStart(32, '0');

/** Sequencers order the versions of one key; across keys only the time of the upload does. */
export function isNewer(
  upload: { readonly key: string; readonly sequencer: string; readonly uploadedAt: string },
  than: { readonly key: string; readonly sequencer: string; readonly uploadedAt: string },
): boolean {
  if (upload.key === than.key) return upload.sequencer > than.sequencer;
  if (upload.uploadedAt !== than.uploadedAt) return upload.uploadedAt > than.uploadedAt;
  return upload.sequencer > than.sequencer;
}

/** The release that holds the model's lease. */
export const activeOf = async (
  lineage: Pick<LineageStore, 'getRelease'>,
  { model, activeRelease }: ModelRow,
): Promise<ReleaseRow | undefined> =>
  activeRelease === undefined ? undefined : lineage.getRelease(model, activeRelease);

/** True where a release can be started: nobody holds the lease, or only one that waits for people. */
export const givesWay = (model: ModelRow, active?: Pick<ReleaseRow, 'status'>): boolean =>
  model.activeRelease === undefined || active?.status === 'AwaitingApproval';

/** Where the model's row keeps what waits and what was newest: uploads are compared with those of their own purpose. */
export function slotsOf({ dataset }: QueuedUpload) {
  const upload = classifyUpload(dataset.key);
  return upload.kind === 'data' && upload.purpose === 'experiment'
    ? ({ queued: 'queuedExperiment', latest: 'latestExperiment' } as const)
    : ({ queued: 'queued', latest: 'latest' } as const);
}

/** How an upload stands among the others. */
export const standing = (upload: QueuedUpload) => ({
  key: upload.dataset.key,
  sequencer: upload.sequencer,
  uploadedAt: upload.uploadedAt,
});

/**
 * What a data upload becomes: a release now, the one that waits, or nothing because something newer was first.
 *
 * An upload that equals the one that waits is started, not compared with itself. A release that waits for people is in
 * nobody's way: the newer one takes its lease. Where releases start on a schedule, datasets wait for the governor
 * once something serves.
 *
 * @param active the release that holds the model's lease
 */
export function decideAdmission(model: ModelRow, upload: QueuedUpload, active?: Pick<ReleaseRow, 'status'>): Admission {
  const slots = slotsOf(upload);
  const latest = model[slots.latest];
  if (latest && !isNewer(standing(upload), latest)) return 'superseded';
  const waits = model[slots.queued];
  const isTheOneThatWaits =
    waits?.dataset.key === upload.dataset.key && waits.dataset.versionId === upload.dataset.versionId;
  if (waits && !isTheOneThatWaits && !isNewer(standing(upload), standing(waits))) return 'superseded';
  if (slots.queued === 'queued' && model.startOn === 'schedule' && model.champion) return 'queue';
  return givesWay(model, active) ? 'start' : 'queue';
}
