import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000';
let small: SmallCloud;

beforeEach(async () => {
  small = await SmallCloud.start();
  for (const QueueName of ['seen', 'dead']) {
    const { ref } = await small.create('AWS::SQS::Queue', { QueueName }, QueueName);
    await small.create('AWS::SQS::QueuePolicy', {
      Queues: [ref],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: `${ARN}:${QueueName}`,
          },
        ],
      },
    });
  }
});

afterEach(() => small.stop());

const rule = (properties: object, target: object = {}) =>
  small.create('AWS::Events::Rule', {
    Name: 'watch',
    Targets: [{ Id: 'a', Arn: `${ARN}:seen`, ...target }],
    ...properties,
  });
const put = (Source: string, detail: object) =>
  small.call('events', 'PutEvents', {
    Entries: [{ Source, DetailType: 'Model Deployed', Detail: JSON.stringify(detail) }],
  });
const received = async (queue = 'seen') => {
  await small.cloud.idle();
  const input = {
    QueueUrl: `${small.cloud.url}/000000000000/${queue}`,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 43_200,
    MessageAttributeNames: ['All'],
  };
  return ((await small.call('sqs', 'ReceiveMessage', input)).Messages ?? []) as {
    Body: string;
    MessageAttributes: Record<string, { StringValue: string }>;
  }[];
};
const bodies = async () => (await received()).map(({ Body }) => JSON.parse(Body));

