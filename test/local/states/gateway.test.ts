import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let sfn: SFNClient;
let roleArn: string;

beforeEach(async () => {
  small = await SmallCloud.start();
  sfn = new SFNClient(small.client);
  const role = await small.create('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } }],
    },
    Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } }],
  });
  roleArn = role.attributes.Arn!;
});

afterEach(() => small.stop());

const until = async (executionArn: string, status: string) => {
  for (;;) {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (described.status === status) return described;
    await small.cloud.clock.advance(1000);
  }
};

describe('Step Functions over HTTP', () => {
  it('runs a machine that calls a function through another machine, and logs without data', async () => {
    const fn = await small.function('double', 'export const handler = async ({ n }) => ({ n: n + n });');
    await small.create('AWS::Logs::LogGroup', { LogGroupName: '/machines' }, 'Logs');
    const child = await small.create(
      'AWS::StepFunctions::StateMachine',
      {
        StateMachineName: 'child',
        RoleArn: roleArn,
        DefinitionString: JSON.stringify({
          QueryLanguage: 'JSONata',
          StartAt: 'Double',
          States: {
            Double: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke',
              // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of DefinitionSubstitutions
              Arguments: { FunctionName: '${DoubleArn}', Payload: '{% $states.input %}' },
              Output: '{% $states.result.Payload %}',
              End: true,
            },
          },
        }),
        DefinitionSubstitutions: { DoubleArn: fn.attributes.Arn },
        LoggingConfiguration: {
          Level: 'ALL',
          IncludeExecutionData: false,
          Destinations: [
            { CloudWatchLogsLogGroup: { LogGroupArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:/machines:*' } },
          ],
        },
      },
      'Child',
    );
    expect(child.attributes).toMatchObject({ Arn: child.ref, Name: 'child' });
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name: 'parent',
        roleArn,
        definition: JSON.stringify({
          QueryLanguage: 'JSONata',
          StartAt: 'Run Child',
          States: {
            'Run Child': {
              Type: 'Task',
              Resource: 'arn:aws:states:::states:startExecution.sync:2',
              Arguments: { StateMachineArn: child.ref, Input: '{% $states.input %}' },
              Output: '{% $states.result.Output %}',
              End: true,
            },
          },
        }),
      }),
    );
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"n":"canary"}' }));
    const { output } = await until(executionArn!, 'SUCCEEDED');
    expect(JSON.parse(output!)).toEqual({ n: 'canarycanary' });
    const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: child.ref }));
    expect(executions).toHaveLength(1);
    await small.cloud.idle();
    const { events } = await small.call('logs', 'FilterLogEvents', { logGroupName: '/machines' });
    const lines = events.map(({ message }: { message: string }) => message).join('\n');
    expect(lines).toContain('"type":"TaskScheduled"');
    expect(lines).not.toContain('canary');
    expect(small.reports).toEqual([]);
  });

  it('gives dates and tokens as an SDK expects them', async () => {
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name: 'ask',
        roleArn,
        definition: JSON.stringify({
          QueryLanguage: 'JSONata',
          StartAt: 'Ask',
          States: {
            Ask: {
              Type: 'Task',
              Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
              Arguments: {
                QueueUrl: '{% $states.input.queue %}',
                MessageBody: { token: '{% $states.context.Task.Token %}' },
              },
              End: true,
            },
          },
        }),
      }),
    );
    const queue = await small.create('AWS::SQS::Queue', { QueueName: 'asked' }, 'Queue');
    const input = JSON.stringify({ queue: queue.ref });
    const { executionArn, startDate } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    expect(startDate).toBeInstanceOf(Date);
    await small.cloud.idle();
    const { Messages } = await small.call('sqs', 'ReceiveMessage', { QueueUrl: queue.ref });
    const { token } = JSON.parse(Messages[0].Body);
    await sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"yes":true}' }));
    expect((await until(executionArn!, 'SUCCEEDED')).output).toBe('{"yes":true}');
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events!.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(events![0]).toMatchObject({ type: 'ExecutionStarted', executionStartedEventDetails: { roleArn } });
  });
});
