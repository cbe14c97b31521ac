import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;

beforeEach(async () => {
  small = await SmallCloud.start();
  await small.create('AWS::S3::Bucket', { BucketName: 'intake' });
});
afterEach(() => small.stop());

const folder = () => join(small.cloud.stateDir, 's3');

const bodies = (): string[] =>
  (existsSync(folder()) ? readdirSync(folder(), { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

it('removes bodies that a crash left without a record, and no other', async () => {
  await small.call('s3', 'PutObject', { Bucket: 'intake', Key: 'k', Body: 'kept' });
  const [kept] = bodies();
  mkdirSync(join(folder(), 'ab'), { recursive: true });
  writeFileSync(join(folder(), 'incoming', 'half'), 'half of an upl');
  writeFileSync(join(folder(), 'ab', 'ab-orphan'), 'complete, but never recorded');
  await small.restart();
  expect(bodies()).toEqual([kept]);
});

it('sends after a restart what was recorded and not yet sent', async () => {
  const queue = await small.create('AWS::SQS::Queue', { QueueName: 'uploads' }, 'Queue');
  const queueArn = queue.attributes.Arn;
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
  };
  await small.create(
    'AWS::SQS::QueuePolicy',
    { Queues: [queue.ref], PolicyDocument: { Statement: [statement] } },
    'Policy',
  );
  // What a process leaves that dies between the write and its message.
  small.cloud.store.put('s3.outbox', '1', { queueArn, bucket: 'intake', message: { Records: [] } });
  await small.restart();
  await small.cloud.idle();
  const { Messages } = await small.call('sqs', 'ReceiveMessage', {
    QueueUrl: `${small.cloud.url}/000000000000/uploads`,
  });
  expect(Messages.map(({ Body }: any) => Body)).toEqual(['{"Records":[]}']);
  expect(small.cloud.store.list('s3.outbox')).toEqual([]);
});

it('forgets an upload whose client goes away', async () => {
  const { hostname, port } = new URL(small.cloud.url);
  const authorization =
    'AWS4-HMAC-SHA256 Credential=alice/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0';
  const head = [
    `PUT /intake/cut HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    `Authorization: ${authorization}`,
    'Content-Length: 100',
    '',
    '',
  ];
  const socket = connect(Number(port), hostname);
  socket.write(`${head.join('\r\n')}only a part`);
  const inProgress = () => bodies().length > 0;
  while (!inProgress()) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  while (inProgress()) await new Promise((resolve) => setImmediate(resolve));
  await expect(small.call('s3', 'HeadObject', { Bucket: 'intake', Key: 'cut' })).rejects.toMatchObject({
    code: 'NotFound',
  });
  expect(small.reports).toEqual([]);
});
