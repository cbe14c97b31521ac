import type { Call, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import type { WrittenBody } from './bodies.ts';
import { bytesIn, checkRead, checkWrite } from './conditions.ts';
import {
  algorithmsIn,
  CHECKSUM_MEMBERS,
  checksumMembers,
  claimedChecksums,
  DESCRIPTION_MEMBERS,
  descriptionIn,
  descriptionMembers,
  encryptionFor,
  encryptionMembers,
  tagsInText,
} from './description.ts';
import { badDigest } from './errors.ts';
import { LOCK_MEMBERS, lockFor } from './object-lock.ts';
import { bypassNeeds } from './object-lock-operations.ts';
import { creationContext, keyNeeds, lockNeeds, objectNeed, readNeeds } from './permissions.ts';
import type { BucketRecord, ObjectVersion } from './records.ts';
import { commitObject, deleteKey, type S3 } from './writing.ts';

const READ_MEMBERS = [
  'Bucket',
  'Key',
  'VersionId',
  'Range',
  'IfMatch',
  'IfNoneMatch',
  'IfModifiedSince',
  'IfUnmodifiedSince',
  'ChecksumMode',
  'ExpectedBucketOwner',
  'ResponseContentType',
  'ResponseContentDisposition',
  'ResponseContentEncoding',
  'ResponseContentLanguage',
  'ResponseCacheControl',
] as const;

const LONGEST_KEY = 1024;

export const objectOperations = (s3: S3): Record<string, Operation> => ({
  PutObject: {
    members: [
      'Bucket',
      'Key',
      'Body',
      'ContentLength',
      'ContentMD5',
      'IfMatch',
      'IfNoneMatch',
      'ExpectedBucketOwner',
      'ChecksumAlgorithm',
      ...CHECKSUM_MEMBERS,
      ...DESCRIPTION_MEMBERS,
      ...LOCK_MEMBERS,
    ],
    needs: ({ input }) => [
      objectNeed('PutObject', input, creationContext(input, true)),
      ...(input.Tagging ? [objectNeed('PutObjectTagging', input, creationContext(input, true))] : []),
      ...lockNeeds(input, s3.cloud.clock.now()),
      ...keyNeeds(
        s3.state,
        ['kms:GenerateDataKey'],
        encryptionFor(s3.cloud, s3.state.findBucket(input.Bucket), input),
        input,
      ),
    ],
    run: (call) => putObject(s3, call),
  },
  GetObject: {
    members: READ_MEMBERS,
    needs: ({ input }) => readNeeds(s3.state, 'GetObject', input),
    run: (call) => getObject(s3, call, true),
  },
  HeadObject: {
    members: READ_MEMBERS,
    needs: ({ input }) => readNeeds(s3.state, 'GetObject', input),
    run: (call) => getObject(s3, call, false).catch(asHead),
  },
  DeleteObject: {
    members: ['Bucket', 'Key', 'VersionId', 'IfMatch', 'ExpectedBucketOwner', 'BypassGovernanceRetention'],
    needs: ({ input }) => [objectNeed('DeleteObject', input), ...bypassNeeds(input)],
    run: async ({ input, principal }) => {
      const { deleteMarker, versionId } = await deleteKey(s3, input, principal);
      return { DeleteMarker: deleteMarker, VersionId: versionId };
    },
  },
  DeleteObjects: {
    members: ['Bucket', 'Delete', 'ExpectedBucketOwner', 'BypassGovernanceRetention'],
    // Every key is judged by itself, and refused by itself.
    needs: () => [],
    run: (call) => deleteObjects(s3, call),
  },
  GetObjectAttributes: {
    members: ['Bucket', 'Key', 'VersionId', 'ObjectAttributes', 'ExpectedBucketOwner'],
    needs: ({ input }) => [...readNeeds(s3.state, 'GetObject', input), objectNeed('GetObjectAttributes', input)],
    run: async ({ input }) => getObjectAttributes(s3, input),
  },
});

async function putObject(s3: S3, { input, principal }: Call) {
  const bucket = s3.state.bucket(input);
  checkKey(input.Key);
  const lock = lockFor(bucket, input, s3.cloud.clock.now());
  // Judged again when the bytes are here; a write that cannot succeed need not send them.
  checkWrite(s3.state.current(input.Bucket, input.Key), input);
  const description = descriptionIn('PutObject', input);
  const tags = tagsInText(input.Tagging);
  const encryption = encryptionFor(s3.cloud, bucket, input);
  const written = await s3.state.bodies.write(input.Body, algorithmsIn(input));
  try {
    verify(input, written);
  } catch (error) {
    await s3.state.bodies.remove([written.file]);
    throw error;
  }
  const { file, size, md5, checksums } = written;
  const object = {
    file,
    size,
    etag: md5,
    checksums,
    checksumType: 'FULL_OBJECT' as const,
    description,
    tags,
    encryption,
    ...lock,
  };
  const { version } = await commitObject(s3, input, object, { name: 'ObjectCreated:Put', principal });
  return {
    ETag: `"${version.etag}"`,
    ...versionMember(version, bucket),
    ...encryptionMembers(encryption),
    ...checksumMembers(checksums, 'FULL_OBJECT'),
  };
}

/** @throws {ServiceError} BadDigest, IncompleteBody */
// biome-ignore lint/suspicious/noExplicitAny: an operation's input
export function verify(input: any, { size, md5, checksums }: WrittenBody): void {
  if (input.ContentLength !== undefined && input.ContentLength !== size) {
    throw new ServiceError(
      'IncompleteBody',
      `You did not provide the number of bytes specified by the Content-Length HTTP header: ${input.ContentLength}, got ${size}`,
    );
  }
  if (input.ContentMD5 !== undefined && Buffer.from(input.ContentMD5, 'base64').toString('hex') !== md5) {
    throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  for (const [algorithm, claimed] of Object.entries(claimedChecksums(input))) {
    if (checksums[algorithm as keyof typeof checksums] !== claimed) throw badDigest(algorithm);
  }
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY) {
    throw new ServiceError('KeyTooLongError', 'Your key is too long', 400, {
      Size: Buffer.byteLength(key),
      MaxSizeAllowed: LONGEST_KEY,
    });
  }
}

async function getObject({ state, cloud }: S3, { input, principal }: Call, withBody: boolean) {
  const bucket = state.bucket(input);
  const version = state.object(input.Bucket, input.Key, input.VersionId);
  checkRead(version, input);
  const bytes = bytesIn(input.Range, version.size);
  const { first, last } = bytes ?? { first: 0, last: version.size - 1 };
  return {
    ...(withBody && { Body: await state.bodies.read(version.file, first, last) }),
    AcceptRanges: 'bytes',
    ContentLength: last - first + 1,
    ...(bytes && { ContentRange: `bytes ${first}-${last}/${version.size}` }),
    ETag: `"${version.etag}"`,
    LastModified: new Date(version.lastModified),
    ...versionMember(version, bucket),
    ...encryptionMembers(version.encryption),
    ...(input.ChecksumMode === 'ENABLED' && !bytes && checksumMembers(version.checksums, version.checksumType)),
    ...descriptionMembers(version),
    ...lockMembers(version, (action) =>
      cloud.allows(principal, objectNeed(action, { Bucket: bucket.name, Key: input.Key })),
    ),
    ...responseOverrides(input),
  };
}

/** Only those who may ask for a lock are told of it. */
function lockMembers({ lock }: ObjectVersion, allows: (action: string) => boolean): Record<string, unknown> {
  const { retention, legalHold } = lock ?? {};
  return {
    ...(retention &&
      allows('GetObjectRetention') && {
        ObjectLockMode: retention.mode,
        ObjectLockRetainUntilDate: new Date(retention.until),
      }),
    ...(legalHold !== undefined &&
      allows('GetObjectLegalHold') && { ObjectLockLegalHoldStatus: legalHold ? 'ON' : 'OFF' }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: an operation's input
const responseOverrides = (input: any): Record<string, string> =>
  Object.fromEntries(
    ['ContentType', 'ContentDisposition', 'ContentEncoding', 'ContentLanguage', 'CacheControl']
      .filter((member) => input[`Response${member}`] !== undefined)
      .map((member) => [member, input[`Response${member}`]]),
  );

/** A HEAD answer has no body to name the error in: SDKs call a 404 NotFound. */
function asHead(error: unknown): never {
  if (!(error instanceof ServiceError) || error.status !== 404) throw error;
  throw new ServiceError('NotFound', 'Not Found', 404, error.fields);
}

async function deleteObjects(s3: S3, { input, principal }: Call) {
  s3.state.bucket(input);
  const objects: readonly { Key: string; VersionId?: string }[] = input.Delete?.Objects ?? [];
  if (objects.length === 0 || objects.length > 1000) {
    throw new ServiceError('MalformedXML', `expected 1–1000 objects to delete, got ${objects.length}`);
  }
  const Deleted: unknown[] = [];
  const Errors: unknown[] = [];
  for (const { Key, VersionId } of objects) {
    const bypass = input.BypassGovernanceRetention && { BypassGovernanceRetention: true };
    const one = { Bucket: input.Bucket, Key, ...(VersionId && { VersionId }), ...bypass };
    try {
      const answer = await s3.cloud.call({ service: 's3', operation: 'DeleteObject', principal, input: one });
      const { DeleteMarker, VersionId: deleted } = answer as { DeleteMarker?: boolean; VersionId?: string };
      Deleted.push({ Key, VersionId, ...(DeleteMarker && { DeleteMarker, DeleteMarkerVersionId: deleted }) });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status === 501) throw error;
      Errors.push({ Key, VersionId, Code: error.code, Message: error.message });
    }
  }
  return { ...(!input.Delete.Quiet && { Deleted }), Errors };
}

// biome-ignore lint/suspicious/noExplicitAny: an operation's input
function getObjectAttributes({ state }: S3, input: any) {
  const bucket = state.bucket(input);
  const version = state.object(input.Bucket, input.Key, input.VersionId);
  const wanted = new Set<string>(input.ObjectAttributes);
  const parts = version.parts && {
    TotalPartsCount: version.parts.length,
    Parts: version.parts.map((part) => ({
      PartNumber: part.number,
      Size: part.size,
      ...checksumMembers(part.checksums),
    })),
  };
  return {
    LastModified: new Date(version.lastModified),
    ...versionMember(version, bucket),
    ...(wanted.has('ETag') && { ETag: version.etag }),
    ...(wanted.has('Checksum') && { Checksum: checksumMembers(version.checksums, version.checksumType) }),
    ...(wanted.has('ObjectParts') && parts && { ObjectParts: parts }),
    ...(wanted.has('StorageClass') && { StorageClass: 'STANDARD' }),
    ...(wanted.has('ObjectSize') && { ObjectSize: version.size }),
  };
}

/** A bucket that was never versioned says nothing of versions. */
export const versionMember = ({ versionId }: Pick<ObjectVersion, 'versionId'>, { versioning }: BucketRecord) =>
  versioning === undefined ? {} : { VersionId: versionId };
