import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const run = promisify(execFile);
const installed = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'aws'))
  .find(existsSync);
if (!installed) console.warn('no AWS CLI is installed: its tests of each service are skipped');

/** Starting a Python for each call takes its time on a busy machine. */
const TIMEOUT_MS = 120_000;

const directory = mkdtempSync(join(tmpdir(), 'launchway-cli-services-'));
let small: SmallCloud;
let role: string;

async function aws(...args: string[]): Promise<any> {
  const { stdout } = await run(installed!, ['--endpoint-url', small.cloud.url, '--output', 'json', ...args], {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'alice',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_PAGER: '',
      AWS_MAX_ATTEMPTS: '1',
    },
  });
  return stdout.trim() === '' ? undefined : JSON.parse(stdout);
}

beforeAll(async () => {
  small = await SmallCloud.start();
  role = await small.role('worker', 'sagemaker.amazonaws.com', [['*', '*']]);
});
afterAll(async () => {
  await small.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A write and a read of each service, by the command of its documentation. */
const SERVICES: readonly [string, () => Promise<void>][] = [
  [
    'S3',
    async () => {
      const [sent, got] = [join(directory, 'sent'), join(directory, 'got')];
      writeFileSync(sent, 'a,b\n1,2\n');
      await aws('s3api', 'create-bucket', '--bucket', 'uploads');
      const { ETag } = await aws('s3api', 'put-object', '--bucket', 'uploads', '--key', 'a b.csv', '--body', sent);
      expect(await aws('s3api', 'get-object', '--bucket', 'uploads', '--key', 'a b.csv', got)).toMatchObject({ ETag });
      expect(readFileSync(got, 'utf8')).toBe('a,b\n1,2\n');
    },
  ],
  [
    'DynamoDB',
    async () => {
      await small.create('AWS::DynamoDB::Table', {
        TableName: 'models',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
      const Item = { pk: { S: 'a' }, n: { N: '1' } };
      await aws('dynamodb', 'put-item', '--table-name', 'models', '--item', JSON.stringify(Item));
      const key = JSON.stringify({ pk: Item.pk });
      expect(await aws('dynamodb', 'get-item', '--table-name', 'models', '--key', key)).toEqual({ Item });
    },
  ],
  [
    'SQS and SNS',
    async () => {
      const { QueueUrl } = await aws('sqs', 'create-queue', '--queue-name', 'alerts');
      await aws('sqs', 'send-message', '--queue-url', QueueUrl, '--message-body', 'drift');
      const { Messages } = await aws('sqs', 'receive-message', '--queue-url', QueueUrl);
      expect(Messages[0].Body).toBe('drift');
      const { TopicArn } = await aws('sns', 'create-topic', '--name', 'alerts');
      expect((await aws('sns', 'list-topics')).Topics).toEqual([{ TopicArn }]);
    },
  ],
  [
    'KMS',
    async () => {
      const { ref } = await small.create('AWS::KMS::Key', {});
      // Version 1 reads and writes files as bytes, version 2 base64 unless told otherwise.
      writeFileSync(join(directory, 'secret'), 'secret');
      const plaintext = `fileb://${join(directory, 'secret')}`;
      const { CiphertextBlob } = await aws('kms', 'encrypt', '--key-id', ref, '--plaintext', plaintext);
      writeFileSync(join(directory, 'sealed'), Buffer.from(CiphertextBlob, 'base64'));
      const { Plaintext } = await aws('kms', 'decrypt', '--ciphertext-blob', `fileb://${join(directory, 'sealed')}`);
      expect(Buffer.from(Plaintext, 'base64').toString()).toBe('secret');
    },
  ],
  [
    'Step Functions',
    async () => {
      const definition = JSON.stringify({
        QueryLanguage: 'JSONata',
        StartAt: 'Done',
        States: { Done: { Type: 'Succeed', Output: '{% $states.input.n + 1 %}' } },
      });
      const roleArn = await small.role('machine', 'states.amazonaws.com', []);
      const machine = ['--name', 'count', '--definition', definition, '--role-arn', roleArn];
      const { stateMachineArn } = await aws('stepfunctions', 'create-state-machine', ...machine);
      const started = ['--state-machine-arn', stateMachineArn, '--input', '{"n":1}'];
      const { executionArn } = await aws('stepfunctions', 'start-execution', ...started);
      await small.cloud.idle();
      const execution = await aws('stepfunctions', 'describe-execution', '--execution-arn', executionArn);
      expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '2' });
    },
  ],
  [
    'Lambda',
    async () => {
      await small.function('double', 'export const handler = async ({ n }) => ({ n: 2 * n });');
      const [payload, answer] = [join(directory, 'payload.json'), join(directory, 'answer.json')];
      writeFileSync(payload, '{"n":21}');
      await aws('lambda', 'invoke', '--function-name', 'double', '--payload', `fileb://${payload}`, answer);
      expect(readFileSync(answer, 'utf8')).toBe('{"n":42}');
      const { Configuration } = await aws('lambda', 'get-function', '--function-name', 'double');
      expect(Configuration.Handler).toBe('code/index.handler');
    },
  ],
  [
    'EventBridge',
    async () => {
      const pattern = JSON.stringify({ source: ['aws.sagemaker'] });
      await aws('events', 'put-rule', '--name', 'jobs', '--event-pattern', pattern);
      expect(await aws('events', 'describe-rule', '--name', 'jobs')).toMatchObject({ EventPattern: pattern });
    },
  ],
  [
    'EventBridge Scheduler',
    async () => {
      const RoleArn = await small.role('schedule', 'scheduler.amazonaws.com', [['sqs:SendMessage', '*']]);
      const Target = { Arn: 'arn:aws:sqs:eu-west-1:000000000000:ticks', RoleArn };
      const schedule = ['--schedule-expression', 'cron(0 9 * * ? *)', '--flexible-time-window', 'Mode=OFF'];
      const zone = ['--schedule-expression-timezone', 'Europe/Berlin', '--target', JSON.stringify(Target)];
      await aws('scheduler', 'create-schedule', '--name', 'daily', ...schedule, ...zone);
      expect(await aws('scheduler', 'get-schedule', '--name', 'daily')).toMatchObject({
        ScheduleExpressionTimezone: 'Europe/Berlin',
        State: 'ENABLED',
      });
    },
  ],
  [
    'SES',
    async () => {
      await aws('sesv2', 'create-email-identity', '--email-identity', 'launchway@example.com');
      const content = { Simple: { Subject: { Data: 'Hello' }, Body: { Text: { Data: 'there' } } } };
      const sent = ['--destination', 'ToAddresses=anna@example.com', '--content', JSON.stringify(content)];
      const { MessageId } = await aws('sesv2', 'send-email', '--from-email-address', 'launchway@example.com', ...sent);
      expect(MessageId).toMatch(/\S/);
      const { EmailIdentities } = await aws('sesv2', 'list-email-identities');
      expect(EmailIdentities).toMatchObject([{ IdentityName: 'launchway@example.com' }]);
    },
  ],
  [
    'CloudWatch',
    async () => {
      const metric = ['--namespace', 'Launchway', '--metric-name', 'Releases', '--value', '3', '--unit', 'Count'];
      await aws('cloudwatch', 'put-metric-data', ...metric);
      const { Metrics } = await aws('cloudwatch', 'list-metrics', '--namespace', 'Launchway');
      expect(Metrics).toEqual([{ Namespace: 'Launchway', MetricName: 'Releases', Dimensions: [] }]);
    },
  ],
  [
    'CloudWatch Logs',
    async () => {
      const group = ['--log-group-name', '/launchway/test'];
      await aws('logs', 'create-log-group', ...group);
      await aws('logs', 'create-log-stream', ...group, '--log-stream-name', 'a');
      const event = JSON.stringify([{ timestamp: small.cloud.clock.now(), message: 'a line' }]);
      await aws('logs', 'put-log-events', ...group, '--log-stream-name', 'a', '--log-events', event);
      const { events } = await aws('logs', 'filter-log-events', ...group);
      expect(events).toMatchObject([{ message: 'a line', logStreamName: 'a' }]);
    },
  ],
  [
    'SageMaker and its scaling',
    async () => {
      const container = 'Image=served:1';
      const model = ['--model-name', 'flights', '--execution-role-arn', role, '--primary-container', container];
      const { ModelArn } = await aws('sagemaker', 'create-model', ...model);
      const tags = ['--resource-arn', ModelArn, '--tags', 'Key=owner,Value=anna'];
      await aws('sagemaker', 'add-tags', ...tags);
      expect(await aws('sagemaker', 'list-tags', '--resource-arn', ModelArn)).toEqual({
        Tags: [{ Key: 'owner', Value: 'anna' }],
      });
      const namespace = ['--service-namespace', 'sagemaker'];
      expect(await aws('application-autoscaling', 'describe-scalable-targets', ...namespace)).toEqual({
        ScalableTargets: [],
      });
    },
  ],
  [
    'STS',
    async () => {
      expect((await aws('sts', 'get-caller-identity')).Arn).toBe('arn:aws:iam::000000000000:user/alice');
    },
  ],
  [
    'ECR',
    async () => {
      await expect(aws('ecr', 'describe-repositories')).resolves.toMatchObject({ repositories: expect.any(Array) });
    },
  ],
];

describe('the AWS CLI', () => {
  (installed ? it : it.skip)(
    'writes and reads in each service',
    async () => {
      const outcomes = await Promise.allSettled(SERVICES.map(([, exercise]) => exercise()));
      const failures = outcomes.flatMap((outcome, index) =>
        outcome.status === 'rejected'
          ? [`${SERVICES[index]![0]}: ${outcome.reason.stderr || outcome.reason.message}`]
          : [],
      );
      expect(failures).toEqual([]);
    },
    TIMEOUT_MS,
  );

  (installed ? it : it.skip)(
    'is told what is not implemented',
    async () => {
      const processing = ['--processing-job-name', 'a', '--role-arn', role];
      const resources = 'ClusterConfig={InstanceCount=1,InstanceType=ml.m5.large,VolumeSizeInGB=1}';
      const call = aws(
        'sagemaker',
        'create-processing-job',
        ...processing,
        '--processing-resources',
        resources,
        '--app-specification',
        'ImageUri=a:1',
      );
      await expect(call).rejects.toMatchObject({
        stderr: expect.stringContaining('NotImplemented: sagemaker:CreateProcessingJob'),
      });
    },
    TIMEOUT_MS,
  );
});
