import type { Cloud, Principal } from '../../service.ts';
import type { Checksums } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { checkVersionId, noSuchBucket } from './errors.ts';
import { Notifications } from './notifications.ts';
import { checkUnlocked } from './object-lock.ts';
import type { BucketRecord, ObjectVersion, Version } from './records.ts';
import { type Removed, S3State } from './state.ts';

/** What the operations share. */
export interface S3 {
  readonly cloud: Cloud;
  readonly state: S3State;
  readonly notifications: Notifications;
}

export function createS3(cloud: Cloud): S3 {
  const state = new S3State(cloud);
  return { cloud, state, notifications: new Notifications(state) };
}

/** An object whose bytes are on disk, not yet visible. */
export type NewObject = Pick<
  ObjectVersion,
  'size' | 'etag' | 'file' | 'description' | 'tags' | 'encryption' | 'checksumType' | 'parts' | 'lock'
> & { readonly checksums: Checksums };

interface Write {
  readonly Bucket: string;
  readonly Key: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/**
 * Makes an object visible: conditions, version, event and whatever else the write changes in one transaction.
 *
 * @param event `ObjectCreated:Put`
 * @param also further changes of the same transaction
 * @throws {ServiceError} the bucket is gone, or a condition does not hold; then the new file is removed
 */
export async function commitObject(
  { cloud, state, notifications }: S3,
  target: Write,
  object: NewObject,
  event: { readonly name: string; readonly principal: Principal },
  also: () => void = () => {},
): Promise<{ version: ObjectVersion; bucket: BucketRecord }> {
  try {
    const { version, bucket, removed, outgoing } = cloud.store.transaction(() => {
      const bucket = state.findBucket(target.Bucket);
      if (!bucket) throw noSuchBucket(target.Bucket);
      checkWrite(state.current(bucket.name, target.Key), target);
      const version: ObjectVersion = {
        ...object,
        versionId: state.newVersionId(bucket),
        lastModified: cloud.clock.now(),
        deleteMarker: false,
        sequencer: state.nextSequencer(),
      };
      const removed = state.insert(bucket, target.Key, version);
      also();
      const { etag, size, versionId, sequencer } = version;
      const outgoing = notifications.record(bucket, { ...event, key: target.Key, etag, size, versionId, sequencer });
      return { version, bucket, removed, outgoing };
    });
    notifications.send(outgoing);
    await state.removeFiles(removed);
    return { version, bucket };
  } catch (error) {
    // A file that a stored record names is never this one: the record is the transaction's.
    if (!isStored(state, target, object.file)) await state.bodies.remove([object.file]);
    throw error;
  }
}

const isStored = (state: S3State, { Bucket, Key }: Write, file: string): boolean =>
  state.versions(Bucket, Key).some((version) => !version.deleteMarker && version.file === file);

/** What a delete did to a key. */
export interface Deletion {
  readonly deleteMarker?: boolean;
  readonly versionId?: string;
}

/**
 * Removes one version for good, or hides the key behind a delete marker where the bucket is versioned.
 *
 * @throws {ServiceError} AccessDenied where the version is locked, InvalidArgument for what is no version id
 */
export async function deleteKey(
  s3: S3,
  target: { Bucket: string; Key: string; VersionId?: string; IfMatch?: string; BypassGovernanceRetention?: boolean },
  principal: Principal,
): Promise<Deletion> {
  const { cloud, state, notifications } = s3;
  checkVersionId(target.VersionId);
  const { removed, outgoing, deletion } = cloud.store.transaction(() => {
    const bucket = state.bucket(target);
    if (target.IfMatch !== undefined)
      checkWrite(state.current(bucket.name, target.Key), { Key: target.Key, IfMatch: target.IfMatch });
    if (target.VersionId === undefined) return hide(s3, bucket, target.Key, principal);
    const named = state.versions(bucket.name, target.Key).find(({ versionId }) => versionId === target.VersionId);
    if (named && !named.deleteMarker) {
      checkUnlocked(named, cloud.clock.now(), target.BypassGovernanceRetention === true);
    }
    return erase(s3, bucket, target.Key, target.VersionId, principal);
  });
  notifications.send(outgoing);
  await state.removeFiles(removed);
  return deletion;
}

interface Deleted {
  readonly removed: Removed;
  readonly outgoing: readonly string[];
  readonly deletion: Deletion;
}

function hide({ cloud, state, notifications }: S3, bucket: BucketRecord, key: string, principal: Principal): Deleted {
  const sequencer = state.nextSequencer();
  if (bucket.versioning === undefined) {
    const removed = state.versions(bucket.name, key);
    state.putVersions(bucket.name, key, []);
    const event = { name: 'ObjectRemoved:Delete', key, versionId: 'null', sequencer, principal };
    return { removed, outgoing: removed.length > 0 ? notifications.record(bucket, event) : [], deletion: {} };
  }
  const versionId = state.newVersionId(bucket);
  const marker: Version = { versionId, lastModified: cloud.clock.now(), deleteMarker: true, sequencer };
  const removed = state.insert(bucket, key, marker);
  const event = { name: 'ObjectRemoved:DeleteMarkerCreated', key, versionId, sequencer, principal };
  return { removed, outgoing: notifications.record(bucket, event), deletion: { deleteMarker: true, versionId } };
}

function erase(
  { state, notifications }: S3,
  bucket: BucketRecord,
  key: string,
  versionId: string,
  principal: Principal,
): Deleted {
  const versions = state.versions(bucket.name, key);
  const removed = versions.filter((version) => version.versionId === versionId);
  state.putVersions(
    bucket.name,
    key,
    versions.filter((version) => !removed.includes(version)),
  );
  const event = { name: 'ObjectRemoved:Delete', key, versionId, sequencer: state.nextSequencer(), principal };
  const wasMarker = removed[0]?.deleteMarker === true;
  return {
    removed,
    outgoing: removed.length > 0 ? notifications.record(bucket, event) : [],
    deletion: { versionId, ...(wasMarker && { deleteMarker: true }) },
  };
}
