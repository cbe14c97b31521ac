import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const DAY = 86_400_000;
let small: SmallCloud;
let s3: S3Client;

beforeEach(async () => {
  small = await SmallCloud.start();
  s3 = new S3Client(small.client);
});
afterEach(async () => {
  s3.destroy();
  await small.stop();
});

const failure = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

/** An S3 client of a role that may do `allow`. */
async function clientOf(allow: readonly (readonly [string | string[], string])[]): Promise<S3Client> {
  const arn = await small.role('reader', 'lambda.amazonaws.com', allow);
  const principal = await small.cloud.assume(arn, 'session', 'lambda.amazonaws.com');
  return new S3Client({ ...small.client, credentials: small.cloud.credentialsFor(principal) });
}

describe('a bucket', () => {
  it('is made, described and removed when empty', async () => {
    await s3.send(
      new CreateBucketCommand({ Bucket: 'made', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    expect(await failure(s3.send(new CreateBucketCommand({ Bucket: 'made' })))).toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
    });
    expect(await s3.send(new HeadBucketCommand({ Bucket: 'made' }))).toMatchObject({ BucketRegion: 'eu-west-1' });
    await s3.send(new PutObjectCommand({ Bucket: 'made', Key: 'k', Body: 'x' }));
    expect(await failure(s3.send(new DeleteBucketCommand({ Bucket: 'made' })))).toMatchObject({
      name: 'BucketNotEmpty',
    });
    expect(await failure(s3.send(new CreateBucketCommand({ Bucket: 'Not_A_Name' })))).toMatchObject({
      name: 'InvalidBucketName',
    });
  });

  it('is what its template says', async () => {
    const { ref, attributes } = await small.create('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'key-1' },
          },
        ],
      },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    });
    expect(attributes).toMatchObject({
      Arn: `arn:aws:s3:::${ref}`,
      RegionalDomainName: `${ref}.s3.eu-west-1.amazonaws.com`,
    });
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: ref }))).Status).toBe('Enabled');
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket: ref }));
    expect(ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual({
      SSEAlgorithm: 'aws:kms',
      KMSMasterKeyID: 'arn:aws:kms:eu-west-1:000000000000:key/key-1',
    });
  });

  it('refuses a property that it would not honour', async () => {
    const topic = { NotificationConfiguration: { TopicConfigurations: [] } };
    expect(await failure(small.create('AWS::S3::Bucket', topic))).toMatchObject({ code: 'NotImplemented' });
  });

  it('expires what its lifecycle says, on the local clock', async () => {
    const { ref: Bucket } = await small.create('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          { Status: 'Enabled', Prefix: 'tmp/', ExpirationInDays: 3 },
          { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 10 } },
        ],
      },
    });
    for (const Key of ['tmp/a', 'kept', 'kept']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const keys = async () => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key);
    const versions = async () => (await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions?.length;
    await small.cloud.clock.advance(2 * DAY);
    expect(await keys()).toEqual(['kept', 'tmp/a']);
    await small.cloud.clock.advance(2 * DAY);
    expect(await keys()).toEqual(['kept']);
    expect(await versions()).toBe(3);
    await small.cloud.clock.advance(15 * DAY);
    expect(await versions()).toBe(1);
  });

  it('leaves no file behind that no object names', async () => {
    const { ref: Bucket } = await small.create('AWS::S3::Bucket', {});
    for (const Body of ['1', '2', '3']) await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }));
    await failure(
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })),
    );
    await failure(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', IfNoneMatch: '*' })));
    const files = readdirSync(join(small.cloud.stateDir, 's3'), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile(),
    );
    expect(files).toHaveLength(1);
  });
});

describe('permissions', () => {
  it('are those of the role, key by key', async () => {
    const { ref: Bucket } = await small.create('AWS::S3::Bucket', { BucketName: 'guarded' });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'open/k', Body: 'x' }));
    const role = await clientOf([['s3:GetObject', 'arn:aws:s3:::guarded/open/*']]);
    expect(await (await role.send(new GetObjectCommand({ Bucket, Key: 'open/k' }))).Body!.transformToString()).toBe(
      'x',
    );
    expect(await failure(role.send(new GetObjectCommand({ Bucket, Key: 'shut/k' })))).toMatchObject({
      name: 'AccessDenied',
    });
    // Without s3:ListBucket it is not told whether there is one.
    expect(await failure(role.send(new GetObjectCommand({ Bucket, Key: 'open/none' })))).toMatchObject({
      name: 'AccessDenied',
    });
    expect(await failure(role.send(new PutObjectCommand({ Bucket, Key: 'open/k', Body: 'y' })))).toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('can demand a conditional write by bucket policy', async () => {
    const { ref: Bucket } = await small.create('AWS::S3::Bucket', { BucketName: 'write-once' });
    const statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::write-once/*',
      Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    };
    await s3.send(
      new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) }),
    );
    expect(await failure(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' })))).toMatchObject({
      name: 'AccessDenied',
    });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', IfNoneMatch: '*' }));
  });

  it('include the key that an object is encrypted with', async () => {
    const key = 'arn:aws:kms:eu-west-1:000000000000:key/key-1';
    const { ref: Bucket } = await small.create('AWS::S3::Bucket', {
      BucketName: 'encrypted',
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } },
        ],
      },
    });
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    expect(put).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
    const role = await clientOf([['s3:*', 'arn:aws:s3:::encrypted/*']]);
    const refused = await failure(role.send(new GetObjectCommand({ Bucket, Key: 'k' })));
    expect(refused.name).toBe('AccessDenied');
    expect(refused.message).toMatch(/kms:Decrypt/);
  });
});
