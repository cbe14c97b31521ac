import type { ModelDefinition } from './model-definition.ts';
import type { ModelImages } from './training/images.ts';

/** A pinned S3 object. */
export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  /** Hex SHA-256 of the bytes, where it has been computed. */
  readonly sha256?: string;
}

/** The `MODEL` row: one per model, nothing else in the cloud is per model until it serves. */
export interface ModelRow {
  readonly model: string;
  readonly team: string;
  readonly tier: string;
  /** E-mail address from model.yaml. */
  readonly owner: string;
  /** The definition that the next release uses; the object is the write-once copy. */
  readonly definition: ObjectRef & { readonly sha256: string };
  /** The uploaded source archive that the next release uses (framework models). */
  readonly source?: ObjectRef;
  /** The uploaded model that the next release uses, where it was trained elsewhere. */
  readonly artifact?: ObjectRef;
  /** What the current definition trains with; an image is pinned to a digest when a release starts. */
  readonly training?: {
    readonly image?: string;
    readonly framework?: string;
    /** `training.artifact`: the model was trained elsewhere. */
    readonly isBrought?: true;
    /** By tag; each is pinned to a digest when a release starts. Absent in rows of before. */
    readonly images?: ModelImages;
  };
  /** `release.startOn: schedule` of the current definition: datasets wait until the governor takes the newest. */
  readonly startOn?: 'schedule';
  /** How the current definition holds rows out. Absent in rows of before. */
  readonly split?: ModelDefinition['data']['test']['split'];
  readonly releases: number;
  readonly versions: number;
  /** The release that holds the model's lease. */
  readonly activeRelease?: number;
  /** The newest release that people were asked about. */
  readonly newestAsked?: number;
  readonly champion?: Champion;
  /** Rollbacks so far. */
  readonly rollbacks?: number;
  /** The rollback that is under way: nothing else touches the endpoint. */
  readonly rollingBack?: number;
  /** The newest upload that waits for the active release to end. */
  readonly queued?: QueuedUpload;
  /** The newest experiment that waits: experiments and releases do not displace each other. */
  readonly queuedExperiment?: QueuedUpload;
  /** The upload of the newest release: nothing older is started after it. */
  readonly latest?: UploadStanding;
  /** The upload of the newest experiment. */
  readonly latestExperiment?: UploadStanding;
}

/** What orders uploads. */
export interface UploadStanding {
  readonly key: string;
  readonly sequencer: string;
  readonly uploadedAt: string;
}

/** What serves now. */
export interface Champion {
  readonly version: number;
  readonly endpointName: string;
  readonly endpointConfigName: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

export interface QueuedUpload {
  readonly dataset: ObjectRef;
  /** The pinned files of a dataset that has several. */
  readonly files?: ObjectRef & { readonly sha256: string };
  readonly submitter: Submitter;
  /** S3's sequencer, zero-padded to 32: the newest upload of a key wins. */
  readonly sequencer: string;
  readonly uploadedAt: string;
}

/** Who started a release. */
export interface Submitter {
  /** IAM principal as S3's notification or the CLI named it. */
  readonly principal: string;
  /** Person id from the deployed configuration; absent where no identity maps to it. */
  readonly person?: string;
}
