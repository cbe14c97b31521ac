import { createHash, randomBytes } from 'node:crypto';
import type { Call, Need, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { type ChecksumAlgorithm, type Checksums, checksumHash } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { readSource, SOURCE_MEMBERS, sourceOf } from './copying.ts';
import {
  algorithmsIn,
  CHECKSUM_MEMBERS,
  checksumMembers,
  claimedChecksums,
  DESCRIPTION_MEMBERS,
  descriptionIn,
  encryptionFor,
  encryptionMembers,
  tagsInText,
} from './description.ts';
import { badDigest, invalidArgument } from './errors.ts';
import { LOCK_MEMBERS, lockFor } from './object-lock.ts';
import { checkKey, verify, versionMember } from './objects.ts';
import { creationContext, keyNeeds, lockNeeds, objectNeed, readNeeds } from './permissions.ts';
import type { Upload, UploadPart } from './records.ts';
import { commitObject, type S3 } from './writing.ts';

const SMALLEST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;
const PART_MEMBERS = ['Bucket', 'Key', 'UploadId', 'PartNumber', 'ExpectedBucketOwner'] as const;

export const multipartOperations = (s3: S3): Record<string, Operation> => ({
  CreateMultipartUpload: {
    members: [
      'Bucket',
      'Key',
      'ExpectedBucketOwner',
      'ChecksumAlgorithm',
      'ChecksumType',
      ...DESCRIPTION_MEMBERS,
      ...LOCK_MEMBERS,
    ],
    needs: ({ input }) => [
      objectNeed('PutObject', input, creationContext(input, false)),
      ...(input.Tagging ? [objectNeed('PutObjectTagging', input)] : []),
      ...lockNeeds(input, s3.cloud.clock.now()),
      ...keyNeeds(
        s3.state,
        ['kms:GenerateDataKey'],
        encryptionFor(s3.cloud, s3.state.findBucket(input.Bucket), input),
        input,
      ),
    ],
    run: async ({ input }) => createUpload(s3, input),
  },
  UploadPart: {
    members: [...PART_MEMBERS, 'Body', 'ContentLength', 'ContentMD5', 'ChecksumAlgorithm', ...CHECKSUM_MEMBERS],
    needs: ({ input }) => partNeeds(s3, input),
    run: ({ input }) => uploadPart(s3, input),
  },
  UploadPartCopy: {
    members: [...PART_MEMBERS, ...SOURCE_MEMBERS, 'CopySourceRange'],
    needs: ({ input }) => [...readNeeds(s3.state, 'GetObject', sourceOf(input.CopySource)), ...partNeeds(s3, input)],
    run: ({ input }) => uploadPartCopy(s3, input),
  },
  CompleteMultipartUpload: {
    members: [
      'Bucket',
      'Key',
      'UploadId',
      'MultipartUpload',
      'IfMatch',
      'IfNoneMatch',
      'ExpectedBucketOwner',
      'ChecksumType',
      'MpuObjectSize',
      ...CHECKSUM_MEMBERS,
    ],
    needs: ({ input }) => [
      objectNeed('PutObject', input, creationContext(input, true)),
      ...uploadKeyNeeds(s3, input, ['kms:Decrypt']),
    ],
    run: (call) => completeUpload(s3, call),
  },
  AbortMultipartUpload: {
    members: ['Bucket', 'Key', 'UploadId', 'ExpectedBucketOwner'],
    needs: ({ input }) => [objectNeed('AbortMultipartUpload', input)],
    run: async ({ input }) => {
      s3.state.bucket(input);
      const { uploadId } = s3.state.upload(input);
      await s3.state.bodies.remove(s3.cloud.store.transaction(() => s3.state.deleteUpload(uploadId)));
      return {};
    },
  },
});

const partNeeds = (s3: S3, input: Call['input']): Need[] => [
  objectNeed('PutObject', { Bucket: input.Bucket, Key: input.Key }, creationContext({}, false)),
  ...uploadKeyNeeds(s3, input, ['kms:GenerateDataKey', 'kms:Decrypt']),
];

function uploadKeyNeeds({ state }: S3, input: Call['input'], actions: readonly string[]): Need[] {
  const upload = state.uploads(input.Bucket).find(({ uploadId }) => uploadId === input.UploadId);
  return upload ? keyNeeds(state, actions, upload.encryption, input) : [];
}

function createUpload({ cloud, state }: S3, input: Call['input']) {
  const bucket = state.bucket(input);
  checkKey(input.Key);
  const algorithm: ChecksumAlgorithm | undefined = algorithmsIn(input)[0];
  const upload: Upload = {
    uploadId: randomBytes(24).toString('base64url'),
    bucket: bucket.name,
    key: input.Key,
    initiatedAt: cloud.clock.now(),
    description: descriptionIn('CreateMultipartUpload', input),
    tags: tagsInText(input.Tagging),
    encryption: encryptionFor(cloud, bucket, input),
    ...lockFor(bucket, input, cloud.clock.now()),
    ...(algorithm && {
      checksumAlgorithm: algorithm,
      checksumType: input.ChecksumType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'),
    }),
  };
  state.putUpload(upload);
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.uploadId,
    ...encryptionMembers(upload.encryption),
    ...(algorithm && { ChecksumAlgorithm: algorithm, ChecksumType: upload.checksumType }),
  };
}

