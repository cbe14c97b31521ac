import { Buffer } from 'node:buffer';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const DAY = 86_400_000;
const Key = 'audit/head.json';
const LOCKED = 'Access Denied because object protected by object lock.';

let small: SmallCloud;
let s3: S3Client;
let number = 0;

beforeAll(async () => {
  small = await SmallCloud.start();
  s3 = new S3Client(small.client);
});
afterAll(async () => {
  s3.destroy();
  await small.stop();
});

const inDays = (days: number) => new Date(small.cloud.clock.now() + days * DAY);
const lockable = async (rule?: object): Promise<string> => {
  const configuration = rule && { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: rule } };
  const properties = { ObjectLockEnabled: true, ...(configuration && { ObjectLockConfiguration: configuration }) };
  return (await small.create('AWS::S3::Bucket', properties, `Locked${number++}`)).ref;
};
const put = (Bucket: string, more: object = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body: '{}', ...more }));
const erase = (Bucket: string, VersionId?: string, more: object = {}) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, ...more }));
const refusal = (promise: Promise<unknown>): Promise<{ name: string; message: string; status?: number }> =>
  promise.then(
    () => ({ name: 'none', message: '' }),
    (error) => ({ name: error.name, message: error.message, status: error.$metadata?.httpStatusCode }),
  );

describe("a bucket's lock", () => {
  it('comes with the bucket, keeps it versioned, and says its default', async () => {
    const Bucket = await lockable({ Mode: 'COMPLIANCE', Years: 7 });
    const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Years: 7 } },
    });
    const suspend = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } });
    expect(await refusal(s3.send(suspend))).toMatchObject({ name: 'InvalidBucketState', status: 409 });
  });

  it('may be asked for by CreateBucket, and be put on a versioned bucket', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'made-locked', ObjectLockEnabledForBucket: true }));
    const made = await s3.send(new GetObjectLockConfigurationCommand({ Bucket: 'made-locked' }));
    expect(made.ObjectLockConfiguration).toEqual({ ObjectLockEnabled: 'Enabled' });
    const { ref: Bucket } = await small.create('AWS::S3::Bucket', {}, 'Plain');
    expect(await refusal(s3.send(new GetObjectLockConfigurationCommand({ Bucket })))).toMatchObject({
      name: 'ObjectLockConfigurationNotFoundError',
      status: 404,
    });
    const lock = new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
      },
    });
    expect(await refusal(s3.send(lock))).toMatchObject({ name: 'InvalidBucketState' });
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await s3.send(lock);
    expect((await refusal(erase(Bucket, (await put(Bucket)).VersionId))).message).toBe(LOCKED);
  });

  it('is missing where a write asks for what it cannot have', async () => {
    const { ref: Bucket } = await small.create('AWS::S3::Bucket', {}, 'Open');
    const until = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(1) } as const;
    const missing = { name: 'InvalidRequest', message: 'Bucket is missing Object Lock Configuration' };
    expect(await refusal(put(Bucket, until))).toMatchObject(missing);
    expect(await refusal(s3.send(new GetObjectRetentionCommand({ Bucket, Key })))).toMatchObject(missing);
  });

  it.each([
    [{ ObjectLockMode: 'GOVERNANCE' }, 'must both be supplied'],
    [{ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date(0) }, 'must be in the future'],
    [{ ObjectLockMode: 'FOREVER', ObjectLockRetainUntilDate: new Date('2999-01-01') }, 'Unknown wormMode'],
  ])('refuses %j', async (more, message) => {
    expect(await refusal(put(await lockable(), more))).toMatchObject({
      name: 'InvalidArgument',
      message: expect.stringContaining(message),
    });
  });
});

