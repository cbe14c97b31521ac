import type { WireRequest } from '../wire.ts';

/** How S3 writes one operation in HTTP. Headers are the same for all (`headers.ts`). */
export interface S3Route {
  readonly operation: string;
  readonly method: string;
  readonly level: 'service' | 'bucket' | 'object';
  /** A query parameter that must be there: `uploads`, or `list-type`. */
  readonly when?: string;
  /** A request header that must be there. */
  readonly header?: string;
  /** Query parameter → member. */
  readonly query?: Readonly<Record<string, string>>;
  /** The request's body: object bytes, the member that its XML is (`''`: the root's children are the members), or the member of its JSON text. */
  readonly body?: { readonly stream: true } | { readonly xml: string } | { readonly text: string };
  /** The root element of an XML answer; without one the output is headers and, for GetObject, the body. */
  readonly answer?: string;
  /** The output member that is the root's content; by default the whole output. */
  readonly answerMember?: string;
  /** @default 200 */
  readonly status?: number;
}

const VERSION = { versionId: 'VersionId' } as const;
const PART = { partNumber: 'PartNumber', uploadId: 'UploadId' } as const;

const S3_ROUTES: readonly S3Route[] = [
  { operation: 'ListBuckets', method: 'GET', level: 'service', answer: 'ListAllMyBucketsResult' },

  { operation: 'CreateBucket', method: 'PUT', level: 'bucket', body: { xml: 'CreateBucketConfiguration' } },
  { operation: 'HeadBucket', method: 'HEAD', level: 'bucket' },
  { operation: 'DeleteBucket', method: 'DELETE', level: 'bucket', status: 204 },
  {
    operation: 'GetBucketLocation',
    method: 'GET',
    level: 'bucket',
    when: 'location',
    answer: 'LocationConstraint',
    answerMember: 'LocationConstraint',
  },
  {
    operation: 'GetBucketVersioning',
    method: 'GET',
    level: 'bucket',
    when: 'versioning',
    answer: 'VersioningConfiguration',
  },
  {
    operation: 'PutBucketVersioning',
    method: 'PUT',
    level: 'bucket',
    when: 'versioning',
    body: { xml: 'VersioningConfiguration' },
  },
  {
    operation: 'GetBucketEncryption',
    method: 'GET',
    level: 'bucket',
    when: 'encryption',
    answer: 'ServerSideEncryptionConfiguration',
    answerMember: 'ServerSideEncryptionConfiguration',
  },
  { operation: 'GetBucketPolicy', method: 'GET', level: 'bucket', when: 'policy' },
  {
    operation: 'PutBucketPolicy',
    method: 'PUT',
    level: 'bucket',
    when: 'policy',
    body: { text: 'Policy' },
    status: 204,
  },
  { operation: 'DeleteBucketPolicy', method: 'DELETE', level: 'bucket', when: 'policy', status: 204 },
  {
    operation: 'ListObjects',
    method: 'GET',
    level: 'bucket',
    query: {
      prefix: 'Prefix',
      delimiter: 'Delimiter',
      marker: 'Marker',
      'max-keys': 'MaxKeys',
      'encoding-type': 'EncodingType',
    },
    answer: 'ListBucketResult',
  },
  {
    operation: 'ListObjectsV2',
    method: 'GET',
    level: 'bucket',
    when: 'list-type',
    query: {
      'list-type': '',
      prefix: 'Prefix',
      delimiter: 'Delimiter',
      'max-keys': 'MaxKeys',
      'start-after': 'StartAfter',
      'continuation-token': 'ContinuationToken',
      'encoding-type': 'EncodingType',
      'fetch-owner': 'FetchOwner',
    },
    answer: 'ListBucketResult',
  },
  {
    operation: 'ListObjectVersions',
    method: 'GET',
    level: 'bucket',
    when: 'versions',
    query: {
      prefix: 'Prefix',
      delimiter: 'Delimiter',
      'max-keys': 'MaxKeys',
      'key-marker': 'KeyMarker',
      'version-id-marker': 'VersionIdMarker',
      'encoding-type': 'EncodingType',
    },
    answer: 'ListVersionsResult',
  },
  {
    operation: 'ListMultipartUploads',
    method: 'GET',
    level: 'bucket',
    when: 'uploads',
    query: {
      prefix: 'Prefix',
      'max-uploads': 'MaxUploads',
      'key-marker': 'KeyMarker',
      'upload-id-marker': 'UploadIdMarker',
      'encoding-type': 'EncodingType',
    },
    answer: 'ListMultipartUploadsResult',
  },
  {
    operation: 'DeleteObjects',
    method: 'POST',
    level: 'bucket',
    when: 'delete',
    body: { xml: 'Delete' },
    answer: 'DeleteResult',
  },

  {
    operation: 'GetObjectLockConfiguration',
    method: 'GET',
    level: 'bucket',
    when: 'object-lock',
    answer: 'ObjectLockConfiguration',
    answerMember: 'ObjectLockConfiguration',
  },
  {
    operation: 'PutObjectLockConfiguration',
    method: 'PUT',
    level: 'bucket',
    when: 'object-lock',
    body: { xml: 'ObjectLockConfiguration' },
  },
  {
    operation: 'GetObjectRetention',
    method: 'GET',
    level: 'object',
    when: 'retention',
    query: VERSION,
    answer: 'Retention',
    answerMember: 'Retention',
  },
  {
    operation: 'PutObjectRetention',
    method: 'PUT',
    level: 'object',
    when: 'retention',
    query: VERSION,
    body: { xml: 'Retention' },
  },
  {
    operation: 'GetObjectLegalHold',
    method: 'GET',
    level: 'object',
    when: 'legal-hold',
    query: VERSION,
    answer: 'LegalHold',
    answerMember: 'LegalHold',
  },
  {
    operation: 'PutObjectLegalHold',
    method: 'PUT',
    level: 'object',
    when: 'legal-hold',
    query: VERSION,
    body: { xml: 'LegalHold' },
  },

  { operation: 'PutObject', method: 'PUT', level: 'object', body: { stream: true } },
  {
    operation: 'CopyObject',
    method: 'PUT',
    level: 'object',
    header: 'x-amz-copy-source',
    answer: 'CopyObjectResult',
    answerMember: 'CopyObjectResult',
  },
  {
    operation: 'GetObject',
    method: 'GET',
    level: 'object',
    query: {
      ...VERSION,
      'response-content-type': 'ResponseContentType',
      'response-content-disposition': 'ResponseContentDisposition',
      'response-content-encoding': 'ResponseContentEncoding',
      'response-content-language': 'ResponseContentLanguage',
      'response-cache-control': 'ResponseCacheControl',
    },
  },
  { operation: 'HeadObject', method: 'HEAD', level: 'object', query: VERSION },
  { operation: 'DeleteObject', method: 'DELETE', level: 'object', query: VERSION, status: 204 },
  {
    operation: 'GetObjectAttributes',
    method: 'GET',
    level: 'object',
    when: 'attributes',
    query: VERSION,
    answer: 'GetObjectAttributesResponse',
  },
  { operation: 'GetObjectTagging', method: 'GET', level: 'object', when: 'tagging', query: VERSION, answer: 'Tagging' },
  {
    operation: 'PutObjectTagging',
    method: 'PUT',
    level: 'object',
    when: 'tagging',
    query: VERSION,
    body: { xml: 'Tagging' },
  },
  { operation: 'DeleteObjectTagging', method: 'DELETE', level: 'object', when: 'tagging', query: VERSION, status: 204 },

  {
    operation: 'CreateMultipartUpload',
    method: 'POST',
    level: 'object',
    when: 'uploads',
    answer: 'InitiateMultipartUploadResult',
  },
  { operation: 'UploadPart', method: 'PUT', level: 'object', when: 'partNumber', query: PART, body: { stream: true } },
  {
    operation: 'UploadPartCopy',
    method: 'PUT',
    level: 'object',
    when: 'partNumber',
    header: 'x-amz-copy-source',
    query: PART,
    answer: 'CopyPartResult',
    answerMember: 'CopyPartResult',
  },
  {
    operation: 'CompleteMultipartUpload',
    method: 'POST',
    level: 'object',
    when: 'uploadId',
    query: { uploadId: 'UploadId' },
    body: { xml: 'MultipartUpload' },
    answer: 'CompleteMultipartUploadResult',
  },
  {
    operation: 'AbortMultipartUpload',
    method: 'DELETE',
    level: 'object',
    when: 'uploadId',
    query: { uploadId: 'UploadId' },
    status: 204,
  },
  {
    operation: 'ListParts',
    method: 'GET',
    level: 'object',
    when: 'uploadId',
    query: { uploadId: 'UploadId', 'max-parts': 'MaxParts', 'part-number-marker': 'PartNumberMarker' },
    answer: 'ListPartsResult',
  },
];

/** The operation with most of its marks in the request; a request with a mark of none (`?acl`) matches a plain one, which then refuses the parameter. */
export function findS3Route(level: S3Route['level'], { method, query, headers }: WireRequest): S3Route | undefined {
  return S3_ROUTES.filter(
    (route) =>
      route.level === level &&
      route.method === method &&
      (route.when === undefined || query.has(route.when)) &&
      (route.header === undefined || headers.has(route.header)),
  ).sort((a, b) => marks(b) - marks(a))[0];
}

const marks = (route: S3Route): number => Number(route.when !== undefined) + Number(route.header !== undefined);