async function uploadPart(s3: S3, input: Call['input']) {
  s3.state.bucket(input);
  const upload = s3.state.upload(input);
  checkPartNumber(input.PartNumber);
  const algorithms = [...algorithmsIn(input), ...(upload.checksumAlgorithm ? [upload.checksumAlgorithm] : [])];
  const written = await s3.state.bodies.write(input.Body, algorithms);
  try {
    verify(input, written);
  } catch (error) {
    await s3.state.bodies.remove([written.file]);
    throw error;
  }
  const part = await storePart(s3, input, {
    ...written,
    number: input.PartNumber,
    etag: written.md5,
    lastModified: s3.cloud.clock.now(),
  });
  return { ETag: `"${part.etag}"`, ...encryptionMembers(upload.encryption), ...checksumMembers(part.checksums) };
}

async function uploadPartCopy(s3: S3, input: Call['input']) {
  s3.state.bucket(input);
  const upload = s3.state.upload(input);
  checkPartNumber(input.PartNumber);
  const { version, bucket, bytes } = readSource(s3, input);
  const stream = await s3.state.bodies.read(version.file, bytes?.first, bytes?.last);
  const written = await s3.state.bodies.write(stream, upload.checksumAlgorithm ? [upload.checksumAlgorithm] : []);
  const part = await storePart(s3, input, {
    ...written,
    number: input.PartNumber,
    etag: written.md5,
    lastModified: s3.cloud.clock.now(),
  });
  return {
    CopyPartResult: {
      ETag: `"${part.etag}"`,
      LastModified: new Date(part.lastModified),
      ...checksumMembers(part.checksums),
    },
    ...(bucket.versioning && { CopySourceVersionId: version.versionId }),
    ...encryptionMembers(upload.encryption),
  };
}

/** The upload may have ended while the bytes came. */
async function storePart({ cloud, state }: S3, input: Call['input'], part: UploadPart): Promise<UploadPart> {
  const { number, file, size, etag, checksums, lastModified } = part;
  try {
    const replaced = cloud.store.transaction(() => {
      state.upload(input);
      return state.putPart(input.UploadId, { number, file, size, etag, checksums, lastModified });
    });
    if (replaced) await state.bodies.remove([replaced.file]);
    return part;
  } catch (error) {
    await state.bodies.remove([file]);
    throw error;
  }
}

