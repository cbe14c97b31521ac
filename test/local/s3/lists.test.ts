import {
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
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

describe('lists and batches', () => {
  it('list by prefix and delimiter, page by page', async () => {
    const Bucket = await bucket();
    for (const Key of ['a/1', 'a/2', 'b/1', 'b/x/1', 'c', 'd e'])
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const all: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page: any = await s3.send(
        new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2, ContinuationToken }),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      all.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix }: any) => Prefix),
        ...(page.Contents ?? []).map(({ Key }: any) => Key),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(all).toEqual(['a/', 'b/', 'c', 'd e']);
    const below = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'b/', StartAfter: 'b/1', EncodingType: 'url' }),
    );
    expect(below.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([['b/x/1', 5]]);
  });

  it('refuse a token that they did not give', async () => {
    const made = await bucket();
    await expect(
      s3.send(new ListObjectsV2Command({ Bucket: made, ContinuationToken: 'page-2' })),
    ).rejects.toMatchObject({ name: 'InvalidArgument', message: 'The continuation token provided is incorrect' });
  });

  it('delete many, each by itself', async () => {
    const Bucket = await bucket();
    for (const Key of ['a', 'b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: '-' }));
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }, { Key: 'none' }] } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['a', 'b', 'none']);
    expect(Errors ?? []).toEqual([]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
  });

  it('tell attributes and change tags without a new version', async () => {
    const Bucket = await versioned();
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'abc' }));
    await s3.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'state', Value: 'sealed' }] } }),
    );
    const { TagSet, VersionId: after } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }));
    expect([TagSet, after]).toEqual([[{ Key: 'state', Value: 'sealed' }], VersionId]);
    const attributes = await s3.send(
      new GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ['ObjectSize', 'Checksum', 'ETag'] }),
    );
    expect(attributes).toMatchObject({ ObjectSize: 3, VersionId, Checksum: { ChecksumCRC32: 'NSRBwg==' } });
  });

  it('list buckets', async () => {
    const Bucket = await bucket();
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(Bucket);
  });
});
