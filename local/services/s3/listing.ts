import type { Call, Operation } from '../../service.ts';
import { invalidArgument } from './errors.ts';
import { bucketNeed, objectNeed } from './permissions.ts';
import type { ObjectVersion, Version } from './records.ts';
import type { S3 } from './writing.ts';

const MOST_KEYS = 1000;

export const listingOperations = (s3: S3): Record<string, Operation> => ({
  ListObjectsV2: {
    members: [
      'Bucket',
      'Prefix',
      'Delimiter',
      'MaxKeys',
      'StartAfter',
      'ContinuationToken',
      'EncodingType',
      'FetchOwner',
      'ExpectedBucketOwner',
    ],
    needs: ({ input }) => [bucketNeed('ListBucket', input, listContext(input))],
    run: async ({ input }) => listObjects(s3, input),
  },
  ListObjects: {
    members: ['Bucket', 'Prefix', 'Delimiter', 'MaxKeys', 'Marker', 'EncodingType', 'ExpectedBucketOwner'],
    needs: ({ input }) => [bucketNeed('ListBucket', input, listContext(input))],
    run: async ({ input: { Marker, ...input } }) => {
      const listed = listObjects(s3, { ...input, StartAfter: Marker, FetchOwner: true });
      const { KeyCount: _, StartAfter: __, NextContinuationToken: next, ...rest } = listed;
      const encoded = encoder(input.EncodingType);
      return { ...rest, Marker: encoded(Marker ?? ''), NextMarker: next && encoded(fromToken(next)) };
    },
  },
  ListObjectVersions: {
    members: [
      'Bucket',
      'Prefix',
      'Delimiter',
      'MaxKeys',
      'KeyMarker',
      'VersionIdMarker',
      'EncodingType',
      'ExpectedBucketOwner',
    ],
    needs: ({ input }) => [bucketNeed('ListBucketVersions', input, listContext(input))],
    run: async ({ input }) => listVersions(s3, input),
  },
  ListMultipartUploads: {
    members: ['Bucket', 'Prefix', 'MaxUploads', 'KeyMarker', 'UploadIdMarker', 'EncodingType', 'ExpectedBucketOwner'],
    needs: ({ input }) => [bucketNeed('ListBucketMultipartUploads', input, listContext(input))],
    run: async ({ input }) => listUploads(s3, input),
  },
  ListParts: {
    members: ['Bucket', 'Key', 'UploadId', 'MaxParts', 'PartNumberMarker', 'ExpectedBucketOwner'],
    needs: ({ input }) => [objectNeed('ListMultipartUploadParts', input)],
    run: async ({ input }) => listParts(s3, input),
  },
});

function listContext({ Prefix, Delimiter, MaxKeys }: Call['input']): Record<string, string> {
  return {
    // A request without a prefix lists the empty one; a condition on it then compares with nothing.
    ...(Prefix !== undefined && { 's3:prefix': Prefix }),
    ...(Delimiter !== undefined && { 's3:delimiter': Delimiter }),
    ...(MaxKeys !== undefined && { 's3:max-keys': String(MaxKeys) }),
  };
}

/** A listed thing, or a common prefix that stands for all below it. */
interface Row<T> {
  readonly name: string;
  readonly item?: T;
}

/**
 * The rows of one page.
 *
 * @param entries in key order
 * @param after where the last page ended: a key, or a common prefix
 */
function page<T>(
  entries: Iterable<{ readonly key: string; readonly item: T }>,
  { Prefix = '', Delimiter }: { Prefix?: string; Delimiter?: string },
  most: number,
  after = '',
): { rows: Row<T>[]; truncated: boolean } {
  const rows: Row<T>[] = [];
  for (const { key, item } of entries) {
    const end = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    const group = end < 0 ? undefined : key.slice(0, end + Delimiter!.length);
    if (isPast(group ?? key, after)) continue;
    if (group !== undefined && rows.at(-1)?.name === group) continue;
    if (rows.length === most) return { rows, truncated: most > 0 };
    rows.push(group === undefined ? { name: key, item } : { name: group });
  }
  return { rows, truncated: false };
}

