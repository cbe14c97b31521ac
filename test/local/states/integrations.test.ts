import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let roleArn: string;
let machines = 0;

beforeEach(async () => {
  small = await SmallCloud.start();
  const role = await small.create('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: ['states.amazonaws.com', 'scheduler.amazonaws.com'] },
        },
      ],
    },
    Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } }],
  });
  roleArn = role.attributes.Arn!;
});

afterEach(() => small.stop());

/** Runs tasks one after the other; the last one's result, or how it failed. */
async function run(...tasks: [resource: string, args: object][]): Promise<any> {
  const names = tasks.map((_, i) => `T${i}`);
  const states = tasks.map(([resource, Arguments], i) => [
    names[i],
    {
      Type: 'Task',
      Resource: `arn:aws:states:::${resource}`,
      Arguments,
      ...(i + 1 < tasks.length ? { Next: names[i + 1] } : { End: true }),
    },
  ]);
  const { stateMachineArn } = await small.call('states', 'CreateStateMachine', {
    name: `m${machines++}`,
    roleArn,
    definition: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'T0', States: Object.fromEntries(states) }),
  });
  const { executionArn } = await small.call('states', 'StartExecution', { stateMachineArn });
  await small.cloud.idle();
  const { status, output, error, cause } = await small.call('states', 'DescribeExecution', { executionArn });
  return { status, error, cause, ...(output && { output: JSON.parse(output) }) };
}

describe('tasks that call other services', () => {
  it('say where an error comes from as the version of the SDK does that makes the call', async () => {
    const optimized = await run(['lambda:invoke', { FunctionName: 'none', Payload: {} }]);
    expect(optimized).toMatchObject({ error: 'Lambda.ResourceNotFoundException' });
    expect(optimized.cause).toMatch(
      /^Function not found: arn:aws:lambda:eu-west-1:000000000000:function:none \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
    );
    const sdk = await run(['aws-sdk:lambda:invoke', { FunctionName: 'none' }]);
    expect(sdk).toMatchObject({ error: 'Lambda.ResourceNotFoundException' });
    expect(sdk.cause).toMatch(
      /^Function not found: .* \(Service: Lambda, Status Code: 404, Request ID: [0-9a-f-]{36}\)$/,
    );
  });

  it('write and read DynamoDB, and name its errors', async () => {
    await small.create('AWS::DynamoDB::GlobalTable', {
      TableName: 'table',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [{ Region: 'eu-west-1' }],
    });
    const put = { TableName: 'table', Item: { pk: { S: 'a' }, n: { N: '1' } } };
    const got = await run(
      ['dynamodb:putItem', put],
      ['dynamodb:getItem', { TableName: 'table', Key: { pk: { S: 'a' } } }],
    );
    expect(got.output.Item).toEqual({ pk: { S: 'a' }, n: { N: '1' } });
    const once = { ...put, ConditionExpression: 'attribute_not_exists(pk)' };
    expect(await run(['dynamodb:putItem', once])).toMatchObject({ error: 'DynamoDB.ConditionalCheckFailedException' });
    expect(await run(['aws-sdk:dynamodb:putItem', once])).toMatchObject({
      error: 'DynamoDb.ConditionalCheckFailedException',
    });
    expect(await run(['aws-sdk:dynamodb:putItem', { ...put, Item: {} }])).toMatchObject({
      error: 'DynamoDb.DynamoDbException',
    });
  });

  it('read and write S3', async () => {
    await small.call('s3', 'CreateBucket', { Bucket: 'data' });
    const got = await run(
      ['aws-sdk:s3:putObject', { Bucket: 'data', Key: 'k', Body: { a: 1 } }],
      ['aws-sdk:s3:getObject', { Bucket: 'data', Key: 'k' }],
    );
    expect(got.output).toMatchObject({ Body: '{"a":1}', ContentLength: 7 });
    expect(got.output.LastModified).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
    expect(await run(['aws-sdk:s3:getObject', { Bucket: 'data', Key: 'none' }])).toMatchObject({
      error: 'S3.NoSuchKeyException',
    });
    expect(await run(['aws-sdk:s3:getObject', { Bucket: 'none', Key: 'k' }])).toMatchObject({
      error: 'S3.NoSuchBucketException',
    });
  });

  it('create schedules', async () => {
    const queue = await small.create('AWS::SQS::Queue', { QueueName: 'q' }, 'Queue');
    const schedule = {
      Name: 's',
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: queue.attributes.Arn, RoleArn: roleArn, Input: '{}' },
    };
    const create = 'aws-sdk:scheduler:createSchedule';
    expect(await run([create, schedule])).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run([create, schedule])).toMatchObject({ error: 'Scheduler.ConflictException' });
    expect(await run([create, { ...schedule, Name: 't', ScheduleExpression: 'sometimes' }])).toMatchObject({
      error: 'Scheduler.ValidationException',
    });
    expect(await run(['aws-sdk:scheduler:getSchedule', { Name: 'none' }])).toMatchObject({
      error: 'Scheduler.ResourceNotFoundException',
    });
  });

  it('describe what SageMaker has, and name its errors as each integration does', async () => {
    const missing = { EndpointName: 'none' };
    expect(await run(['aws-sdk:sagemaker:describeEndpoint', missing])).toMatchObject({
      error: 'SageMaker.SageMakerException',
    });
    const config = { EndpointName: 'e', EndpointConfigName: 'none' };
    expect(await run(['sagemaker:createEndpoint', config])).toMatchObject({
      error: 'SageMaker.AmazonSageMakerException',
    });
  });

  it('send messages, publish and put events', async () => {
    const queue = await small.create('AWS::SQS::Queue', { QueueName: 'q' }, 'Queue');
    const topic = await small.create('AWS::SNS::Topic', { TopicName: 't' }, 'Topic');
    const sent = await run(['sqs:sendMessage', { QueueUrl: queue.ref, MessageBody: { a: 1 } }]);
    expect(sent.output.MessageId).toEqual(expect.any(String));
    const published = await run(['sns:publish', { TopicArn: topic.ref, Message: { a: 1 } }]);
    expect(published.output.MessageId).toEqual(expect.any(String));
    const entry = { Source: 'test', DetailType: 'Test', Detail: { a: 1 }, EventBusName: 'default' };
    expect(await run(['events:putEvents', { Entries: [entry] }])).toMatchObject({
      status: 'SUCCEEDED',
      output: { FailedEntryCount: 0 },
    });
  });

  it('call Step Functions itself with PascalCase members', async () => {
    const { output } = await run(['aws-sdk:sfn:listStateMachines', { MaxResults: 1 }]);
    expect(output.StateMachines[0]).toMatchObject({ Type: 'STANDARD', CreationDate: expect.stringMatching(/Z$/) });
    const none = { StateMachineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:none' };
    expect(await run(['aws-sdk:sfn:describeStateMachine', none])).toMatchObject({
      error: 'Sfn.StateMachineDoesNotExistException',
    });
    expect(await run(['states:startExecution', none])).toMatchObject({
      error: 'StepFunctions.StateMachineDoesNotExistException',
    });
  });
});