async function completeUpload(s3: S3, { input, principal }: Call) {
  const { state } = s3;
  state.bucket(input);
  const upload = state.upload(input);
  checkWrite(state.current(input.Bucket, input.Key), input);
  const parts = chosenParts(state.parts(upload.uploadId), input.MultipartUpload?.Parts ?? []);
  const { checksumAlgorithm, checksumType } = upload;
  const whole = checksumAlgorithm && checksumType === 'FULL_OBJECT' ? [checksumAlgorithm] : [];
  const written = await state.bodies.write(state.bodies.concatenate(parts.map(({ file }) => file)), whole);
  const checksums =
    checksumAlgorithm && checksumType === 'COMPOSITE' ? compositeOf(checksumAlgorithm, parts) : written.checksums;
  try {
    verifyWhole(input, written.size, checksums);
  } catch (error) {
    await state.bodies.remove([written.file]);
    throw error;
  }
  const object = {
    file: written.file,
    size: written.size,
    etag: etagOf(parts),
    checksums,
    ...(checksumType && { checksumType }),
    parts: parts.map(({ number, size, checksums: ofPart }) => ({ number, size, checksums: ofPart })),
    description: upload.description,
    tags: upload.tags,
    encryption: upload.encryption,
    ...(upload.lock && { lock: upload.lock }),
  };
  let partFiles: string[] = [];
  const also = () => {
    state.upload(input);
    partFiles = state.deleteUpload(upload.uploadId);
  };
  const event = { name: 'ObjectCreated:CompleteMultipartUpload', principal };
  const { version, bucket } = await commitObject(s3, input, object, event, also);
  await state.bodies.remove(partFiles);
  return {
    Location: `${s3.cloud.url}/${input.Bucket}/${encodeURIComponent(input.Key)}`,
    Bucket: input.Bucket,
    Key: input.Key,
    ETag: `"${version.etag}"`,
    ...checksumMembers(checksums, checksumType),
    ...versionMember(version, bucket),
    ...encryptionMembers(upload.encryption),
  };
}

interface ChosenPart extends Checksums {
  readonly PartNumber: number;
  readonly ETag: string;
}

/** @throws {ServiceError} InvalidPartOrder, InvalidPart, EntityTooSmall */
function chosenParts(uploaded: readonly UploadPart[], chosen: readonly ChosenPart[]): UploadPart[] {
  if (chosen.length === 0) throw new ServiceError('MalformedXML', 'You must specify at least one part');
  const parts = chosen.map(({ PartNumber, ETag }, index) => {
    if (index > 0 && PartNumber <= chosen[index - 1]!.PartNumber) {
      throw new ServiceError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    const part = uploaded.find(({ number }) => number === PartNumber);
    if (part && part.etag === String(ETag).replaceAll('"', '')) return part;
    throw new ServiceError(
      'InvalidPart',
      `One or more of the specified parts could not be found: ${PartNumber}. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.`,
    );
  });
  const small = parts.slice(0, -1).find(({ size }) => size < SMALLEST_PART);
  if (!small) return parts;
  throw new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
    PartNumber: small.number,
    ProposedSize: small.size,
    MinSizeAllowed: SMALLEST_PART,
  });
}

const etagOf = (parts: readonly UploadPart[]): string => {
  const digests = parts.map(({ etag }) => Buffer.from(etag, 'hex'));
  return `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}`;
};

/** The checksum of the parts' checksums. */
function compositeOf(algorithm: ChecksumAlgorithm, parts: readonly UploadPart[]): Checksums {
  const hash = checksumHash(algorithm);
  for (const { checksums } of parts) hash.update(Buffer.from(checksums[algorithm] ?? '', 'base64'));
  return { [algorithm]: `${hash.digest()}-${parts.length}` };
}

function verifyWhole(input: Call['input'], size: number, checksums: Checksums): void {
  if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== size) {
    throw new ServiceError('InvalidRequest', `expected an object of ${input.MpuObjectSize} bytes, got ${size}`);
  }
  for (const [algorithm, claimed] of Object.entries(claimedChecksums(input))) {
    const actual = checksums[algorithm as ChecksumAlgorithm];
    if (actual !== undefined && actual.split('-')[0] !== claimed.split('-')[0]) throw badDigest(algorithm);
  }
}

function checkPartNumber(number: unknown): void {
  if (Number.isInteger(number) && (number as number) >= 1 && (number as number) <= MOST_PARTS) return;
  throw invalidArgument(`Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`, 'partNumber');
}