/** In UTF-8 order, as the store sorts; JavaScript's own order differs beyond the basic plane. */
const isPast = (name: string, after: string): boolean =>
  after !== '' && Buffer.compare(Buffer.from(name), Buffer.from(after)) <= 0;

// biome-ignore lint/suspicious/noExplicitAny: an operation's input
function listObjects({ state, cloud }: S3, input: any) {
  const bucket = state.bucket(input);
  const most = mostKeys(input.MaxKeys, 'max-keys');
  const objects = state.objects(bucket.name, input.Prefix ?? '').flatMap(({ key, versions }) => {
    const [current] = versions;
    return current && !current.deleteMarker ? [{ key, item: current }] : [];
  });
  const after = input.ContinuationToken === undefined ? input.StartAfter : fromToken(input.ContinuationToken);
  const { rows, truncated } = page<ObjectVersion>(objects, input, most, after);
  const name = encoder(input.EncodingType);
  return {
    Name: bucket.name,
    Prefix: name(input.Prefix ?? ''),
    Delimiter: input.Delimiter && name(input.Delimiter),
    MaxKeys: most,
    EncodingType: input.EncodingType,
    StartAfter: input.StartAfter && name(input.StartAfter),
    ContinuationToken: input.ContinuationToken,
    KeyCount: rows.length,
    IsTruncated: truncated,
    NextContinuationToken: truncated ? toToken(rows.at(-1)!.name) : undefined,
    Contents: rows.flatMap(({ name: key, item }) =>
      item ? [{ Key: name(key), ...summary(item), ...(input.FetchOwner && owner(cloud.account)) }] : [],
    ),
    CommonPrefixes: groups(rows, name),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: an operation's input
function listVersions({ state, cloud }: S3, input: any) {
  const bucket = state.bucket(input);
  const most = mostKeys(input.MaxKeys, 'max-keys');
  const all = state
    .objects(bucket.name, input.Prefix ?? '')
    .flatMap(({ key, versions }) =>
      versions.map((version, index) => ({ key, item: { version, isLatest: index === 0 } })),
    );
  const { rows, truncated } = page(
    afterVersion(all, input.KeyMarker, input.VersionIdMarker),
    input,
    most,
    input.VersionIdMarker ? '' : input.KeyMarker,
  );
  const last = rows.at(-1);
  const name = encoder(input.EncodingType);
  const entries = rows.flatMap(({ name: key, item }) => (item ? [{ key: name(key), ...item }] : []));
  return {
    Name: bucket.name,
    Prefix: name(input.Prefix ?? ''),
    Delimiter: input.Delimiter && name(input.Delimiter),
    KeyMarker: name(input.KeyMarker ?? ''),
    VersionIdMarker: input.VersionIdMarker ?? '',
    MaxKeys: most,
    EncodingType: input.EncodingType,
    IsTruncated: truncated,
    NextKeyMarker: truncated ? name(last!.name) : undefined,
    NextVersionIdMarker: truncated ? last?.item?.version.versionId : undefined,
    Versions: entries.flatMap(({ key, version, isLatest }) =>
      version.deleteMarker
        ? []
        : [
            {
              Key: key,
              VersionId: version.versionId,
              IsLatest: isLatest,
              ...summary(version),
              ...owner(cloud.account),
            },
          ],
    ),
    DeleteMarkers: entries.flatMap(({ key, version, isLatest }) =>
      version.deleteMarker
        ? [
            {
              Key: key,
              VersionId: version.versionId,
              IsLatest: isLatest,
              LastModified: new Date(version.lastModified),
              ...owner(cloud.account),
            },
          ]
        : [],
    ),
    CommonPrefixes: groups(rows, name),
  };
}

/** A version marker continues within the key marker's own versions. */
function afterVersion<T extends { readonly key: string; readonly item: { readonly version: Version } }>(
  all: readonly T[],
  keyMarker: string | undefined,
  versionMarker: string | undefined,
): readonly T[] {
  if (!keyMarker || !versionMarker) return all;
  const index = all.findIndex(({ key, item }) => key === keyMarker && item.version.versionId === versionMarker);
  if (index < 0) throw invalidArgument('Invalid version id specified', 'version-id-marker');
  return all.slice(index + 1);
}

// biome-ignore lint/suspicious/noExplicitAny: an operation's input
function listUploads({ state }: S3, input: any) {
  const bucket = state.bucket(input);
  const most = mostKeys(input.MaxUploads, 'max-uploads');
  const name = encoder(input.EncodingType);
  const position = (key: string, uploadId: string) => `${key}\u0000${uploadId}`;
  const after = input.KeyMarker && position(input.KeyMarker, input.UploadIdMarker ?? '\u{10ffff}');
  const entries = state
    .uploads(bucket.name)
    .filter(({ key }) => key.startsWith(input.Prefix ?? ''))
    .map((item) => ({ key: position(item.key, item.uploadId), item }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const { rows, truncated } = page(entries, {}, most, after);
  const last = rows.at(-1)?.item;
  return {
    Bucket: bucket.name,
    KeyMarker: name(input.KeyMarker ?? ''),
    UploadIdMarker: input.UploadIdMarker ?? '',
    Prefix: input.Prefix && name(input.Prefix),
    EncodingType: input.EncodingType,
    MaxUploads: most,
    IsTruncated: truncated,
    NextKeyMarker: truncated ? name(last!.key) : undefined,
    NextUploadIdMarker: truncated ? last!.uploadId : undefined,
    Uploads: rows.map(({ item }) => ({
      Key: name(item!.key),
      UploadId: item!.uploadId,
      Initiated: new Date(item!.initiatedAt),
      StorageClass: 'STANDARD',
      ...(item!.checksumAlgorithm && { ChecksumAlgorithm: item!.checksumAlgorithm, ChecksumType: item!.checksumType }),
    })),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: an operation's input
function listParts({ state }: S3, input: any) {
  state.bucket(input);
  const upload = state.upload(input);
  const most = mostKeys(input.MaxParts, 'max-parts');
  const marker = Number(input.PartNumberMarker ?? 0);
  const rest = state.parts(upload.uploadId).filter(({ number }) => number > marker);
  const parts = rest.slice(0, most);
  return {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.uploadId,
    PartNumberMarker: String(marker),
    MaxParts: most,
    IsTruncated: rest.length > parts.length,
    NextPartNumberMarker: rest.length > parts.length ? String(parts.at(-1)?.number ?? marker) : undefined,
    Parts: parts.map(({ number, size, etag, lastModified, checksums }) => ({
      PartNumber: number,
      LastModified: new Date(lastModified),
      ETag: `"${etag}"`,
      Size: size,
      ...Object.fromEntries(Object.entries(checksums).map(([algorithm, value]) => [`Checksum${algorithm}`, value])),
    })),
    StorageClass: 'STANDARD',
  };
}

const summary = ({ lastModified, etag, size, checksums }: ObjectVersion) => ({
  LastModified: new Date(lastModified),
  ETag: `"${etag}"`,
  ...(Object.keys(checksums).length > 0 && { ChecksumAlgorithm: Object.keys(checksums) }),
  Size: size,
  StorageClass: 'STANDARD',
});

const owner = (account: string) => ({ Owner: { ID: account } });

const groups = (rows: readonly Row<unknown>[], name: (text: string) => string) =>
  rows.flatMap((row) => (row.item === undefined ? [{ Prefix: name(row.name) }] : []));

function mostKeys(value: unknown, argument: string): number {
  if (value === undefined) return MOST_KEYS;
  if (!Number.isInteger(value) || (value as number) < 0)
    throw invalidArgument(`Provided ${argument} not an integer or within integer range`, argument);
  return Math.min(value as number, MOST_KEYS);
}

/** `url` lets keys with characters through that XML cannot hold. */
const encoder =
  (type: string | undefined) =>
  (text: string): string =>
    type === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;

/** Marks what this service gave out. */
const TOKEN = 'after:';

const toToken = (name: string): string => Buffer.from(`${TOKEN}${name}`).toString('base64url');

function fromToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text.startsWith(TOKEN)) return text.slice(TOKEN.length);
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
}
