import type { Checksums } from './checksums.ts';

/** What a bucket does to an object that says nothing of encryption. */
export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  /** The key's ARN; undefined for SSE-S3 and for AWS's own key. */
  readonly keyArn?: string;
  readonly bucketKey?: boolean;
}

/** Events of keys that match go to a queue. */
export interface QueueNotification {
  readonly id: string;
  readonly queueArn: string;
  /** `s3:ObjectCreated:*` */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  readonly expirationDays?: number;
  readonly noncurrentDays?: number;
  /** Of the noncurrent versions, so many of the newest are kept. */
  readonly newerNoncurrentVersions?: number;
  readonly expiredDeleteMarkers?: boolean;
  readonly abortUploadsAfterDays?: number;
}

/** Until when nobody may take an object's version away; GOVERNANCE can be overridden, COMPLIANCE by nobody. */
export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly until: number;
}

export interface BucketRecord {
  readonly name: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  /** `STACK/LOGICAL_ID` of the template's resource that made it. */
  readonly madeBy?: string;
  /** Undefined: never versioned. */
  readonly versioning?: 'Enabled' | 'Suspended';
  readonly encryption: Encryption;
  /** Undefined: no version of it can be locked. */
  readonly objectLock?: {
    readonly defaultRetention?: { readonly mode: Retention['mode']; readonly days?: number; readonly years?: number };
  };
  /** JSON text, as it was put. */
  readonly policy?: string;
  readonly notifications: readonly QueueNotification[];
  readonly lifecycle: readonly LifecycleRule[];
  /** Recorded: nobody but this account's principals exists here, so they change nothing that can be observed. */
  readonly recorded: Readonly<Record<string, unknown>>;
}

/** What a client says of an object beside its bytes. */
export interface Description {
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
  readonly expires?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface PartSummary {
  readonly number: number;
  readonly size: number;
  readonly checksums: Checksums;
}

export interface ObjectVersion {
  /** `null` where the bucket was not versioned. */
  readonly versionId: string;
  readonly lastModified: number;
  readonly deleteMarker: false;
  readonly size: number;
  /** Without quotes: MD5, or MD5 of the parts' MD5s and `-PARTS`. */
  readonly etag: string;
  readonly file: string;
  readonly description: Description;
  readonly tags: readonly Tag[];
  readonly encryption: Encryption;
  readonly checksums: Checksums;
  readonly checksumType?: 'COMPOSITE' | 'FULL_OBJECT';
  readonly parts?: readonly PartSummary[];
  readonly lock?: { readonly retention?: Retention; readonly legalHold?: boolean };
  /** Hexadecimal of constant length; orders the events of a key. */
  readonly sequencer: string;
}

interface DeleteMarker {
  readonly versionId: string;
  readonly lastModified: number;
  readonly deleteMarker: true;
  readonly sequencer: string;
}

export type Version = ObjectVersion | DeleteMarker;

export interface UploadPart {
  readonly number: number;
  readonly file: string;
  readonly size: number;
  readonly etag: string;
  readonly checksums: Checksums;
  readonly lastModified: number;
}

export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: number;
  readonly description: Description;
  readonly tags: readonly Tag[];
  readonly encryption: Encryption;
  readonly lock?: ObjectVersion['lock'];
  readonly checksumAlgorithm?: keyof Checksums;
  readonly checksumType?: 'COMPOSITE' | 'FULL_OBJECT';
}
