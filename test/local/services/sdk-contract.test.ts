import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  InvalidCiphertextException,
  KMSClient,
  KMSInvalidMacException,
  ListKeysCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
beforeAll(async () => {
  small = await SmallCloud.start();
});
afterAll(() => small.stop());

describe("DynamoDB's document client", () => {
  it('reads what it wrote, binary included, and gets typed errors', async () => {
    const table = await small.create('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    const client = new DynamoDBClient(small.client);
    const database = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
    const TableName = table.ref;
    const Item = {
      pk: 'a',
      n: 1,
      tags: new Set(['x']),
      bytes: new Uint8Array([1, 2, 3]),
      deep: { list: [1, 'b', null] },
    };
    await database.put({ TableName, Item });
    expect((await database.get({ TableName, Key: { pk: 'a' } })).Item).toEqual(Item);

    const refused = database.put({
      TableName,
      Item,
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(refused).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await expect(refused).rejects.toMatchObject({ Item: { n: { N: '1' } } });

    const transaction = database.transactWrite({
      TransactItems: [
        { Put: { TableName, Item: { pk: 'b' } } },
        {
          ConditionCheck: {
            TableName,
            Key: { pk: 'a' },
            ConditionExpression: 'n > :n',
            ExpressionAttributeValues: { ':n': 5 },
          },
        },
      ],
    });
    await expect(transaction).rejects.toBeInstanceOf(TransactionCanceledException);
    await expect(transaction).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    client.destroy();
  });
});

describe('the local cloud itself', () => {
  it('tells who was refused what', async () => {
    const role = await small.create('AWS::IAM::Role', {
      RoleName: 'worker',
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
    });
    const principal = await small.cloud.assume(role.attributes.Arn!, 's', 'lambda.amazonaws.com');
    const { accessKeyId, secretAccessKey, sessionToken } = small.cloud.credentialsFor(principal);
    const credentials = { accessKeyId, secretAccessKey, sessionToken };
    const kms = new KMSClient({ ...small.client, credentials });
    await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    kms.destroy();
    const denials = await (await fetch(`${small.cloud.url}/_launchway/denials`)).json();
    expect(denials).toMatchObject([
      { who: 'worker', action: 'kms:ListKeys', resource: '*', statement: { Effect: 'Allow', Action: 'kms:ListKeys' } },
    ]);
    expect(small.reports).toContain(
      'denied: role worker may not kms:ListKeys on *; add to its policy: {"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}',
    );
    expect(await (await fetch(`${small.cloud.url}/_launchway/outputs`)).json()).toEqual({});
  });
});

describe("KMS's client", () => {
  it('encrypts and signs, and gets typed errors', async () => {
    const kms = new KMSClient(small.client);
    const { ref: KeyId } = await small.create('AWS::KMS::Key', {}, 'Symmetric');
    const EncryptionContext = { team: 'a' };
    const Plaintext = new TextEncoder().encode('secret');
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(new TextDecoder().decode(opened.Plaintext)).toBe('secret');
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toBeInstanceOf(InvalidCiphertextException);
    const described = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata?.CreationDate).toBeInstanceOf(Date);

    const hmac = await small.create('AWS::KMS::Key', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }, 'Hmac');
    const message = { KeyId: hmac.ref, MacAlgorithm: 'HMAC_SHA_256', Message: Plaintext } as const;
    const { Mac } = await kms.send(new GenerateMacCommand(message));
    expect((await kms.send(new VerifyMacCommand({ ...message, Mac }))).MacValid).toBe(true);
    const other = new Uint8Array(Mac!.length);
    await expect(kms.send(new VerifyMacCommand({ ...message, Mac: other }))).rejects.toBeInstanceOf(
      KMSInvalidMacException,
    );
    kms.destroy();
  });
});

describe("CloudWatch's clients", () => {
  it('write metrics and lines and read them back', async () => {
    const cloudWatch = new CloudWatchClient(small.client);
    const Timestamp = new Date(Math.floor(small.cloud.clock.now() / 60_000) * 60_000);
    const metric = { Namespace: 'Launchway', MetricName: 'psi' };
    await cloudWatch.send(
      new PutMetricDataCommand({ Namespace: 'Launchway', MetricData: [{ MetricName: 'psi', Value: 0.25, Timestamp }] }),
    );
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ Id: 'psi', MetricStat: { Metric: metric, Period: 60, Stat: 'Average' } }],
        StartTime: Timestamp,
        EndTime: new Date(Timestamp.getTime() + 60_000),
      }),
    );
    expect(MetricDataResults).toMatchObject([{ Id: 'psi', Values: [0.25], Timestamps: [Timestamp] }]);
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...metric,
        AlarmName: 'drifted',
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0.2,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['drifted'] }));
    expect(MetricAlarms).toMatchObject([{ StateValue: 'INSUFFICIENT_DATA', Threshold: 0.2 }]);
    cloudWatch.destroy();
  });

  it('read log lines', async () => {
    const logs = new CloudWatchLogsClient(small.client);
    const group = { logGroupName: '/aws/sagemaker/TrainingJobs' };
    const stream = { ...group, logStreamName: 'job/algo-1' };
    await logs.send(new CreateLogGroupCommand(group));
    await logs.send(new CreateLogStreamCommand(stream));
    const logEvents = [{ timestamp: small.cloud.clock.now(), message: 'epoch 1' }];
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    const { events } = await logs.send(new FilterLogEventsCommand({ ...group, filterPattern: 'epoch' }));
    expect(events).toMatchObject([{ logStreamName: 'job/algo-1', message: 'epoch 1' }]);
    logs.destroy();
  });
});
