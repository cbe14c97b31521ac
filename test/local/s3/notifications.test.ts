import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { principalNamed } from '../../../local/principal-id.ts';
import { SmallCloud } from '../support/small-cloud.ts';

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

const Bucket = 'intake';

async function intake(allowed = true) {
  const queue = await small.create('AWS::SQS::Queue', { QueueName: 'uploads' }, 'Queue');
  const Resource = queue.attributes.Arn;
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource,
    Condition: {
      ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` },
      StringEquals: { 'aws:SourceAccount': small.cloud.account },
    },
  };
  if (allowed) {
    await small.create(
      'AWS::SQS::QueuePolicy',
      { Queues: [queue.ref], PolicyDocument: { Statement: [statement] } },
      'QueuePolicy',
    );
  }
  const Filter = {
    S3Key: {
      Rules: [
        { Name: 'prefix', Value: 'data/' },
        { Name: 'suffix', Value: '.csv' },
      ],
    },
  };
  await small.create('AWS::S3::Bucket', {
    BucketName: Bucket,
    VersioningConfiguration: { Status: 'Enabled' },
    NotificationConfiguration: { QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: Resource, Filter }] },
  });
  return queue.ref;
}

/** All messages there are, in the order of their sequencers; the test event first. */
async function received(QueueUrl: string): Promise<any[]> {
  await small.cloud.idle();
  const all: any[] = [];
  for (;;) {
    const { Messages = [] } = await small.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    if (Messages.length === 0) break;
    all.push(...Messages.map(({ Body }: any) => JSON.parse(Body)));
  }
  const sequencer = (message: any) => message.Records?.[0].s3.object.sequencer ?? '';
  return all.sort((a, b) => (sequencer(a) < sequencer(b) ? -1 : 1));
}

it('tells the queue of every matching upload, and who made it', async () => {
  const queue = await intake();
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'data/jan 2001+ü.csv', Body: 'a,b' }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'data/readme.txt', Body: '-' }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'other/k.csv', Body: '-' }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'data/copy.csv', CopySource: `${Bucket}/other/k.csv` }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'data/copy.csv' }));
  const [test, first, second, ...more] = await received(queue);
  expect(test).toMatchObject({ Event: 's3:TestEvent', Bucket });
  expect(first.Records).toHaveLength(1);
  expect(first.Records[0]).toMatchObject({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-1',
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: 'AWS:someone' },
    s3: {
      bucket: { name: Bucket, arn: `arn:aws:s3:::${Bucket}` },
      object: {
        key: 'data/jan+2001%2B%C3%BC.csv',
        size: 3,
        eTag: put.ETag!.replaceAll('"', ''),
        versionId: put.VersionId,
      },
    },
  });
  expect(second.Records[0]).toMatchObject({
    eventName: 'ObjectCreated:Copy',
    s3: { object: { key: 'data/copy.csv' } },
  });
  expect(more).toEqual([]);
});

it('names a role and its session so that both can be read back', async () => {
  const queue = await intake();
  const arn = await small.role('uploader', 'lambda.amazonaws.com', [['s3:PutObject', `arn:aws:s3:::${Bucket}/*`]]);
  const principal = await small.cloud.assume(arn, 'run-1', 'lambda.amazonaws.com');
  await small.call('s3', 'PutObject', { Bucket, Key: 'data/k.csv', Body: 'x' }, principal);
  const [, event] = await received(queue);
  expect(principalNamed(event.Records[0].userIdentity.principalId)).toEqual({ role: 'uploader', session: 'run-1' });
});

it('is refused where the queue does not let the bucket in', async () => {
  await expect(intake(false)).rejects.toMatchObject({
    code: 'InvalidArgument',
    message: expect.stringMatching(/Unable to validate/),
  });
});