describe('a rule on events', () => {
  it('hands on what fits its pattern, whole', async () => {
    await rule({ EventPattern: { source: ['launchway'], detail: { model: [{ prefix: 'fl' }] } } });
    await put('launchway', { model: 'flights' });
    await put('launchway', { model: 'trains' });
    expect(await bodies()).toMatchObject([
      {
        version: '0',
        source: 'launchway',
        'detail-type': 'Model Deployed',
        region: 'eu-west-1',
        detail: { model: 'flights' },
      },
    ]);
  });

  it('sees the events of services', async () => {
    await rule({ EventPattern: { source: ['aws.sagemaker'] } });
    small.cloud.publish({ source: 'aws.sagemaker', 'detail-type': 'x', resources: [], detail: { status: 'Failed' } });
    expect(await bodies()).toMatchObject([{ source: 'aws.sagemaker', detail: { status: 'Failed' } }]);
  });

  it('fills a template, as text within quotes and as JSON elsewhere', async () => {
    await rule(
      { EventPattern: { source: ['launchway'] } },
      {
        InputTransformer: {
          InputPathsMap: { model: '$.detail.model', all: '$.detail' },
          InputTemplate: '{"text": "Model <model> by <aws.events.rule-name>", "model": <model>, "all": <all>}',
        },
      },
    );
    await put('launchway', { model: 'a "quoted" one' });
    expect(await bodies()).toEqual([
      { text: 'Model a "quoted" one by watch', model: 'a "quoted" one', all: { model: 'a "quoted" one' } },
    ]);
  });

  it('leaves what its target refuses in the dead-letter queue, with the reason', async () => {
    await rule(
      { EventPattern: { source: ['launchway'] } },
      { Arn: `${ARN}:gone`, DeadLetterConfig: { Arn: `${ARN}:dead` } },
    );
    await put('launchway', {});
    expect(await received('dead')).toMatchObject([
      {
        MessageAttributes: {
          TARGET_ARN: { StringValue: `${ARN}:gone` },
          RULE_ARN: { StringValue: expect.stringContaining('rule/watch') },
        },
      },
    ]);
  });

  it('keeps what is on its way over a restart', async () => {
    await rule({ EventPattern: { source: ['launchway'] } });
    small.cloud.store.put('events.deliveries', 'd', {
      id: 'd',
      ruleArn: 'arn:aws:events:eu-west-1:000000000000:rule/watch',
      target: { Id: 'a', Arn: `${ARN}:seen` },
      body: '"left behind"',
      since: small.cloud.clock.now(),
      dueAt: small.cloud.clock.now(),
      attempts: 0,
    });
    await small.restart();
    expect(await bodies()).toEqual(['left behind']);
  });

  it('refuses events in the name of AWS, and buses that do not exist', async () => {
    expect(await put('aws.sagemaker', {})).toMatchObject({ FailedEntryCount: 1 });
    await expect(
      small.call('events', 'PutEvents', {
        Entries: [{ Source: 's', DetailType: 'd', Detail: '{}', EventBusName: 'other' }],
      }),
    ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});

describe('a rule on the clock', () => {
  it('happens at its times', async () => {
    await rule({ ScheduleExpression: 'cron(0 8 * * ? *)' });
    await small.cloud.clock.advance(2 * 86_400_000);
    const events = await bodies();
    expect(events).toHaveLength(2);
    for (const event of events)
      expect(event).toMatchObject({ 'detail-type': 'Scheduled Event', time: expect.stringMatching(/T08:00:00Z$/) });
  });
});

describe("Step Functions' own rules", () => {
  it('need permission and deliver nothing', async () => {
    const name = 'StepFunctionsGetEventsForSageMakerTrainingJobsRule';
    const arn = `arn:aws:events:eu-west-1:000000000000:rule/${name}`;
    const role = await small.role('workflow', 'states.amazonaws.com', [
      [['events:PutRule', 'events:PutTargets', 'events:DescribeRule'], arn],
    ]);
    const workflow = await small.cloud.assume(role, 'x', 'states.amazonaws.com');
    const pattern = JSON.stringify({ source: ['aws.sagemaker'] });
    await small.call('events', 'PutRule', { Name: name, EventPattern: pattern }, workflow);
    await small.call('events', 'PutTargets', { Rule: name, Targets: [{ Id: 'a', Arn: `${ARN}:seen` }] }, workflow);
    expect(await small.call('events', 'DescribeRule', { Name: name }, workflow)).toMatchObject({ State: 'ENABLED' });
    await expect(
      small.call('events', 'PutRule', { Name: 'other', EventPattern: pattern }, workflow),
    ).rejects.toMatchObject({ status: 400 });
    small.cloud.publish({ source: 'aws.sagemaker', 'detail-type': 'x', resources: [], detail: {} });
    expect(await bodies()).toEqual([]);
  });
});

describe('EventBridge refuses', () => {
  it('entries by themselves: without a source, of AWS, with a detail that is no object', async () => {
    const entry = { Source: 'launchway', DetailType: 'Model Deployed', Detail: '{}' };
    const { FailedEntryCount, Entries } = await small.call('events', 'PutEvents', {
      Entries: [
        entry,
        { ...entry, Source: undefined },
        { ...entry, Detail: undefined },
        { ...entry, Source: 'aws.s3' },
        { ...entry, Detail: '"text"' },
        { ...entry, Detail: '{' },
      ],
    });
    expect(FailedEntryCount).toBe(5);
    expect(Entries.map(({ ErrorCode }: { ErrorCode?: string }) => ErrorCode)).toEqual([
      undefined,
      'InvalidArgument',
      'InvalidArgument',
      'NotAuthorizedForSource',
      'MalformedDetail',
      'MalformedDetail',
    ]);
    expect(Entries[1].ErrorMessage).toBe('Parameter Source is not valid. Reason: Source is a required argument.');
  });

  it('entries of more than 1 MB together', async () => {
    const Detail = JSON.stringify({ text: 'x'.repeat(600_000) });
    const entry = { Source: 'launchway', DetailType: 'Large', Detail };
    await small.call('events', 'PutEvents', { Entries: [entry] });
    await expect(small.call('events', 'PutEvents', { Entries: [entry, entry] })).rejects.toThrow(
      'Total size of the entries in the request is over the limit.',
    );
  });

  it('a sixth target, and an input that is no JSON', async () => {
    await rule({ EventPattern: { source: ['launchway'] } });
    const targets = (count: number, more: object = {}) =>
      small.call('events', 'PutTargets', {
        Rule: 'watch',
        Targets: Array.from({ length: count }, (_, index) => ({ Id: `t${index}`, Arn: `${ARN}:seen`, ...more })),
      });
    await targets(4);
    await targets(4);
    await expect(targets(5)).rejects.toMatchObject({ code: 'LimitExceededException' });
    await expect(targets(1, { Input: '{' })).rejects.toThrow('JSON syntax error in input for target t0.');
  });

  it.each(['rate(1 hours)', 'rate(2 hour)'])('%s', async (ScheduleExpression) => {
    await expect(small.call('events', 'PutRule', { Name: 'tick', ScheduleExpression })).rejects.toThrow(
      'Parameter ScheduleExpression is not valid',
    );
  });
});
