import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000';
const HOUR = 3_600_000;
let small: SmallCloud;
let scheduler: SchedulerClient;
let RoleArn: string;

beforeEach(async () => {
  small = await SmallCloud.start();
  scheduler = new SchedulerClient(small.client);
  for (const QueueName of ['ticks', 'dead']) await small.create('AWS::SQS::Queue', { QueueName }, QueueName);
  RoleArn = await small.role('schedule', 'scheduler.amazonaws.com', [['sqs:SendMessage', `${ARN}:*`]]);
});

afterEach(async () => {
  scheduler.destroy();
  await small.stop();
});

const input = (
  ScheduleExpression: string,
  more: Partial<CreateScheduleCommandInput> = {},
): CreateScheduleCommandInput => ({
  Name: 'tick',
  ScheduleExpression,
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: `${ARN}:ticks`, RoleArn, Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
  ...more,
});
const create = (...given: Parameters<typeof input>) => scheduler.send(new CreateScheduleCommand(input(...given)));

const received = async (queue: string) => {
  const all: { Body: string; MessageAttributes?: Record<string, { StringValue: string }> }[] = [];
  for (;;) {
    const { Messages } = await small.call('sqs', 'ReceiveMessage', {
      QueueUrl: `${small.cloud.url}/000000000000/${queue}`,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 43_200,
      MessageAttributeNames: ['All'],
    });
    if (!Messages) return all;
    all.push(...Messages);
  }
};
const ticks = async (): Promise<string[]> => (await received('ticks')).map(({ Body }) => JSON.parse(Body).at);

