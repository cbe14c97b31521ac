import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Cloud, ServiceError } from '../../service.ts';
import { Bodies } from './bodies.ts';
import { checkVersionId, noSuchBucket, noSuchKey, noSuchUpload, noSuchVersion } from './errors.ts';
import type { BucketRecord, ObjectVersion, Upload, UploadPart, Version } from './records.ts';

/** What a write took away: its files may go once the record is stored. */
export type Removed = readonly Version[];

/** Buckets, versions and uploads in the store; one record holds all versions of a key, newest first. */
export class S3State {
  readonly cloud: Cloud;
  readonly bodies: Bodies;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.bodies = new Bodies(join(cloud.stateDir, 's3'));
  }

  buckets(): BucketRecord[] {
    return this.cloud.store.list<BucketRecord>('s3.buckets').map(({ value }) => value);
  }

  findBucket(name: string): BucketRecord | undefined {
    return this.cloud.store.get('s3.buckets', name);
  }

  /** @throws {ServiceError} NoSuchBucket; AccessDenied where the bucket is not ExpectedBucketOwner's */
  bucket(input: { Bucket: string; ExpectedBucketOwner?: string }): BucketRecord {
    const record = this.findBucket(input.Bucket);
    if (!record) throw noSuchBucket(input.Bucket);
    this.checkOwner(input.ExpectedBucketOwner);
    return record;
  }

  checkOwner(expected: string | undefined): void {
    if (expected !== undefined && expected !== this.cloud.account)
      throw new ServiceError('AccessDenied', 'Access Denied', 403);
  }

  putBucket(record: BucketRecord): void {
    this.cloud.store.put('s3.buckets', record.name, record);
  }

  deleteBucket(name: string): void {
    this.cloud.store.delete('s3.buckets', name);
  }

  /** Keys in UTF-8 order. */
  objects(bucket: string, prefix = ''): { key: string; versions: Version[] }[] {
    return this.cloud.store
      .list<Version[]>(`s3.objects/${bucket}`, prefix)
      .map(({ key, value }) => ({ key, versions: value }));
  }

  versions(bucket: string, key: string): Version[] {
    return this.cloud.store.get(`s3.objects/${bucket}`, key) ?? [];
  }

  /** The object a reader sees; undefined where there is none, or a delete marker. */
  current(bucket: string, key: string): ObjectVersion | undefined {
    const newest = this.versions(bucket, key)[0];
    return newest && !newest.deleteMarker ? newest : undefined;
  }

  /** @throws {ServiceError} NoSuchKey, NoSuchVersion, InvalidArgument; MethodNotAllowed for a delete marker by its id */
  object(bucket: string, key: string, versionId?: string): ObjectVersion {
    checkVersionId(versionId);
    const versions = this.versions(bucket, key);
    const version =
      versionId === undefined ? versions[0] : versions.find((candidate) => candidate.versionId === versionId);
    if (version && !version.deleteMarker) return version;
    const marker = version && { DeleteMarker: true, VersionId: version.versionId };
    if (versionId === undefined) throw noSuchKey(key, marker);
    if (!version) throw noSuchVersion(key, versionId);
    throw new ServiceError(
      'MethodNotAllowed',
      'The specified method is not allowed against this resource.',
      405,
      marker,
    );
  }

  putVersions(bucket: string, key: string, versions: readonly Version[]): void {
    if (versions.length === 0) this.cloud.store.delete(`s3.objects/${bucket}`, key);
    else this.cloud.store.put(`s3.objects/${bucket}`, key, versions);
  }

  /** Makes a version the current one; without versioning it replaces the one named `null`. */
  insert(bucket: BucketRecord, key: string, version: Version): Removed {
    const versions = this.versions(bucket.name, key);
    const replaced = versions.filter(({ versionId }) => versionId === version.versionId);
    this.putVersions(bucket.name, key, [version, ...versions.filter((other) => !replaced.includes(other))]);
    return replaced;
  }

  newVersionId(bucket: BucketRecord): string {
    return bucket.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
  }

  nextSequencer(): string {
    const next = (this.cloud.store.get<number>('s3', 'sequence') ?? 0) + 1;
    this.cloud.store.put('s3', 'sequence', next);
    return next.toString(16).toUpperCase().padStart(18, '0');
  }

  removeFiles(removed: Removed): Promise<void> {
    return this.bodies.remove(removed.flatMap((version) => (version.deleteMarker ? [] : [version.file])));
  }

  uploads(bucket?: string): Upload[] {
    const all = this.cloud.store.list<Upload>('s3.uploads').map(({ value }) => value);
    return bucket === undefined ? all : all.filter((upload) => upload.bucket === bucket);
  }

  /** @throws {ServiceError} NoSuchUpload, also where the id is another key's */
  upload(input: { Bucket: string; Key: string; UploadId: string }): Upload {
    const upload = this.cloud.store.get<Upload>('s3.uploads', String(input.UploadId));
    if (upload && upload.bucket === input.Bucket && upload.key === input.Key) return upload;
    throw noSuchUpload(input.UploadId);
  }

  putUpload(upload: Upload): void {
    this.cloud.store.put('s3.uploads', upload.uploadId, upload);
  }

  /** In order of their numbers. */
  parts(uploadId: string): UploadPart[] {
    return this.cloud.store.list<UploadPart>('s3.parts', `${uploadId}/`).map(({ value }) => value);
  }

  /** @returns the part that it replaces */
  putPart(uploadId: string, part: UploadPart): UploadPart | undefined {
    const key = `${uploadId}/${String(part.number).padStart(5, '0')}`;
    const replaced = this.cloud.store.get<UploadPart>('s3.parts', key);
    this.cloud.store.put('s3.parts', key, part);
    return replaced;
  }

  /** @returns the files of its parts */
  deleteUpload(uploadId: string): string[] {
    const parts = this.parts(uploadId);
    for (const { number } of parts)
      this.cloud.store.delete('s3.parts', `${uploadId}/${String(number).padStart(5, '0')}`);
    this.cloud.store.delete('s3.uploads', uploadId);
    return parts.map(({ file }) => file);
  }

  /** Every body that a record names. */
  namedFiles(): Set<string> {
    const files = new Set<string>();
    for (const { name } of this.buckets()) {
      for (const { versions } of this.objects(name)) {
        for (const version of versions) if (!version.deleteMarker) files.add(version.file);
      }
    }
    for (const { value } of this.cloud.store.list<UploadPart>('s3.parts')) files.add(value.file);
    return files;
  }
}
