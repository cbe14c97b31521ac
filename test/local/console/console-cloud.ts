import { SmallCloud } from '../support/small-cloud.ts';

/** A state name that would be markup, if it were written as it is. */
export const HOSTILE = '<img src=x onerror=alert(1)>';

const START = 'arn:aws:states:::states:startExecution.sync:2';

const INNER = {
  QueryLanguage: 'JSONata',
  StartAt: 'Measure',
  States: { Measure: { Type: 'Pass', Output: { rows: 120 }, Next: 'Done' }, Done: { Type: 'Succeed' } },
};

const FAILING = {
  QueryLanguage: 'JSONata',
  StartAt: 'Measure data',
  States: {
    'Measure data': {
      Type: 'Task',
      Resource: START,
      Arguments: { StateMachineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:measure', Input: {} },
      Next: 'Check models',
    },
    'Check models': {
      Type: 'Map',
      Items: ['lin', 'tree', 'gbm'],
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Is it good?',
        States: {
          'Is it good?': {
            Type: 'Choice',
            Choices: [{ Condition: "{% $states.input = 'tree' %}", Next: 'Too large' }],
            Default: 'Fine',
          },
          'Too large': { Type: 'Pass', End: true },
          Fine: { Type: 'Pass', End: true },
        },
      },
      Next: 'Deploy',
    },
    Deploy: {
      Type: 'Task',
      Resource: START,
      Arguments: { StateMachineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:none', Input: {} },
      Catch: [{ ErrorEquals: ['States.ALL'], Next: HOSTILE }],
      Next: 'Released',
    },
    [HOSTILE]: { Type: 'Pass', Next: 'Refused' },
    Refused: { Type: 'Fail', Error: 'Refused', Cause: 'the endpoint <b>said</b> no' },
    Released: { Type: 'Succeed' },
  },
};

const WAITING = {
  QueryLanguage: 'JSONata',
  StartAt: 'Try',
  States: {
    Try: { Type: 'Pass', Next: 'Wait' },
    Wait: { Type: 'Wait', Seconds: 3600, Next: 'Enough?' },
    'Enough?': { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }], Default: 'Try' },
    End: { Type: 'Succeed' },
  },
};

/** A cloud in which one execution failed, one succeeded inside it, and one waits; with something on every page. */
export async function consoleCloud(): Promise<SmallCloud> {
  const small = await SmallCloud.start();
  const roleArn = await small.role('machine', 'states.amazonaws.com', [['*', '*']]);
  const machines = Object.entries({ measure: INNER, release: FAILING, watch: WAITING });
  for (const [name, definition] of machines) {
    await small.call('states', 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(definition) });
  }
  const stateMachine = 'arn:aws:states:eu-west-1:000000000000:stateMachine';
  await small.call('states', 'StartExecution', { stateMachineArn: `${stateMachine}:release`, name: 'flights-3' });
  await small.cloud.idle();
  await small.call('states', 'StartExecution', { stateMachineArn: `${stateMachine}:watch`, name: 'watch-1' });
  await small.call('s3', 'CreateBucket', { Bucket: 'uploads' });
  const Body = Buffer.from('carrier,delay\nAA,<script>alert(1)</script>\n');
  await small.call('s3', 'PutObject', { Bucket: 'uploads', Key: 'flights/<b>january</b>.csv', Body });
  await small.call('s3', 'PutObject', { Bucket: 'uploads', Key: 'binary', Body: Buffer.from([0, 1, 255]) });
  await small.call('dynamodb', 'CreateTable', {
    TableName: 'releases',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  for (const pk of ['model<1>', 'other']) {
    const Item = { pk: { S: pk }, sk: { S: 'v1' }, rows: { N: '12' }, note: { S: '"</pre>' } };
    await small.call('dynamodb', 'PutItem', { TableName: 'releases', Item });
  }
  const { QueueUrl } = await small.call('sqs', 'CreateQueue', { QueueName: 'dead' });
  await small.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'one' });
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:dead',
    maxReceiveCount: 3,
  });
  await small.call('sqs', 'CreateQueue', { QueueName: 'uploaded', Attributes: { RedrivePolicy } });
  await small.call('ses', 'CreateEmailIdentity', { EmailIdentity: 'a@example.org' });
  await small.call('ses', 'SendEmail', {
    FromEmailAddress: 'a@example.org',
    Destination: { ToAddresses: ['b@example.org'] },
    Content: { Simple: { Subject: { Data: 'Approve <i>flights</i>' }, Body: { Text: { Data: 'yes?' } } } },
  });
  return small;
}

export const executionPath = (machine: string, name: string): string =>
  `/_launchway/executions?arn=${encodeURIComponent(`arn:aws:states:eu-west-1:000000000000:execution:${machine}:${name}`)}`;