describe('a schedule', () => {
  it('calls its target at every occurrence, each with its own scheduled time', async () => {
    await create('cron(15 * * * ? *)');
    await small.cloud.clock.advance(3 * HOUR);
    const times = await ticks();
    expect(times).toHaveLength(3);
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:15:00Z$/);
    expect(new Set(times).size).toBe(3);
  });

  it('starts a rate within a minute and goes on at its interval', async () => {
    await create('rate(1 hour)');
    await small.cloud.clock.advance(60_000);
    expect(await ticks()).toHaveLength(1);
    await small.cloud.clock.advance(2 * HOUR);
    expect(await ticks()).toHaveLength(2);
  });

  it('happens once at a local time, and is gone where asked to', async () => {
    const today = small.cloud.clock.date();
    const year = today.getUTCFullYear() + 1;
    await create(`at(${year}-07-01T09:00:00)`, {
      ScheduleExpressionTimezone: 'Europe/Berlin',
      ActionAfterCompletion: 'DELETE',
    });
    await small.cloud.clock.advance(Date.UTC(year, 6, 2) - small.cloud.clock.now());
    expect(await ticks()).toEqual([`${year}-07-01T07:00:00Z`]);
    await expect(scheduler.send(new GetScheduleCommand({ Name: 'tick' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('ends at its end date', async () => {
    await create('rate(1 hour)', { EndDate: new Date(small.cloud.clock.now() + 90 * 60_000) });
    await small.cloud.clock.advance(10 * HOUR);
    expect(await ticks()).toHaveLength(2);
  });

  it('rests while it is disabled', async () => {
    await create('rate(1 hour)');
    await scheduler.send(new UpdateScheduleCommand({ ...input('rate(1 hour)'), State: 'DISABLED' }));
    await small.cloud.clock.advance(5 * HOUR);
    expect(await ticks()).toEqual([]);
    expect(await scheduler.send(new GetScheduleCommand({ Name: 'tick' }))).toMatchObject({
      State: 'DISABLED',
      CreationDate: expect.any(Date),
      Target: { RoleArn },
    });
  });

  it('goes on after a restart, and makes up for what it missed', async () => {
    await create('rate(1 hour)');
    await small.cloud.clock.advance(60_000);
    await ticks();
    small.cloud.store.put('clock', 'offset', small.cloud.clock.offset + 3 * HOUR);
    await small.restart();
    await small.cloud.clock.advance(0);
    expect(await ticks()).toHaveLength(3);
  });

  it('leaves what its target refuses in the dead-letter queue, with the reason', async () => {
    await create('rate(1 hour)', {
      Target: { Arn: `${ARN}:nowhere`, RoleArn, Input: '{}', DeadLetterConfig: { Arn: `${ARN}:dead` } },
    });
    await small.cloud.clock.advance(60_000);
    const [dead] = await received('dead');
    expect(dead).toMatchObject({
      Body: '{}',
      MessageAttributes: {
        ERROR_CODE: { StringValue: 'QueueDoesNotExist' },
        TARGET_ARN: { StringValue: `${ARN}:nowhere` },
      },
    });
  });

  it('calls a function', async () => {
    await small.create('AWS::SQS::Queue', { QueueName: 'failures' }, 'Failures');
    const target = await small.function(
      'sweep',
      `export const handler = async ({ hour }) => { if (hour !== 'x') throw new Error(); };`,
      {
        properties: { DeadLetterConfig: { TargetArn: `${ARN}:dead` } },
        allow: [['sqs:SendMessage', `${ARN}:dead`]],
      },
    );
    const role = await small.role('invoke', 'scheduler.amazonaws.com', [
      ['lambda:InvokeFunction', target.attributes.Arn!],
    ]);
    await create('rate(1 hour)', { Target: { Arn: target.attributes.Arn, RoleArn: role, Input: '{"hour":"x"}' } });
    await small.cloud.clock.advance(HOUR);
    expect(await received('dead')).toEqual([]);
    expect(small.reports.filter((line) => !line.includes('logs:'))).toEqual([]);
  });
});

describe('creating a schedule', () => {
  it('takes a window of up to a day, at whose start it happens', async () => {
    const window = (FlexibleTimeWindow: object) =>
      create('cron(15 * * * ? *)', { FlexibleTimeWindow: FlexibleTimeWindow as never });
    const refused = { name: 'ValidationException' };
    await expect(window({ Mode: 'FLEXIBLE' })).rejects.toMatchObject(refused);
    await expect(window({ Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1441 })).rejects.toMatchObject(refused);
    await expect(window({ Mode: 'OFF', MaximumWindowInMinutes: 5 })).rejects.toMatchObject(refused);
    await window({ Mode: 'FLEXIBLE', MaximumWindowInMinutes: 30 });
    await small.cloud.clock.advance(HOUR);
    expect(await ticks()).toEqual([expect.stringMatching(/:15:00Z$/)]);
  });

  it('is refused for a time zone or a date that there is not, disabled or not', async () => {
    const refused = { name: 'ValidationException' };
    await expect(create('cron(15 * * * ? *)', { ScheduleExpressionTimezone: 'Mars/Olympus' })).rejects.toMatchObject(
      refused,
    );
    await expect(create('at(2030-02-30T09:00:00)', { State: 'DISABLED' })).rejects.toMatchObject(refused);
  });

  it('answers a conflict where the name is taken in its group', async () => {
    await small.create('AWS::Scheduler::ScheduleGroup', { Name: 'models' });
    await create('rate(1 hour)');
    await create('rate(1 hour)', { GroupName: 'models' });
    await expect(create('rate(1 hour)')).rejects.toBeInstanceOf(ConflictException);
  });

  it('is refused for a role that does not trust the scheduler', async () => {
    const other = await small.role('other', 'lambda.amazonaws.com', []);
    await expect(create('rate(1 hour)', { Target: { Arn: `${ARN}:ticks`, RoleArn: other } })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('needs permission to pass the role', async () => {
    const role = await small.role('workflow', 'states.amazonaws.com', [['scheduler:CreateSchedule', '*']]);
    const workflow = await small.cloud.assume(role, 'x', 'states.amazonaws.com');
    await expect(small.call('scheduler', 'CreateSchedule', input('rate(1 hour)'), workflow)).rejects.toMatchObject({
      message: expect.stringContaining('iam:PassRole'),
    });
  });

  it.each(['rate(0 minutes)', 'cron(* * * * * *)', 'cron(99 * * * ? *)', 'at(tomorrow)', 'every hour'])(
    'is refused for %s',
    async (expression) => {
      await expect(create(expression)).rejects.toMatchObject({ name: 'ValidationException' });
    },
  );
});

describe('a schedule is refused', () => {
  const target = (more: object) => ({ Target: { Arn: `${ARN}:ticks`, RoleArn, ...more } });
  const lambda = 'arn:aws:lambda:eu-west-1:000000000000:function:f';
  it.each([
    [() => target({ Arn: 'ticks' }), 'Provided Arn is not in correct format.'],
    [() => target({ Arn: lambda, Input: 'text' }), 'expected Target Input to be JSON, got text'],
    [
      () => target({ RetryPolicy: { MaximumRetryAttempts: 186 } }),
      "at 'target.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185",
    ],
    [
      () => target({ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }),
      'Member must have value greater than or equal to 60',
    ],
    [
      () => ({ StartDate: new Date('2030-01-02'), EndDate: new Date('2030-01-01') }),
      'expected EndDate to be after StartDate',
    ],
  ])('%s', async (more, message) => {
    await expect(create('rate(1 hour)', more())).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  it('where it exists, unless the request is the same by its token', async () => {
    const ClientToken = 'once';
    const first = await create('rate(1 hour)', { ClientToken });
    expect((await create('rate(1 hour)', { ClientToken })).ScheduleArn).toBe(first.ScheduleArn);
    await expect(create('rate(1 hour)', { ClientToken: 'other' })).rejects.toBeInstanceOf(ConflictException);
  });
});
