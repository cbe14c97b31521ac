import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  type QueueAttributeName,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let sqs: SQSClient;
let QueueUrl: string;
beforeAll(async () => {
  small = await SmallCloud.start();
  sqs = new SQSClient(small.client);
  const made = await sqs.send(
    new CreateQueueCommand({ QueueName: 'uploads', Attributes: { VisibilityTimeout: '60' } }),
  );
  QueueUrl = made.QueueUrl!;
});
afterAll(async () => {
  sqs.destroy();
  await small.stop();
});

const refused = (command: any) => expect(sqs.send(command)).rejects;

describe('a message attribute is refused', () => {
  it.each([
    [{ StringValue: 'x' }, "The message attribute 'a' must contain a non-empty message attribute type."],
    [{ DataType: 'Text', StringValue: 'x' }, "The type of message (user) attribute 'a' is invalid: Text."],
    [{ DataType: 'String', StringValue: '' }, "must contain a non-empty value of type 'String'"],
    [{ DataType: 'String' }, "must contain a non-empty value of type 'String'"],
    [{ DataType: 'Binary', StringValue: 'x' }, "must contain a non-empty value of type 'Binary'"],
    [{ DataType: 'Number', StringValue: 'ten' }, "Can't cast the value of message (user) attribute 'a' to a number."],
  ])('%j', async (attribute: any, message) => {
    const MessageAttributes = { a: attribute };
    await refused(new SendMessageCommand({ QueueUrl, MessageBody: 'm', MessageAttributes })).toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    });
  });

  it('by itself in a batch', async () => {
    const entry = (Id: string, DataType: string) => ({
      Id,
      MessageBody: 'm',
      MessageAttributes: { a: { DataType, StringValue: '1e3' } },
    });
    const batch = new SendMessageBatchCommand({ QueueUrl, Entries: [entry('good', 'Number'), entry('bad', '')] });
    expect(await sqs.send(batch)).toMatchObject({
      Successful: [{ Id: 'good' }],
      Failed: [{ Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue' }],
    });
  });

  it.each(['AWS.trace', 'amazon.trace', '.a', 'a.', 'a..b', 'a b'])('named %s', async (name) => {
    const MessageAttributes = { [name]: { DataType: 'String', StringValue: 'x' } };
    await refused(new SendMessageCommand({ QueueUrl, MessageBody: 'm', MessageAttributes })).toThrow(
      `The message (user) attribute name '${name}' is invalid.`,
    );
  });
});

describe('a queue', () => {
  it('that exists is found again by attributes that it has', async () => {
    const again = (Attributes?: Partial<Record<QueueAttributeName, string>>) =>
      new CreateQueueCommand({ QueueName: 'uploads', Attributes });
    expect((await sqs.send(again())).QueueUrl).toBe(QueueUrl);
    expect((await sqs.send(again({ VisibilityTimeout: '60' }))).QueueUrl).toBe(QueueUrl);
    await refused(again({ VisibilityTimeout: '61' })).toMatchObject({ name: 'QueueNameExists' });
  });

  it('cannot send what was received too often to a queue that does not exist', async () => {
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:none',
      maxReceiveCount: 2,
    });
    const reason = 'for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.';
    await refused(new CreateQueueCommand({ QueueName: 'other', Attributes: { RedrivePolicy } })).toThrow(reason);
    await refused(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } })).toThrow(reason);
  });

  it('has no attribute of an unknown name', async () => {
    await refused(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Depth' as QueueAttributeName] }),
    ).toMatchObject({ name: 'InvalidAttributeName' });
    expect(await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }))).toMatchObject({
      $metadata: { httpStatusCode: 200 },
    });
  });

  it('is purged once a minute', async () => {
    const purge = () => sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await purge();
    await expect(purge()).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
    await small.cloud.clock.advance(60_000);
    await purge();
  });
});
