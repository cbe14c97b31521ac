import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let sqs: SQSClient;

beforeEach(async () => {
  small = await SmallCloud.start();
  sqs = new SQSClient(small.client);
});

afterEach(async () => {
  sqs.destroy();
  await small.stop();
});

const queue = async (name: string, properties: object = {}): Promise<string> =>
  (await small.create('AWS::SQS::Queue', { QueueName: name, ...properties }, name.replace(/\W/g, ''))).ref;

const bodies = async (QueueUrl: string, most = 10): Promise<string[]> => {
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: most }));
  return (Messages ?? []).map((message) => message.Body!);
};

describe('a standard queue', () => {
  it('hands a message to one receiver, and again when its visibility timeout has ended', async () => {
    const QueueUrl = await queue('uploads', { VisibilityTimeout: 60 });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    expect(await bodies(QueueUrl)).toEqual(['a']);
    expect(await bodies(QueueUrl)).toEqual([]);
    await small.cloud.clock.advance(60_000);
    expect(await bodies(QueueUrl)).toEqual(['a']);
  });

  it('forgets a message that was deleted with its last handle', async () => {
    const QueueUrl = await queue('uploads', { VisibilityTimeout: 1 });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    const first = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await small.cloud.clock.advance(1000);
    const second = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first.Messages![0]!.ReceiptHandle! }));
    await small.cloud.clock.advance(1000);
    const third = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(third.Messages).toHaveLength(1);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third.Messages![0]!.ReceiptHandle! }));
    await small.cloud.clock.advance(1000);
    expect(await bodies(QueueUrl)).toEqual([]);
    expect(second.Messages).toHaveLength(1);
  });

  it('tells attributes of sender and message with the checksums the SDK verifies', async () => {
    const QueueUrl = await queue('uploads');
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'žluťoučký',
        MessageAttributes: {
          kind: { DataType: 'String', StringValue: 'x' },
          bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from([0, 255]) },
        },
      }),
    );
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages![0]).toMatchObject({
      Body: 'žluťoučký',
      Attributes: { ApproximateReceiveCount: '1', SenderId: 'arn:aws:iam::000000000000:user/someone' },
      MessageAttributes: { bytes: { BinaryValue: Uint8Array.from([0, 255]) }, kind: { StringValue: 'x' } },
    });
  });

  it('moves a message received too often to its dead-letter queue', async () => {
    const dead = await queue('dead');
    const QueueUrl = await queue('uploads', {
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:dead', maxReceiveCount: 2 },
    });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    for (let receive = 0; receive < 2; receive++) {
      expect(await bodies(QueueUrl)).toEqual(['poison']);
      await small.cloud.clock.advance(1000);
    }
    expect(await bodies(QueueUrl)).toEqual([]);
    expect(await bodies(dead)).toEqual(['poison']);
  });

  it('moves messages back from the dead-letter queue to where they came from', async () => {
    const dead = await queue('dead', { VisibilityTimeout: 1 });
    const QueueUrl = await queue('uploads', {
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:dead', maxReceiveCount: 1 },
    });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }));
    await bodies(QueueUrl);
    await small.cloud.clock.advance(1000);
    await bodies(QueueUrl);
    await small.call('sqs', 'StartMessageMoveTask', { SourceArn: 'arn:aws:sqs:eu-west-1:000000000000:dead' });
    expect(await bodies(QueueUrl)).toEqual(['again']);
    expect(await bodies(dead)).toEqual([]);
  });

  it('hides a delayed message, and one whose receiver asks for more time', async () => {
    const QueueUrl = await queue('uploads', { VisibilityTimeout: 10 });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 5 }));
    expect(await bodies(QueueUrl)).toEqual([]);
    await small.cloud.clock.advance(5000);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = Messages![0]!.ReceiptHandle!;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 100 }));
    await small.cloud.clock.advance(99_000);
    expect(await bodies(QueueUrl)).toEqual([]);
    await small.cloud.clock.advance(1000);
    expect(await bodies(QueueUrl)).toEqual(['later']);
  });

  it('drops a message older than the retention period', async () => {
    const QueueUrl = await queue('uploads', { MessageRetentionPeriod: 60 });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'old' }));
    await small.cloud.clock.advance(61_000);
    expect(await bodies(QueueUrl)).toEqual([]);
  });

  it('answers a long poll when a message arrives, and empty when the clock reaches its end', async () => {
    const QueueUrl = await queue('uploads');
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    expect((await poll).Messages).toHaveLength(1);
    const empty = small.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    await small.cloud.clock.advance(20_000);
    expect(await empty).toEqual({});
  });

  it('keeps its messages over a restart, in flight or not', async () => {
    const QueueUrl = await queue('uploads', { VisibilityTimeout: 60 });
    await small.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'in flight' });
    await bodies(QueueUrl);
    await small.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'waiting' });
    await small.restart();
    sqs = new SQSClient(small.client);
    const url = `${small.cloud.url}/000000000000/uploads`;
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      QueueArn: 'arn:aws:sqs:eu-west-1:000000000000:uploads',
    });
  });

  it('takes what is good of a batch and names what is not', async () => {
    const QueueUrl = await queue('uploads');
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'a' },
          { Id: 'bad', MessageBody: '\u0000' },
        ],
      }),
    );
    expect([Successful!.map((entry) => entry.Id), Failed!.map((entry) => [entry.Id, entry.Code])]).toEqual([
      ['good'],
      [['bad', 'InvalidMessageContents']],
    ]);
  });

  it('says that an unknown queue does not exist', async () => {
    const QueueUrl = `${small.cloud.url}/000000000000/nowhere`;
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toBeInstanceOf(QueueDoesNotExist);
  });

  it('lets a service in only where the queue policy says so', async () => {
    const QueueUrl = await queue('uploads');
    const topic = {
      kind: 'service',
      arn: 'sns.amazonaws.com',
      sourceArn: 'arn:aws:sns:eu-west-1:000000000000:t',
    } as const;
    const send = () => small.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'a' }, topic);
    await expect(send()).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await small.create('AWS::SQS::QueuePolicy', {
      Queues: [QueueUrl],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: 'arn:aws:sqs:eu-west-1:000000000000:uploads',
            Condition: { ArnEquals: { 'aws:SourceArn': topic.sourceArn } },
          },
        ],
      },
    });
    await expect(send()).resolves.toMatchObject({ MessageId: expect.any(String) });
  });
});

describe('a FIFO queue', () => {
  it('keeps the order of each group, and holds a group while one of it is in flight', async () => {
    const QueueUrl = await queue('steps.fifo', { FifoQueue: true, ContentBasedDeduplication: true });
    for (const [group, body] of [
      ['a', '1'],
      ['a', '2'],
      ['b', '3'],
    ] as const) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageGroupId: group }));
    }
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
    expect(Messages![0]!.Body).toBe('1');
    expect(await bodies(QueueUrl)).toEqual(['3']);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages![0]!.ReceiptHandle! }));
    expect(await bodies(QueueUrl)).toEqual(['2']);
  });

  it('takes the same message once within five minutes', async () => {
    const QueueUrl = await queue('steps.fifo', { FifoQueue: true, ContentBasedDeduplication: true });
    const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'same', MessageGroupId: 'g' }));
    expect((await send()).MessageId).toBe((await send()).MessageId);
    expect(await bodies(QueueUrl)).toEqual(['same']);
  });
});
