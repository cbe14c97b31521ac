import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000';
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
let small: SmallCloud;

beforeEach(async () => {
  small = await SmallCloud.start();
  await small.create('AWS::SQS::Queue', { QueueName: 'dead' }, 'Dead');
  await small.create(
    'AWS::SQS::Queue',
    {
      QueueName: 'uploads',
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: `${ARN}:dead`, maxReceiveCount: 2 },
    },
    'Uploads',
  );
});

afterEach(() => small.stop());

const url = (name: string) => `${small.cloud.url}/000000000000/${name}`;
const send = (body: string) => small.call('sqs', 'SendMessage', { QueueUrl: url('uploads'), MessageBody: body });
const depth = async (name: string) => {
  const { Attributes } = await small.call('sqs', 'GetQueueAttributes', {
    QueueUrl: url(name),
    AttributeNames: ['All'],
  });
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
};
const connect = async (code: string, properties: object = {}) => {
  await small.function('admit', code, { allow: [[CONSUME, `${ARN}:uploads`]] });
  await small.create('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: `${ARN}:uploads`,
    FunctionName: 'admit',
    ...properties,
  });
};

describe('an event source mapping from a queue', () => {
  it('hands messages to the function as they arrive and deletes what it handled', async () => {
    await connect(
      `export const handler = async ({ Records }) => { if (Records[0].body !== 'hello') throw new Error(Records[0].body); };`,
    );
    await send('hello');
    await small.cloud.idle();
    expect(await depth('uploads')).toBe(0);
  });

  it('hands over what waited before it existed', async () => {
    await send('early');
    await connect('export const handler = async () => {};');
    await small.cloud.idle();
    expect(await depth('uploads')).toBe(0);
  });

  it('leaves a failed message to its visibility timeout and, in the end, to the dead-letter queue', async () => {
    await connect(`export const handler = async () => { throw new Error('poison'); };`);
    await send('poison');
    await small.cloud.idle();
    expect([await depth('uploads'), await depth('dead')]).toEqual([1, 0]);
    await small.cloud.clock.advance(3 * 86_400_000);
    expect([await depth('uploads'), await depth('dead')]).toEqual([0, 1]);
  });

  it('keeps only the messages the function reports as failed', async () => {
    await connect(
      `export const handler = async ({ Records }) => ({
         batchItemFailures: Records.filter((r) => r.body === 'bad').map((r) => ({ itemIdentifier: r.messageId })),
       });`,
      { FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 10 },
    );
    await Promise.all([send('good'), send('bad'), send('good')]);
    await small.cloud.idle();
    expect(await depth('uploads')).toBe(1);
  });

  it('collects a batch for the length of its window', async () => {
    await connect(
      'export const handler = async ({ Records }) => { if (Records.length !== 12) throw new Error("split"); };',
      {
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 30,
      },
    );
    for (let index = 0; index < 12; index++) await send(String(index));
    await small.cloud.clock.advance(30_000);
    expect([await depth('uploads'), await depth('dead')]).toEqual([0, 0]);
  });

  it('goes on after a restart', async () => {
    await connect('export const handler = async () => {};');
    await small.restart();
    await send('later');
    await small.cloud.idle();
    expect(await depth('uploads')).toBe(0);
  });

  it('is refused where the role may not read the queue, or the queue gives the function too little time', async () => {
    await small.function('admit', 'export const handler = async () => {};');
    const mapping = { EventSourceArn: `${ARN}:uploads`, FunctionName: 'admit' };
    await expect(small.create('AWS::Lambda::EventSourceMapping', mapping)).rejects.toMatchObject({ status: 403 });
    await small.function('admit', 'export const handler = async () => {};', {
      properties: { Timeout: 61 },
      allow: [[CONSUME, `${ARN}:uploads`]],
    });
    await expect(small.create('AWS::Lambda::EventSourceMapping', mapping)).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
    });
  });
});
