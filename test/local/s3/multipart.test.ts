import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const MEBIBYTE = 1024 * 1024;
const FIRST = Buffer.alloc(5 * MEBIBYTE, 'a');
const SECOND = Buffer.from('the rest');

let small: SmallCloud;
let s3: S3Client;
const Bucket = 'parts';

beforeAll(async () => {
  small = await SmallCloud.start();
  s3 = new S3Client(small.client);
  await small.create('AWS::S3::Bucket', { BucketName: Bucket, VersioningConfiguration: { Status: 'Enabled' } });
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

async function upload(Key: string, bodies: readonly Buffer[], more: object = {}) {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/csv', ...more }),
  );
  const Parts: any[] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }
  return { Bucket, Key, UploadId, Parts };
}

const complete = ({ Parts, ...upload }: any, more: object = {}) =>
  s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...more }));

describe('a multipart upload', () => {
  it('becomes one object with the entity tag of its parts', async () => {
    const parts = await upload('whole', [FIRST, SECOND]);
    expect(await failure(s3.send(new HeadObjectCommand({ Bucket, Key: 'whole' })))).toMatchObject({ name: 'NotFound' });
    const done = await complete(parts, { IfNoneMatch: '*' });
    const md5 = (data: Buffer) => createHash('md5').update(data).digest();
    const expected = createHash('md5')
      .update(Buffer.concat([md5(FIRST), md5(SECOND)]))
      .digest('hex');
    expect(done.ETag).toBe(`"${expected}-2"`);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'whole', Range: `bytes=${FIRST.length - 1}-` }));
    expect(await got.Body!.transformToString()).toBe('athe rest');
    expect(got).toMatchObject({ ContentType: 'text/csv', VersionId: done.VersionId });
  });

  it('carries a composite checksum', async () => {
    const done = await complete(await upload('checked', [FIRST, SECOND], { ChecksumAlgorithm: 'CRC32' }));
    expect(done.ChecksumCRC32).toMatch(/-2$/);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'checked', ChecksumMode: 'ENABLED' }))).toMatchObject({
      ChecksumCRC32: done.ChecksumCRC32,
      ChecksumType: 'COMPOSITE',
    });
  });

  it('is refused with missing, small or unordered parts, and can still be completed', async () => {
    const parts = await upload('refused', [SECOND, SECOND]);
    const [one, two] = parts.Parts;
    expect(await failure(complete(parts))).toMatchObject({ name: 'EntityTooSmall' });
    expect(await failure(complete({ ...parts, Parts: [two, one] }))).toMatchObject({ name: 'InvalidPartOrder' });
    expect(await failure(complete({ ...parts, Parts: [{ ...one, ETag: '"x"' }] }))).toMatchObject({
      name: 'InvalidPart',
    });
    expect((await complete({ ...parts, Parts: [two] })).ETag).toMatch(/-1"$/);
    expect(await failure(complete({ ...parts, Parts: [two] }))).toMatchObject({ name: 'NoSuchUpload' });
  });

  it('does not replace an object that came meanwhile', async () => {
    const parts = await upload('raced', [SECOND]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'raced', Body: 'first' }));
    expect(await failure(complete(parts, { IfNoneMatch: '*' }))).toMatchObject({ name: 'PreconditionFailed' });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'raced' }));
    expect(await Body!.transformToString()).toBe('first');
  });

  it('is listed until it is aborted', async () => {
    const { Key, UploadId } = await upload('aborted', [SECOND, SECOND]);
    const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    expect(Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 8],
      [2, 8],
    ]);
    const uploads = async () =>
      (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'aborted' }))).Uploads ?? [];
    expect((await uploads()).map((listed) => listed.UploadId)).toEqual([UploadId]);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await uploads()).toEqual([]);
    expect(await failure(s3.send(new ListPartsCommand({ Bucket, Key, UploadId })))).toMatchObject({
      name: 'NoSuchUpload',
    });
  });

  it('takes parts from other objects', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: '0123456789' }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'taken' }));
    const part = {
      Bucket,
      Key: 'taken',
      UploadId,
      PartNumber: 1,
      CopySource: `${Bucket}/source`,
      CopySourceRange: 'bytes=2-4',
    };
    const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(part));
    await complete({ Bucket, Key: 'taken', UploadId, Parts: [{ PartNumber: 1, ETag: CopyPartResult!.ETag }] });
    expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: 'taken' }))).Body!.transformToString()).toBe('234');
  });
});
