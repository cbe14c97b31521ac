import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let s3: S3Client;
let number = 0;

/** A bucket of its own for every test. */
async function bucket(properties: object = {}): Promise<string> {
  const { ref } = await small.create('AWS::S3::Bucket', properties, `Bucket${number++}`);
  return ref;
}
const versioned = () => bucket({ VersioningConfiguration: { Status: 'Enabled' } });

beforeAll(async () => {
  small = await SmallCloud.start();
  s3 = new S3Client(small.client);
});
afterAll(async () => {
  s3.destroy();
  await small.stop();
});

const failure = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe('objects', () => {
  it('come back as they were put, with what was said of them', async () => {
    const Bucket = await bucket();
    const Key = 'data/2001 01/Übung+&<file>.csv';
    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'a,b\n1,2\n',
        ContentType: 'text/csv',
        CacheControl: 'no-store',
        Metadata: { Origin: 'test' },
        Tagging: 'team=risk&kind=train%20set',
      }),
    );
    expect(put.ETag).toBe(`"${createHash('md5').update('a,b\n1,2\n').digest('hex')}"`);
    expect(put.VersionId).toBeUndefined();
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body!.transformToString()).toBe('a,b\n1,2\n');
    expect(got).toMatchObject({
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      ContentLength: 8,
      TagCount: 2,
      Metadata: { origin: 'test' },
      ServerSideEncryption: 'AES256',
    });
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
    expect(TagSet).toEqual([
      { Key: 'team', Value: 'risk' },
      { Key: 'kind', Value: 'train set' },
    ]);
  });

  it('arrive as a stream with a trailing checksum', async () => {
    const Bucket = await bucket();
    const chunk = Buffer.alloc(100_000, 'x');
    const Body = Readable.from([chunk, chunk, chunk]);
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 300_000 }));
    expect(put.ChecksumCRC32).toBeDefined();
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
    expect(head.ContentEncoding).toBeUndefined();
    expect(head).toMatchObject({
      ContentLength: 300_000,
      ChecksumCRC32: put.ChecksumCRC32,
    });
  });

  it('are refused where a checksum does not fit', async () => {
    const Bucket = await bucket();
    const wrong = await failure(
      s3.send(
        new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ChecksumSHA256: Buffer.alloc(32).toString('base64') }),
      ),
    );
    expect(wrong.name).toBe('BadDigest');
    expect((await failure(s3.send(new HeadObjectCommand({ Bucket, Key: 'k' })))).name).toBe('NotFound');
  });

  it.each([
    [{ ContentMD5: Buffer.alloc(16).toString('base64') }, 'BadDigest'],
    [{ ContentMD5: 'short' }, 'InvalidDigest'],
    [{ ChecksumSHA256: 'AAAA' }, 'InvalidRequest'],
    [{ ChecksumCRC32: 'jNwWgw==', ChecksumSHA1: Buffer.alloc(20).toString('base64') }, 'InvalidRequest'],
  ])('are refused with %j', async (claims, name) => {
    const Bucket = await bucket();
    expect(await failure(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...claims })))).toMatchObject({
      name,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('verify %s', async (ChecksumAlgorithm) => {
    const Bucket = await bucket();
    // Known values of "123456789", the check input of CRC catalogues.
    const known = {
      CRC32: 'y/Q5Jg==',
      CRC32C: '4waSgw==',
      CRC64NVME: 'rosUhgp5mIg=',
      SHA1: undefined,
      SHA256: undefined,
    };
    const expected =
      known[ChecksumAlgorithm] ?? createHash(ChecksumAlgorithm.toLowerCase()).update('123456789').digest('base64');
    const checksum = { [`Checksum${ChecksumAlgorithm}`]: expected };
    expect(await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '123456789', ...checksum }))).toMatchObject(
      checksum,
    );
  });

  it('answer ranges', async () => {
    const Bucket = await bucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '0123456789' }));
    const range = async (Range: string) => {
      const { Body, ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range }));
      return [await Body!.transformToString(), ContentRange];
    };
    expect(await range('bytes=2-4')).toEqual(['234', 'bytes 2-4/10']);
    expect(await range('bytes=7-')).toEqual(['789', 'bytes 7-9/10']);
    expect(await range('bytes=-2')).toEqual(['89', 'bytes 8-9/10']);
    expect(await failure(range('bytes=10-'))).toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  it('are written only if the conditions hold', async () => {
    const Bucket = await bucket();
    const put = (Body: string, conditions: object) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body, ...conditions }));
    expect((await failure(put('0', { IfMatch: '"x"' }))).name).toBe('NoSuchKey');
    const { ETag } = await put('1', { IfNoneMatch: '*' });
    expect(await failure(put('2', { IfNoneMatch: '*' }))).toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    expect((await failure(put('2', { IfMatch: '"other"' }))).name).toBe('PreconditionFailed');
    await put('3', { IfMatch: ETag });
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        s3.send(new PutObjectCommand({ Bucket, Key: 'race', Body: `${n}`, IfNoneMatch: '*' })),
      ),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('are read only if the conditions hold', async () => {
    const Bucket = await bucket();
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
    const get = (conditions: object) => s3.send(new GetObjectCommand({ Bucket, Key: 'k', ...conditions }));
    expect((await failure(get({ IfNoneMatch: ETag }))).$metadata.httpStatusCode).toBe(304);
    expect((await failure(get({ IfMatch: '"x"' }))).name).toBe('PreconditionFailed');
    expect((await failure(get({ IfModifiedSince: small.cloud.clock.date() }))).$metadata.httpStatusCode).toBe(304);
    expect((await get({ IfMatch: ETag })).ETag).toBe(ETag);
  });

  it('are refused for another owner, an unknown bucket, an unknown key', async () => {
    const Bucket = await bucket();
    const other = s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '-', ExpectedBucketOwner: '111111111111' }));
    expect((await failure(other)).name).toBe('AccessDenied');
    expect((await failure(s3.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' })))).name).toBe(
      'NoSuchBucket',
    );
    expect((await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'k' })))).name).toBe('NoSuchKey');
  });

  it('say loudly what is missing', async () => {
    const Bucket = await bucket();
    const frozen = await failure(
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '-', StorageClass: 'GLACIER' })),
    );
    expect(frozen).toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
    const redirected = await failure(
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '-', WebsiteRedirectLocation: '/' })),
    );
    expect(redirected.message).toBe('NotImplemented: s3:PutObject x-amz-website-redirect-location');
    expect(small.reports).toContain('NotImplemented: s3:PutObject x-amz-website-redirect-location');
  });
});

