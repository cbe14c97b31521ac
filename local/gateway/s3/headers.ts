import type { WireRequest } from '../wire.ts';

/** Request headers (or presigned query parameters) and the members they are. */
const MEMBERS = new Map([
  ['x-amz-expected-bucket-owner', 'ExpectedBucketOwner'],
  ['x-amz-source-expected-bucket-owner', 'ExpectedSourceBucketOwner'],
  ['x-amz-sdk-checksum-algorithm', 'ChecksumAlgorithm'],
  ['x-amz-checksum-algorithm', 'ChecksumAlgorithm'],
  ['x-amz-checksum-mode', 'ChecksumMode'],
  ['x-amz-checksum-type', 'ChecksumType'],
  ['x-amz-checksum-crc32', 'ChecksumCRC32'],
  ['x-amz-checksum-crc32c', 'ChecksumCRC32C'],
  ['x-amz-checksum-crc64nvme', 'ChecksumCRC64NVME'],
  ['x-amz-checksum-sha1', 'ChecksumSHA1'],
  ['x-amz-checksum-sha256', 'ChecksumSHA256'],
  ['x-amz-mp-object-size', 'MpuObjectSize'],
  ['x-amz-server-side-encryption', 'ServerSideEncryption'],
  ['x-amz-server-side-encryption-aws-kms-key-id', 'SSEKMSKeyId'],
  ['x-amz-server-side-encryption-bucket-key-enabled', 'BucketKeyEnabled'],
  ['x-amz-tagging', 'Tagging'],
  ['x-amz-tagging-directive', 'TaggingDirective'],
  ['x-amz-metadata-directive', 'MetadataDirective'],
  ['x-amz-storage-class', 'StorageClass'],
  ['x-amz-acl', 'ACL'],
  ['x-amz-object-ownership', 'ObjectOwnership'],
  ['x-amz-object-attributes', 'ObjectAttributes'],
  ['x-amz-copy-source', 'CopySource'],
  ['x-amz-copy-source-range', 'CopySourceRange'],
  ['x-amz-copy-source-if-match', 'CopySourceIfMatch'],
  ['x-amz-copy-source-if-none-match', 'CopySourceIfNoneMatch'],
  ['x-amz-copy-source-if-modified-since', 'CopySourceIfModifiedSince'],
  ['x-amz-copy-source-if-unmodified-since', 'CopySourceIfUnmodifiedSince'],
  ['if-match', 'IfMatch'],
  ['if-none-match', 'IfNoneMatch'],
  ['if-modified-since', 'IfModifiedSince'],
  ['if-unmodified-since', 'IfUnmodifiedSince'],
  ['x-amz-object-lock-mode', 'ObjectLockMode'],
  ['x-amz-object-lock-retain-until-date', 'ObjectLockRetainUntilDate'],
  ['x-amz-object-lock-legal-hold', 'ObjectLockLegalHoldStatus'],
  ['x-amz-bucket-object-lock-enabled', 'ObjectLockEnabledForBucket'],
  ['x-amz-bypass-governance-retention', 'BypassGovernanceRetention'],
  ['range', 'Range'],
]);

const BOOLEANS = ['BucketKeyEnabled', 'ObjectLockEnabledForBucket', 'BypassGovernanceRetention'];

/** What describes the body is the object's only where the body is an object. */
const CONTENT_MEMBERS = new Map([
  ['content-type', 'ContentType'],
  ['content-encoding', 'ContentEncoding'],
  ['content-disposition', 'ContentDisposition'],
  ['content-language', 'ContentLanguage'],
  ['cache-control', 'CacheControl'],
  ['expires', 'Expires'],
]);
const HOLD_AN_OBJECT = new Set(['PutObject', 'CopyObject', 'CreateMultipartUpload']);

/** Headers of the wire itself. */
const TRANSPORT = new Set([
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-security-token',
  'x-amz-user-agent',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'x-amz-te',
]);

