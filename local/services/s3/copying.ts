import type { Call, Need, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { bytesIn, checkCopySource, checkWrite } from './conditions.ts';
import {
  algorithmsIn,
  checksumMembers,
  DESCRIPTION_MEMBERS,
  descriptionIn,
  encryptionFor,
  encryptionMembers,
  tagsInText,
} from './description.ts';
import { invalidArgument } from './errors.ts';
import { LOCK_MEMBERS, lockFor } from './object-lock.ts';
import { checkKey, versionMember } from './objects.ts';
import { creationContext, keyNeeds, lockNeeds, objectNeed, readNeeds } from './permissions.ts';
import type { ObjectVersion } from './records.ts';
import { commitObject, type S3 } from './writing.ts';

/** Members that name and constrain what is copied. */
export const SOURCE_MEMBERS = [
  'CopySource',
  'CopySourceIfMatch',
  'CopySourceIfNoneMatch',
  'CopySourceIfModifiedSince',
  'CopySourceIfUnmodifiedSince',
  'ExpectedSourceBucketOwner',
] as const;

export const copyOperations = (s3: S3): Record<string, Operation> => ({
  CopyObject: {
    members: [
      'Bucket',
      'Key',
      ...SOURCE_MEMBERS,
      'MetadataDirective',
      'TaggingDirective',
      'IfMatch',
      'IfNoneMatch',
      'ExpectedBucketOwner',
      'ChecksumAlgorithm',
      ...DESCRIPTION_MEMBERS,
      ...LOCK_MEMBERS,
    ],
    needs: (call) => copyNeeds(s3, call),
    run: (call) => copyObject(s3, call),
  },
});

function copyNeeds(s3: S3, { input }: Call): Need[] {
  const source = sourceOf(input.CopySource);
  const copiesTags = input.TaggingDirective !== 'REPLACE' && (sourceVersion(s3, source)?.tags.length ?? 0) > 0;
  const encryption = encryptionFor(s3.cloud, s3.state.findBucket(input.Bucket), input);
  return [
    ...readNeeds(s3.state, 'GetObject', source),
    ...(copiesTags ? [objectNeed('GetObjectTagging', source)] : []),
    objectNeed('PutObject', { Bucket: input.Bucket, Key: input.Key }, creationContext(input, true)),
    ...(copiesTags || input.Tagging ? [objectNeed('PutObjectTagging', { Bucket: input.Bucket, Key: input.Key })] : []),
    ...keyNeeds(s3.state, ['kms:GenerateDataKey'], encryption, input),
    ...lockNeeds(input, s3.cloud.clock.now()),
  ];
}

async function copyObject(s3: S3, { input, principal }: Call) {
  const bucket = s3.state.bucket(input);
  checkKey(input.Key);
  const lock = lockFor(bucket, input, s3.cloud.clock.now());
  const { version: source, bucket: sourceBucket } = readSource(s3, input);
  checkWrite(s3.state.current(input.Bucket, input.Key), input);
  const replaces = input.MetadataDirective === 'REPLACE';
  const encryption = encryptionFor(s3.cloud, bucket, input);
  if (isItself(input) && !replaces && input.TaggingDirective !== 'REPLACE' && !input.ServerSideEncryption) {
    throw new ServiceError(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  // S3 keeps the source's checksum algorithm unless another is asked for.
  const algorithms = input.ChecksumAlgorithm
    ? algorithmsIn(input)
    : (Object.keys(source.checksums) as (keyof typeof source.checksums)[]);
  const written = await s3.state.bodies.write(await s3.state.bodies.read(source.file), algorithms);
  const object = {
    file: written.file,
    size: written.size,
    etag: written.md5,
    checksums: written.checksums,
    checksumType: 'FULL_OBJECT' as const,
    description: replaces ? descriptionIn('CopyObject', input) : source.description,
    tags: input.TaggingDirective === 'REPLACE' ? tagsInText(input.Tagging) : source.tags,
    encryption,
    ...lock,
  };
  const { version } = await commitObject(s3, input, object, { name: 'ObjectCreated:Copy', principal });
  return {
    CopyObjectResult: {
      ETag: `"${version.etag}"`,
      LastModified: new Date(version.lastModified),
      ...checksumMembers(version.checksums, version.checksumType),
    },
    ...(sourceBucket.versioning && { CopySourceVersionId: source.versionId }),
    ...versionMember(version, bucket),
    ...encryptionMembers(encryption),
  };
}

/** What an UploadPartCopy or CopyObject reads. @throws {ServiceError} NoSuchKey, PreconditionFailed, … */
export function readSource({ state }: S3, input: Call['input']) {
  const source = sourceOf(input.CopySource);
  state.checkOwner(input.ExpectedSourceBucketOwner);
  const bucket = state.bucket({ Bucket: source.Bucket });
  const version = state.object(source.Bucket, source.Key, source.VersionId);
  checkCopySource(version, input);
  return { version, bucket, bytes: bytesIn(input.CopySourceRange, version.size) };
}

/** @param copySource `bucket/key?versionId=…`, percent-encoded, with or without a leading slash */
export function sourceOf(copySource: string): { Bucket: string; Key: string; VersionId?: string } {
  const [, bucket, key, versionId] = /^\/?([^/]+)\/(.+?)(?:\?versionId=([^&]*))?$/s.exec(copySource ?? '') ?? [];
  try {
    if (bucket && key)
      return { Bucket: bucket, Key: decodeURIComponent(key), ...(versionId && { VersionId: versionId }) };
  } catch {
    // Not percent-encoded: refused like any other malformed source.
  }
  throw invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    'x-amz-copy-source',
  );
}

const sourceVersion = (
  { state }: S3,
  { Bucket, Key, VersionId }: ReturnType<typeof sourceOf>,
): ObjectVersion | undefined => {
  const versions = state.versions(Bucket, Key);
  const version = VersionId === undefined ? versions[0] : versions.find(({ versionId }) => versionId === VersionId);
  return version && !version.deleteMarker ? version : undefined;
};

function isItself(input: Call['input']): boolean {
  const source = sourceOf(input.CopySource);
  return source.Bucket === input.Bucket && source.Key === input.Key && source.VersionId === undefined;
}
