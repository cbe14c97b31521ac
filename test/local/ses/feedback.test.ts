import {
  CreateConfigurationSetCommand,
  CreateConfigurationSetEventDestinationCommand,
  GetConfigurationSetEventDestinationsCommand,
  SESv2Client,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '../../../local/service.ts';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let ses: SESv2Client;
let events: CloudEvent[];

const listen = () => {
  events = [];
  small.cloud.onEvent((event) => {
    if (event.source === 'aws.ses') events.push(event);
  });
};

beforeEach(async () => {
  small = await SmallCloud.start();
  ses = new SESv2Client(small.client);
  await small.create('AWS::SES::ConfigurationSet', { Name: 'mails' }, 'Set');
  await small.create(
    'AWS::SES::EmailIdentity',
    { EmailIdentity: 'example.com', ConfigurationSetAttributes: { ConfigurationSetName: 'mails' } },
    'Sender',
  );
  listen();
});
afterEach(async () => {
  ses.destroy();
  await small.stop();
});

const EVERYTHING = ['send', 'delivery', 'bounce', 'complaint'];
const toBus = (types = EVERYTHING) =>
  small.create('AWS::SES::ConfigurationSetEventDestination', {
    ConfigurationSetName: 'mails',
    EventDestination: {
      Name: 'bus',
      Enabled: true,
      MatchingEventTypes: types,
      EventBridgeDestination: { EventBusArn: 'arn:aws:events:eu-west-1:000000000000:event-bus/default' },
    },
  });
const send = (...to: string[]) =>
  ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'Launchway <launchway@example.com>',
      Destination: { ToAddresses: to },
      Content: { Simple: { Subject: { Data: 'Approve' }, Body: { Text: { Data: 'yes?' } } } },
      EmailTags: [{ Name: 'request', Value: 'r-1' }],
    }),
  );
const said = () => events.map((event) => event['detail-type']);

describe('the mailbox simulator', () => {
  it.each([
    ['success@simulator.amazonses.com', ['Email Sent', 'Email Delivered']],
    ['ooto@simulator.amazonses.com', ['Email Sent', 'Email Delivered']],
    ['bounce@simulator.amazonses.com', ['Email Sent', 'Email Bounced']],
    ['bounce+release-7@simulator.amazonses.com', ['Email Sent', 'Email Bounced']],
    ['suppressionlist@simulator.amazonses.com', ['Email Sent', 'Email Bounced']],
    ['complaint@simulator.amazonses.com', ['Email Sent', 'Email Delivered', 'Email Complaint Received']],
  ])('answers a mail to %s', async (address, expected) => {
    await toBus();
    await send(address);
    await small.cloud.clock.advance(5000);
    expect(said()).toEqual(expected);
  });

  it('has each recipient bounce alone, as the documentation shows it', async () => {
    await toBus();
    const { MessageId } = await send('Ann <Ann@example.org>', 'bounce@simulator.amazonses.com');
    await small.cloud.clock.advance(5000);
    const [, delivered, bounced] = events;
    expect(delivered?.detail.delivery.recipients).toEqual(['ann@example.org']);
    expect(bounced?.resources).toEqual(['arn:aws:ses:eu-west-1:000000000000:configuration-set/mails']);
    expect(bounced?.detail).toEqual({
      eventType: 'Bounce',
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [
          {
            emailAddress: 'bounce@simulator.amazonses.com',
            action: 'failed',
            status: '5.1.1',
            diagnosticCode: 'smtp; 550 5.1.1 user unknown',
          },
        ],
        timestamp: expect.any(String),
        feedbackId: expect.any(String),
        reportingMTA: expect.stringMatching(/^dsn; /),
      },
      mail: {
        timestamp: expect.any(String),
        source: 'Launchway <launchway@example.com>',
        sourceArn: 'arn:aws:ses:eu-west-1:000000000000:identity/launchway@example.com',
        sendingAccountId: '000000000000',
        messageId: MessageId,
        destination: ['ann@example.org', 'bounce@simulator.amazonses.com'],
        headersTruncated: false,
        headers: expect.arrayContaining([{ name: 'Subject', value: 'Approve' }]),
        commonHeaders: {
          from: ['Launchway <launchway@example.com>'],
          to: ['Ann <Ann@example.org>', 'bounce@simulator.amazonses.com'],
          messageId: MessageId,
          subject: 'Approve',
        },
        tags: expect.objectContaining({ request: ['r-1'], 'ses:configuration-set': ['mails'] }),
      },
    });
  });
});