describe('versions', () => {
  it('are kept, read by id and hidden by a delete', async () => {
    const Bucket = await versioned();
    const first = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
    const second = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '2' }));
    expect(first.VersionId).not.toBe(second.VersionId);
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(marker.DeleteMarker).toBe(true);
    expect((await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'k' })))).name).toBe('NoSuchKey');
    const old = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: first.VersionId }));
    expect(await old.Body!.transformToString()).toBe('1');
    const atMarker = await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId })));
    expect(atMarker.$metadata.httpStatusCode).toBe(405);
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second.VersionId, false],
      [first.VersionId, false],
    ]);
    expect(DeleteMarkers?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([[marker.VersionId, true]]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId }));
    expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).Body!.transformToString()).toBe('2');
  });

  it('are not found by what is no version id', async () => {
    const Bucket = await versioned();
    const missing = { Bucket, Key: 'k', VersionId: 'x'.repeat(32) };
    expect((await failure(s3.send(new GetObjectCommand(missing)))).name).toBe('NoSuchVersion');
    const malformed = { ...missing, VersionId: 'latest' };
    expect((await failure(s3.send(new GetObjectCommand(malformed)))).name).toBe('InvalidArgument');
    expect((await failure(s3.send(new DeleteObjectCommand(malformed)))).name).toBe('InvalidArgument');
  });

  it('page through their list', async () => {
    const Bucket = await versioned();
    for (const Key of ['a', 'a', 'b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: '-' }));
    const seen: string[] = [];
    let marker = {};
    do {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1, ...marker }));
      seen.push(page.Versions![0]!.Key!);
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      if (!page.IsTruncated) break;
    } while (seen.length < 10);
    expect(seen).toEqual(['a', 'a', 'b']);
  });

  it('are copied from by id', async () => {
    const Bucket = await versioned();
    const { VersionId } = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'from here', Body: '1', ContentType: 'text/csv', Tagging: 'a=b' }),
    );
    await s3.send(new PutObjectCommand({ Bucket, Key: 'from here', Body: '2' }));
    const CopySource = `${Bucket}/${encodeURIComponent('from here')}?versionId=${VersionId}`;
    const copied = await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource, IfNoneMatch: '*' }));
    expect(copied.CopySourceVersionId).toBe(VersionId);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'to' }));
    expect(await got.Body!.transformToString()).toBe('1');
    expect(got).toMatchObject({ ContentType: 'text/csv', TagCount: 1, ETag: copied.CopyObjectResult!.ETag });
    expect(
      (await failure(s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource, IfNoneMatch: '*' })))).name,
    ).toBe('PreconditionFailed');
    const replaced = { MetadataDirective: 'REPLACE', TaggingDirective: 'REPLACE', Metadata: { a: '1' } } as const;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource, ...replaced }));
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).toMatchObject({
      Metadata: { a: '1' },
      ContentType: 'binary/octet-stream',
    });
  });
});

it('survives a restart', async () => {
  const Bucket = await versioned();
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'still here' }));
  await small.restart();
  s3 = new S3Client(small.client);
  expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).Body!.transformToString()).toBe(
    'still here',
  );
});
