import { ListSubscriptionsByTopicCommand, NotFoundException, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:000000000000:alerts';
let small: SmallCloud;
let sns: SNSClient;
let TopicArn: string;

beforeEach(async () => {
  small = await SmallCloud.start();
  sns = new SNSClient(small.client);
  TopicArn = (await small.create('AWS::SNS::Topic', { TopicName: 'alerts', DisplayName: 'Alerts' })).ref;
  await small.create('AWS::SQS::Queue', { QueueName: 'alerts' });
});

afterEach(async () => {
  sns.destroy();
  await small.stop();
});

const letIn = () =>
  small.create('AWS::SQS::QueuePolicy', {
    Queues: [`${small.cloud.url}/000000000000/alerts`],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: QUEUE,
          Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
        },
      ],
    },
  });
const received = async () => {
  await small.cloud.idle();
  const input = { QueueUrl: `${small.cloud.url}/000000000000/alerts`, MaxNumberOfMessages: 10 };
  const { Messages } = await small.call('sqs', 'ReceiveMessage', input);
  return ((Messages ?? []) as { Body: string }[]).map(({ Body }) => Body);
};
const publish = (kind: string) =>
  sns.send(
    new PublishCommand({
      TopicArn,
      Subject: 'Drift',
      Message: `${kind} drifted`,
      MessageAttributes: { kind: { DataType: 'String', StringValue: kind } },
    }),
  );

describe('publishing to a topic', () => {
  it('writes a mail into the inbox of each subscribed address', async () => {
    await small.create('AWS::SNS::Subscription', { TopicArn, Protocol: 'email', Endpoint: 'ann@example.org' });
    await publish('flights');
    await small.cloud.idle();
    const mails = await (await fetch(`${small.cloud.url}/_launchway/inbox.json?to=ann@example.org`)).json();
    expect(mails).toMatchObject([{ subject: 'Drift', text: 'flights drifted' }]);
  });

  it('sends an envelope to a queue that lets the topic in', async () => {
    await letIn();
    await small.create('AWS::SNS::Subscription', { TopicArn, Protocol: 'sqs', Endpoint: QUEUE });
    const { MessageId } = await publish('flights');
    expect((await received()).map((body) => JSON.parse(body))).toMatchObject([
      {
        Type: 'Notification',
        MessageId,
        TopicArn,
        Subject: 'Drift',
        Message: 'flights drifted',
        MessageAttributes: { kind: { Value: 'flights' } },
      },
    ]);
  });

  it('sends the bare message where raw delivery is asked for, and only what passes the filter', async () => {
    await letIn();
    await small.create('AWS::SNS::Subscription', {
      TopicArn,
      Protocol: 'sqs',
      Endpoint: QUEUE,
      RawMessageDelivery: true,
      FilterPolicy: { kind: ['flights'] },
    });
    await publish('flights');
    await publish('trains');
    expect(await received()).toEqual(['flights drifted']);
  });

  it('reports a queue that does not let the topic in', async () => {
    await small.create('AWS::SNS::Subscription', { TopicArn, Protocol: 'sqs', Endpoint: QUEUE });
    await publish('flights');
    expect(await received()).toEqual([]);
    expect(small.reports.join('\n')).toContain('background work failed: AccessDenied');
  });

  it('invokes a function that permits it', async () => {
    const dead = { DeadLetterConfig: { TargetArn: QUEUE } };
    const code = 'export const handler = async ({ Records }) => { throw new Error(Records[0].Sns.Message); };';
    const { attributes } = await small.function('listener', code, {
      properties: dead,
      allow: [['sqs:SendMessage', QUEUE]],
    });
    await small.create('AWS::Lambda::Permission', {
      FunctionName: 'listener',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: TopicArn,
    });
    await small.create('AWS::SNS::Subscription', { TopicArn, Protocol: 'lambda', Endpoint: attributes.Arn });
    await publish('flights');
    await small.cloud.clock.advance(200_000);
    expect(JSON.parse((await received())[0]!)).toMatchObject({ Records: [{ Sns: { Message: 'flights drifted' } }] });
  });

  it('answers NotFound for a topic that does not exist', async () => {
    await expect(sns.send(new PublishCommand({ TopicArn: `${TopicArn}s`, Message: 'm' }))).rejects.toBeInstanceOf(
      NotFoundException,
    );
  });
});

describe('subscribing', () => {
  it('twice is once', async () => {
    for (let time = 0; time < 2; time++) {
      await small.create('AWS::SNS::Subscription', { TopicArn, Protocol: 'email', Endpoint: 'ann@example.org' });
    }
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: 'ann@example.org' }]);
  });

  it.each([
    [{ Protocol: 'sqs', Endpoint: 'alerts' }, 'SQS endpoint ARN'],
    [{ Protocol: 'lambda', Endpoint: 'arn:aws:lambda:eu-west-1:000000000000:layer:x' }, 'Lambda endpoint ARN'],
    [{ Protocol: 'email', Endpoint: 'ann' }, 'Email address'],
    [{ Protocol: 'email', Endpoint: 'ann@example.org', FilterPolicy: { model: 'flights' } }, 'FilterPolicy'],
  ])('is refused with %j', async (subscription, what) => {
    await expect(small.create('AWS::SNS::Subscription', { TopicArn, ...subscription })).rejects.toThrow(
      `Invalid parameter: ${what}`,
    );
  });

  it('is refused loudly for a web address', async () => {
    const web = { TopicArn, Protocol: 'https', Endpoint: 'https://example.org' };
    await expect(small.create('AWS::SNS::Subscription', web)).rejects.toMatchObject({ status: 501 });
  });
});