/** Output members and the headers they become. */
const ANSWERS: readonly (readonly [member: string, header: string])[] = [
  ['ETag', 'etag'],
  ['VersionId', 'x-amz-version-id'],
  ['DeleteMarker', 'x-amz-delete-marker'],
  ['CopySourceVersionId', 'x-amz-copy-source-version-id'],
  ['ServerSideEncryption', 'x-amz-server-side-encryption'],
  ['SSEKMSKeyId', 'x-amz-server-side-encryption-aws-kms-key-id'],
  ['BucketKeyEnabled', 'x-amz-server-side-encryption-bucket-key-enabled'],
  ['ChecksumCRC32', 'x-amz-checksum-crc32'],
  ['ChecksumCRC32C', 'x-amz-checksum-crc32c'],
  ['ChecksumCRC64NVME', 'x-amz-checksum-crc64nvme'],
  ['ChecksumSHA1', 'x-amz-checksum-sha1'],
  ['ChecksumSHA256', 'x-amz-checksum-sha256'],
  ['ChecksumAlgorithm', 'x-amz-checksum-algorithm'],
  ['ChecksumType', 'x-amz-checksum-type'],
  ['ObjectLockMode', 'x-amz-object-lock-mode'],
  ['ObjectLockRetainUntilDate', 'x-amz-object-lock-retain-until-date'],
  ['ObjectLockLegalHoldStatus', 'x-amz-object-lock-legal-hold'],
  ['AcceptRanges', 'accept-ranges'],
  ['ContentLength', 'content-length'],
  ['ContentRange', 'content-range'],
  ['ContentType', 'content-type'],
  ['ContentEncoding', 'content-encoding'],
  ['ContentDisposition', 'content-disposition'],
  ['ContentLanguage', 'content-language'],
  ['CacheControl', 'cache-control'],
  ['Expires', 'expires'],
  ['LastModified', 'last-modified'],
  ['TagCount', 'x-amz-tagging-count'],
  ['BucketRegion', 'x-amz-bucket-region'],
  ['Location', 'location'],
];

/** Of an answer in XML, only these are headers. */
const BESIDE_XML = new Set([
  'VersionId',
  'DeleteMarker',
  'CopySourceVersionId',
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'BucketKeyEnabled',
]);
/** GetObjectAttributes alone sends its time as a header. */
const BESIDE_ATTRIBUTES = new Set([...BESIDE_XML, 'LastModified']);

/**
 * The members that a request's headers hold.
 *
 * @returns also the first header that nothing knows
 */
export function membersInHeaders(
  operation: string,
  request: WireRequest,
): { members: Record<string, unknown>; unknown?: string } {
  const members: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  let unknown: string | undefined;
  for (const [name, value] of headersAndHoisted(request)) {
    const member = MEMBERS.get(name) ?? (HOLD_AN_OBJECT.has(operation) ? CONTENT_MEMBERS.get(name) : undefined);
    if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = value;
    else if (member) members[member] = value;
    else if (name === 'content-md5') members.ContentMD5 = value;
    else if (name.startsWith('x-amz-') && !TRANSPORT.has(name)) unknown ??= name;
  }
  if (typeof members.ContentEncoding === 'string') members.ContentEncoding = withoutChunking(members.ContentEncoding);
  for (const member of BOOLEANS) {
    if (typeof members[member] === 'string') members[member] = /^true$/i.test(members[member]);
  }
  if (typeof members.ObjectAttributes === 'string')
    members.ObjectAttributes = members.ObjectAttributes.split(',').map((name) => name.trim());
  if (Object.keys(metadata).length > 0) members.Metadata = metadata;
  return { members, ...(unknown !== undefined && { unknown }) };
}

/** Presigning moves headers into the query. */
function* headersAndHoisted({ headers, query }: WireRequest): Generator<[string, string]> {
  yield* headers;
  for (const [name, value] of query) {
    if (
      /^x-amz-(?!Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token|Content-Sha256)/i.test(
        name,
      ) &&
      !headers.has(name.toLowerCase())
    ) {
      yield [name.toLowerCase(), value];
    }
  }
}

/** aws-chunked is how the body travels, not what the object is. */
const withoutChunking = (encoding: string): string | undefined =>
  encoding
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'aws-chunked')
    .join(',') || undefined;

/** The headers of an answer: all members for a plain one, a few beside XML. */
export function answerHeaders(
  output: Readonly<Record<string, unknown>>,
  xmlRoot: string | undefined,
): Record<string, string> {
  const beside = xmlRoot === 'GetObjectAttributesResponse' ? BESIDE_ATTRIBUTES : BESIDE_XML;
  const headers: Record<string, string> = {};
  for (const [member, header] of ANSWERS) {
    const value = output[member];
    if (value === undefined || (xmlRoot !== undefined && !beside.has(member))) continue;
    headers[header] = value instanceof Date ? dateText(member, value) : String(value);
  }
  for (const [name, value] of Object.entries((output.Metadata as Record<string, string>) ?? {})) {
    headers[`x-amz-meta-${name}`] = headerText(value);
  }
  return headers;
}

/** HTTP's own dates are RFC 7231's, S3's are ISO 8601. */
const dateText = (member: string, date: Date): string =>
  member.startsWith('ObjectLock') ? date.toISOString() : date.toUTCString();

/** Metadata beyond Latin-1 travels as RFC 2047 says, as S3 sends it. */
const headerText = (text: string): string =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

export const isHeaderBesideXml = (member: string, xmlRoot: string): boolean =>
  xmlRoot === 'GetObjectAttributesResponse' ? BESIDE_ATTRIBUTES.has(member) : BESIDE_XML.has(member);
