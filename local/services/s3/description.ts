import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, type Checksums } from './checksums.ts';
import { invalidArgument } from './errors.ts';
import type { BucketRecord, Description, Encryption, ObjectVersion, Tag } from './records.ts';

/** Members of every operation that makes an object. */
export const DESCRIPTION_MEMBERS = [
  'ContentType',
  'ContentEncoding',
  'ContentDisposition',
  'ContentLanguage',
  'CacheControl',
  'Expires',
  'Metadata',
  'Tagging',
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'BucketKeyEnabled',
  'StorageClass',
  'ACL',
] as const;

export const CHECKSUM_MEMBERS = CHECKSUM_ALGORITHMS.map((algorithm) => `Checksum${algorithm}`);

const MOST_METADATA_BYTES = 2048;

/** An operation's input, as far as it is read here. */
// biome-ignore lint/suspicious/noExplicitAny: members are the API's own, checked where they are read
type Input = any;

/** @throws {NotImplementedError} a storage class or an ACL that would change something */
export function descriptionIn(operation: string, input: Input): Description {
  if (input.StorageClass && input.StorageClass !== 'STANDARD') {
    throw new NotImplementedError(`s3:${operation} StorageClass ${input.StorageClass}`);
  }
  // Both say what holds anyway where the bucket's owner owns every object.
  if (input.ACL && !['private', 'bucket-owner-full-control'].includes(input.ACL)) {
    throw new NotImplementedError(`s3:${operation} ACL ${input.ACL}`);
  }
  const pairs = Object.entries((input.Metadata ?? {}) as Record<string, string>);
  if (Buffer.byteLength(pairs.flat().join('')) > MOST_METADATA_BYTES) {
    throw new ServiceError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  }
  return {
    contentType: input.ContentType ?? 'binary/octet-stream',
    ...(input.ContentEncoding && { contentEncoding: input.ContentEncoding }),
    ...(input.ContentDisposition && { contentDisposition: input.ContentDisposition }),
    ...(input.ContentLanguage && { contentLanguage: input.ContentLanguage }),
    ...(input.CacheControl && { cacheControl: input.CacheControl }),
    ...(input.Expires && { expires: new Date(input.Expires).toUTCString() }),
    metadata: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
  };
}

/** `a=1&b=2` of the x-amz-tagging header. */
export const tagsInText = (text: string | undefined): Tag[] =>
  checkedTags([...new URLSearchParams(text ?? '')].map(([Key, Value]) => ({ Key, Value })));

/** @throws {ServiceError} InvalidTag, BadRequest for more than ten */
export function checkedTags(tags: readonly Tag[]): Tag[] {
  if (tags.length > 10) throw new ServiceError('BadRequest', 'Object tags cannot be greater than 10');
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) {
    throw new ServiceError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  const wrong = tags.find(
    ({ Key, Value }) => !Key || Key.length > 128 || String(Value).length > 256 || Key.startsWith('aws:'),
  );
  if (wrong) throw new ServiceError('InvalidTag', `The TagKey you have provided is invalid: ${wrong.Key}`);
  return tags.map(({ Key, Value }) => ({ Key, Value: Value ?? '' }));
}

/** What the request asks for, or else the bucket's default. */
export function encryptionFor(cloud: Cloud, bucket: BucketRecord | undefined, input: Input): Encryption {
  const asked: string | undefined = input.ServerSideEncryption;
  if (asked === undefined) {
    if (input.SSEKMSKeyId)
      throw invalidArgument(
        'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
        'x-amz-server-side-encryption',
      );
    return bucket?.encryption ?? { algorithm: 'AES256' };
  }
  if (asked === 'AES256') return { algorithm: 'AES256' };
  if (asked !== 'aws:kms') throw new NotImplementedError(`s3:PutObject ServerSideEncryption ${asked}`);
  const inherited = bucket?.encryption.algorithm === 'aws:kms' ? bucket.encryption : undefined;
  const keyArn = input.SSEKMSKeyId ? keyArnOf(cloud, input.SSEKMSKeyId) : inherited?.keyArn;
  return {
    algorithm: 'aws:kms',
    ...(keyArn && { keyArn }),
    ...((input.BucketKeyEnabled ?? inherited?.bucketKey) && { bucketKey: true }),
  };
}