describe('a locked version', () => {
  it('stays until its day, though the key may be hidden and overwritten', async () => {
    const Bucket = await lockable({ Mode: 'COMPLIANCE', Days: 3 });
    const { VersionId } = await put(Bucket);
    expect(await refusal(erase(Bucket, VersionId))).toMatchObject({
      name: 'AccessDenied',
      message: LOCKED,
      status: 403,
    });
    expect((await refusal(erase(Bucket, VersionId, { BypassGovernanceRetention: true }))).message).toBe(LOCKED);
    await put(Bucket, { Body: '{"newer":true}' });
    expect((await erase(Bucket)).DeleteMarker).toBe(true);
    const { Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key, VersionId }] }, BypassGovernanceRetention: true }),
    );
    expect(Errors).toMatchObject([{ Key, VersionId, Code: 'AccessDenied', Message: LOCKED }]);
    await small.cloud.clock.advance(3 * DAY + 1);
    await erase(Bucket, VersionId);
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toHaveLength(1);
  });

  it('says so to whoever may know', async () => {
    const Bucket = await lockable();
    const until = inDays(30);
    await put(Bucket, {
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: until,
      ObjectLockLegalHoldStatus: 'ON',
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ObjectLockMode: 'GOVERNANCE', ObjectLockLegalHoldStatus: 'ON' });
    expect(head.ObjectLockRetainUntilDate).toEqual(until);
    const roleArn = await small.role('reader', 'lambda.amazonaws.com', [['s3:GetObject', `arn:aws:s3:::${Bucket}/*`]]);
    const reader = await small.cloud.assume(roleArn, 'test', 'lambda.amazonaws.com');
    const read = await small.call('s3', 'HeadObject', { Bucket, Key }, reader);
    expect(read).not.toHaveProperty('ObjectLockMode');
    expect(read).not.toHaveProperty('ObjectLockLegalHoldStatus');
  });

  it('is let go earlier under GOVERNANCE only, by whoever may bypass it', async () => {
    const Bucket = await lockable({ Mode: 'GOVERNANCE', Days: 30 });
    const { VersionId } = await put(Bucket);
    const retain = (days: number, more: object = {}) =>
      s3.send(
        new PutObjectRetentionCommand({
          Bucket,
          Key,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: inDays(days) },
          ...more,
        }),
      );
    await retain(40);
    expect((await refusal(retain(20))).message).toBe(LOCKED);
    await retain(20, { BypassGovernanceRetention: true });
    const roleArn = await small.role('cleaner', 'lambda.amazonaws.com', [
      [['s3:DeleteObjectVersion'], `arn:aws:s3:::${Bucket}/*`],
    ]);
    const cleaner = await small.cloud.assume(roleArn, 'test', 'lambda.amazonaws.com');
    const bypass = { Bucket, Key, VersionId, BypassGovernanceRetention: true };
    const refused = await refusal(small.call('s3', 'DeleteObject', bypass, cleaner));
    expect(refused.message).toContain('s3:BypassGovernanceRetention');
    await erase(Bucket, VersionId, { BypassGovernanceRetention: true });
  });

  it('is never let go earlier under COMPLIANCE', async () => {
    const Bucket = await lockable();
    await put(Bucket, { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(10) });
    const change = (Mode: 'COMPLIANCE' | 'GOVERNANCE', days: number) =>
      s3.send(
        new PutObjectRetentionCommand({
          Bucket,
          Key,
          BypassGovernanceRetention: true,
          Retention: { Mode, RetainUntilDate: inDays(days) },
        }),
      );
    expect((await refusal(change('COMPLIANCE', 5))).message).toBe(LOCKED);
    expect((await refusal(change('GOVERNANCE', 50))).message).toBe(LOCKED);
    await change('COMPLIANCE', 50);
    const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key }));
    expect(Retention?.Mode).toBe('COMPLIANCE');
    expect(Retention?.RetainUntilDate?.getTime()).toBeGreaterThan(inDays(49).getTime());
  });

  it('is held by law until the hold is lifted', async () => {
    const Bucket = await lockable();
    const { VersionId } = await put(Bucket);
    expect(await refusal(s3.send(new GetObjectLegalHoldCommand({ Bucket, Key })))).toMatchObject({
      name: 'NoSuchObjectLockConfiguration',
      status: 404,
    });
    const hold = (Status: 'ON' | 'OFF') =>
      s3.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status } }));
    await hold('ON');
    expect((await refusal(erase(Bucket, VersionId, { BypassGovernanceRetention: true }))).message).toBe(LOCKED);
    await hold('OFF');
    expect((await s3.send(new GetObjectLegalHoldCommand({ Bucket, Key }))).LegalHold).toEqual({ Status: 'OFF' });
    await erase(Bucket, VersionId);
  });

  it('may come of a copy or of parts', async () => {
    const Bucket = await lockable();
    await put(Bucket);
    const until = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(1) } as const;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}`, ...until }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts', ...until }));
    const part = { Bucket, Key: 'parts', UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: Buffer.alloc(10) }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload }));
    for (const key of ['copy', 'parts']) {
      expect((await s3.send(new HeadObjectCommand({ Bucket, Key: key }))).ObjectLockMode).toBe('GOVERNANCE');
    }
  });

  it('outlives the lifecycle rules of its bucket', async () => {
    const rule = { Status: 'Enabled', ExpirationInDays: 1, NoncurrentVersionExpiration: { NoncurrentDays: 1 } };
    const { ref: Bucket } = await small.create(
      'AWS::S3::Bucket',
      { ObjectLockEnabled: true, LifecycleConfiguration: { Rules: [rule] } },
      'Expiring',
    );
    const { VersionId } = await put(Bucket, { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(30) });
    await small.cloud.clock.advance(10 * DAY);
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions?.map((version) => version.VersionId)).toEqual([VersionId]);
    await small.cloud.clock.advance(25 * DAY);
    expect((await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toBeUndefined();
  });
});