describe('an address on this machine', () => {
  const outcome = (address: unknown, what: unknown) =>
    fetch(`${small.cloud.url}/_launchway/ses/recipient`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ address, outcome: what }),
    });

  it('bounces while it is asked to, and the inbox says so', async () => {
    await toBus(['bounce']);
    expect((await outcome('ann@example.org', 'soft-bounce')).status).toBe(204);
    await send('ann@example.org');
    await small.cloud.clock.advance(5000);
    expect(events).toMatchObject([{ detail: { bounce: { bounceType: 'Transient', bounceSubType: 'MailboxFull' } } }]);
    expect(await (await fetch(`${small.cloud.url}/_launchway/inbox`)).text()).toContain('soft-bounce: ann@example.org');
    await outcome('ann@example.org', 'deliver');
    await send('ann@example.org');
    await small.cloud.clock.advance(5000);
    expect(events).toHaveLength(1);
  });

  it('is not asked nonsense', async () => {
    expect((await outcome('ann', 'bounce')).status).toBe(400);
    expect((await outcome('ann@example.org', 'explode')).status).toBe(400);
  });
});

describe('event destinations', () => {
  it('get only what they match, and nothing while they are off', async () => {
    await toBus(['complaint']);
    await send('bounce@simulator.amazonses.com');
    await small.cloud.clock.advance(5000);
    expect(events).toEqual([]);
  });

  it('get what a stopped cloud still owed them', async () => {
    await toBus(['bounce']);
    await send('bounce@simulator.amazonses.com');
    await small.restart();
    listen();
    await small.cloud.clock.advance(5000);
    expect(said()).toEqual(['Email Bounced']);
  });

  it('may be a topic, whose policy lets SES in', async () => {
    const topic = await small.create('AWS::SNS::Topic', { TopicName: 'bounces' }, 'Topic');
    const queue = await small.create('AWS::SQS::Queue', { QueueName: 'bounces' }, 'Queue');
    const policy = (service: string, action: string, resource: string) => ({
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: action, Resource: resource }],
    });
    await small.create(
      'AWS::SNS::TopicPolicy',
      { Topics: [topic.ref], PolicyDocument: policy('ses.amazonaws.com', 'sns:Publish', topic.ref) },
      'TopicPolicy',
    );
    await small.create(
      'AWS::SQS::QueuePolicy',
      {
        Queues: [queue.ref],
        PolicyDocument: policy('sns.amazonaws.com', 'sqs:SendMessage', queue.attributes.Arn!),
      },
      'QueuePolicy',
    );
    await small.create(
      'AWS::SNS::Subscription',
      { TopicArn: topic.ref, Protocol: 'sqs', Endpoint: queue.attributes.Arn, RawMessageDelivery: true },
      'Subscription',
    );
    await small.create('AWS::SES::ConfigurationSetEventDestination', {
      ConfigurationSetName: 'mails',
      EventDestination: {
        Name: 'topic',
        Enabled: true,
        MatchingEventTypes: ['BOUNCE'],
        SnsDestination: { TopicARN: topic.ref },
      },
    });
    await send('bounce@simulator.amazonses.com');
    await small.cloud.clock.advance(5000);
    const { Messages } = await small.call('sqs', 'ReceiveMessage', { QueueUrl: queue.ref });
    expect(JSON.parse(Messages[0].Body)).toMatchObject({ eventType: 'Bounce' });
  });

  it('are made and shown by the API too', async () => {
    await ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName: 'other' }));
    const create = (name: string, destination: object) =>
      ses.send(
        new CreateConfigurationSetEventDestinationCommand({
          ConfigurationSetName: 'other',
          EventDestinationName: name,
          EventDestination: { Enabled: true, MatchingEventTypes: ['BOUNCE'], ...destination },
        }),
      );
    const SnsDestination = { TopicArn: 'arn:aws:sns:eu-west-1:000000000000:t' };
    await create('mine', { SnsDestination });
    await expect(create('mine', { SnsDestination })).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    await expect(
      create('far', { KinesisFirehoseDestination: { IamRoleArn: 'a', DeliveryStreamArn: 'b' } }),
    ).rejects.toThrow('NotImplemented: ses:EventDestination KinesisFirehoseDestination');
    const shown = await ses.send(new GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName: 'other' }));
    expect(shown.EventDestinations).toEqual([
      { Name: 'mine', Enabled: true, MatchingEventTypes: ['BOUNCE'], SnsDestination },
    ]);
  });
});