/** A key's ARN from its ARN or id. @throws {NotImplementedError} an alias other than AWS's own */
export function keyArnOf(cloud: Cloud, key: string): string | undefined {
  if (/alias\/aws\/s3$/.test(key)) return undefined;
  if (key.includes('alias/')) throw new NotImplementedError(`s3:SSEKMSKeyId ${key}: give the key's id or ARN`);
  return key.startsWith('arn:') ? key : `arn:aws:kms:${cloud.region}:${cloud.account}:key/${key}`;
}

/** What every read and write of an object answers about it. */
export const encryptionMembers = ({ algorithm, keyArn, bucketKey }: Encryption) => ({
  ServerSideEncryption: algorithm,
  ...(keyArn && { SSEKMSKeyId: keyArn }),
  ...(bucketKey && { BucketKeyEnabled: true }),
});

export const checksumMembers = (checksums: Checksums, type?: string): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(checksums).map(([algorithm, value]) => [`Checksum${algorithm}`, value])),
  ...(type && Object.keys(checksums).length > 0 && { ChecksumType: type }),
});

export const descriptionMembers = ({ description, tags }: ObjectVersion) => ({
  ContentType: description.contentType,
  ContentEncoding: description.contentEncoding,
  ContentDisposition: description.contentDisposition,
  ContentLanguage: description.contentLanguage,
  CacheControl: description.cacheControl,
  Expires: description.expires,
  Metadata: description.metadata,
  ...(tags.length > 0 && { TagCount: tags.length }),
});

/** The checksums that a request claims, by algorithm. */
export const claimedChecksums = (input: Input): Checksums =>
  Object.fromEntries(
    CHECKSUM_ALGORITHMS.flatMap((algorithm) =>
      input[`Checksum${algorithm}`] ? [[algorithm, input[`Checksum${algorithm}`]]] : [],
    ),
  );

/** Bytes of a digest. */
const DIGEST_BYTES = { MD5: 16, CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 } as const;

const isDigest = (base64: string, algorithm: keyof typeof DIGEST_BYTES): boolean =>
  /^[A-Za-z0-9+/]+=*$/.test(base64) && Buffer.from(base64, 'base64').length === DIGEST_BYTES[algorithm];

/** What a request claims of its body must be possible. @throws {ServiceError} InvalidDigest, InvalidRequest */
function checkClaims(input: Input): void {
  if (input.ContentMD5 !== undefined && !isDigest(input.ContentMD5, 'MD5')) {
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified is not valid.');
  }
  const claims = Object.entries(claimedChecksums(input)) as [ChecksumAlgorithm, string][];
  if (claims.length > 1) {
    const message = 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.';
    throw new ServiceError('InvalidRequest', message);
  }
  const wrong = claims.find(([algorithm, value]) => !isDigest(value, algorithm));
  if (!wrong) return;
  const message = `Value for x-amz-checksum-${wrong[0].toLowerCase()} header is invalid.`;
  throw new ServiceError('InvalidRequest', message);
}

/**
 * What to compute of a body: what the request claims, and the algorithm it names without a value (a trailer's).
 *
 * @throws {ServiceError} InvalidDigest, InvalidRequest
 */
export function algorithmsIn(input: Input): ChecksumAlgorithm[] {
  checkClaims(input);
  const named: ChecksumAlgorithm | undefined = input.ChecksumAlgorithm;
  if (named !== undefined && !CHECKSUM_ALGORITHMS.includes(named)) {
    throw new ServiceError(
      'InvalidRequest',
      `expected a checksum algorithm of ${CHECKSUM_ALGORITHMS.join(', ')}, got ${named}`,
    );
  }
  return [...(Object.keys(claimedChecksums(input)) as ChecksumAlgorithm[]), ...(named ? [named] : [])];
}
