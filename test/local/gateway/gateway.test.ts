import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LocalCloud } from '../../../local/cloud.ts';
import { type Gateway, startGateway } from '../../../local/gateway/gateway.ts';
import { type Call, type Operation, type Service, ServiceError } from '../../../local/service.ts';
import { createS3Service } from '../../../local/services/s3/index.ts';
import { createStsService } from '../../../local/services/sts/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'launchway-gateway-'));
const reports: string[] = [];
const calls: Call[] = [];
let cloud: LocalCloud;
let gateway: Gateway;

/** An operation that notes what it was asked. */
const operation = (members: readonly string[], answer: (call: Call) => unknown): Operation => ({
  members,
  needs: () => [],
  run: async (call) => {
    calls.push(call);
    return answer(call);
  },
});

const fake = (name: string, operations: Record<string, Operation>, routes?: Service['routes']): Service => ({
  name,
  operations,
  ...(routes && { routes }),
});

const SERVICES = [
  fake('sns', {
    Publish: operation(['TopicArn', 'Message', 'MessageAttributes'], () => ({ MessageId: 'm<1>' })),
    GetTopicAttributes: operation(['TopicArn'], ({ input }) => {
      if (input.TopicArn.endsWith('none')) throw new ServiceError('NotFoundException', 'Topic does not exist', 404);
      return { Attributes: { Owner: '000000000000', Policy: '{"a":"<b>"}' } };
    }),
  }),
  fake('monitoring', { PutMetricData: operation(['Namespace', 'MetricData'], () => ({})) }),
  fake(
    'scheduler',
    {
      GetSchedule: operation(['Name', 'GroupName'], ({ input }) => {
        if (input.Name === 'none') throw new ServiceError('ResourceNotFoundException', 'no such schedule', 404);
        return { Name: input.Name, GroupName: input.GroupName, CreationDate: new Date(1000) };
      }),
    },
    { GetSchedule: { method: 'GET', path: '/schedules/{Name}', query: { groupName: 'GroupName' } } },
  ),
  fake(
    'sagemaker',
    {
      InvokeEndpoint: operation(['EndpointName', 'Body', 'ContentType'], ({ input }) => ({
        Body: Buffer.from(Buffer.from(input.Body).toString().toUpperCase()),
        ContentType: input.ContentType,
        InvokedProductionVariant: 'main',
      })),
    },
    {
      InvokeEndpoint: {
        method: 'POST',
        path: '/endpoints/{EndpointName}/invocations',
        headers: { 'content-type': 'ContentType' },
        payload: 'Body',
        responsePayload: 'Body',
        responseHeaders: { ContentType: 'content-type', InvokedProductionVariant: 'x-amzn-invoked-production-variant' },
      },
    },
  ),
];

beforeAll(async () => {
  cloud = new LocalCloud({ stateDir: join(directory, 'state'), report: (line) => reports.push(line) });
  cloud.register(createS3Service(cloud), createStsService(cloud), ...SERVICES);
  gateway = await startGateway(cloud, { port: 0 });
});
afterAll(async () => {
  await gateway.close();
  await cloud.stop();
  rmSync(directory, { recursive: true, force: true });
});

const client = () => ({
  endpoint: gateway.url,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'alice', secretAccessKey: 'secret' },
  maxAttempts: 1,
});
const failure = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe('protocols', () => {
  it('speak JSON with a target, times in epoch seconds', async () => {
    const MetricData = [{ MetricName: 'm', Value: 1, Timestamp: new Date(5000) }];
    await new CloudWatchClient(client()).send(new PutMetricDataCommand({ Namespace: 'n', MetricData }));
    expect(calls.at(-1)).toMatchObject({
      service: 'monitoring',
      operation: 'PutMetricData',
      principal: { arn: 'arn:aws:iam::000000000000:user/alice' },
      input: { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 1, Timestamp: 5 }] },
    });
  });

  it('speak REST with JSON by the service’s own routes', async () => {
    const scheduler = new SchedulerClient(client());
    const got = await scheduler.send(new GetScheduleCommand({ Name: 'every hour', GroupName: 'g' }));
    expect(got).toMatchObject({ Name: 'every hour', GroupName: 'g', CreationDate: new Date(1000) });
    const none = await failure(scheduler.send(new GetScheduleCommand({ Name: 'none' })));
    expect(none).toMatchObject({ name: 'ResourceNotFoundException', message: 'no such schedule' });
    expect(none.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('carry raw bodies both ways', async () => {
    const command = new InvokeEndpointCommand({ EndpointName: 'e', Body: 'a,b', ContentType: 'text/csv' });
    const answer = await new SageMakerRuntimeClient(client()).send(command);
    expect(Buffer.from(answer.Body!).toString()).toBe('A,B');
    expect(answer).toMatchObject({ ContentType: 'text/csv', InvokedProductionVariant: 'main' });
  });

  it('speak query and XML', async () => {
    const sns = new SNSClient(client());
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'alarm' } };
    const published = await sns.send(new PublishCommand({ TopicArn: 't', Message: 'a&b=c', MessageAttributes }));
    expect(published.MessageId).toBe('m<1>');
    expect(calls.at(-1)?.input).toEqual({ TopicArn: 't', Message: 'a&b=c', MessageAttributes });
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: 't' }));
    expect(Attributes).toEqual({ Owner: '000000000000', Policy: '{"a":"<b>"}' });
    expect((await failure(sns.send(new GetTopicAttributesCommand({ TopicArn: 'none' })))).name).toBe(
      'NotFoundException',
    );
  });

  it('say loudly what is missing, and tell a person', async () => {
    const unknown = await failure(new SNSClient(client()).send(new PublishCommand({ PhoneNumber: '1', Message: 'm' })));
    expect(unknown).toMatchObject({ name: 'NotImplemented', message: 'NotImplemented: sns:Publish PhoneNumber' });
    expect(unknown.$metadata.httpStatusCode).toBe(501);
    expect(reports).toContain('NotImplemented: sns:Publish PhoneNumber');
  });
});

describe('who calls', () => {
  it('must be told', async () => {
    const target = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.ListQueues' },
      body: '{}',
    });
    expect([target.status, await target.json()]).toMatchObject([403, { __type: 'MissingAuthenticationToken' }]);
    const object = await fetch(`${gateway.url}/bucket/key`);
    expect([object.status, await object.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  });

  it('may be told in a URL, until it expires on the local clock', async () => {
    await cloud.call({
      service: 's3',
      operation: 'CreateBucket',
      principal: cloud.iam.principalOf('alice'),
      input: { Bucket: 'presigned' },
    });
    await cloud.call({
      service: 's3',
      operation: 'PutObject',
      principal: cloud.iam.principalOf('alice'),
      input: { Bucket: 'presigned', Key: 'k', Body: 'x' },
    });
    const url = (signedAt: Date) => {
      const stamp = signedAt.toISOString().replace(/[-:]|\.\d+/g, '');
      const credential = encodeURIComponent(`alice/${stamp.slice(0, 8)}/eu-west-1/s3/aws4_request`);
      return `${gateway.url}/presigned/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${stamp}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0`;
    };
    expect(await (await fetch(url(cloud.clock.date()))).text()).toBe('x');
    const late = await fetch(url(new Date(cloud.clock.now() - 61_000)));
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });

  it('is refused with a session key that nobody was given', async () => {
    const credentials = { accessKeyId: 'ASIAAAAAAAAAAAAAAAAA', secretAccessKey: 's' };
    const s3 = new S3Client({ ...client(), credentials });
    expect((await failure(s3.send(new ListObjectsV2Command({ Bucket: 'b' })))).name).toBe('InvalidClientTokenId');
  });
});

describe('the local cloud’s own endpoints', () => {
  const post = (path: string, body: string, type = 'application/json') =>
    fetch(`${gateway.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });

  it('move the clock', async () => {
    const before = cloud.clock.now();
    expect((await post('/_launchway/advance', '{"milliseconds":3600000}')).status).toBe(200);
    expect(cloud.clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
    const { offsetMilliseconds } = (await (await fetch(`${gateway.url}/_launchway/clock`)).json()) as any;
    expect(offsetMilliseconds).toBe(cloud.clock.offset);
    expect((await post('/_launchway/advance', '{"milliseconds":-1}')).status).toBe(400);
  });

  it('are out of reach for a page from elsewhere', async () => {
    expect((await post('/_launchway/advance', '{"milliseconds":1}', 'text/plain')).status).toBe(415);
    const status = await new Promise((resolve, reject) => {
      const { port } = gateway;
      const path = '/_launchway/clock';
      httpRequest({ host: '127.0.0.1', port, path, headers: { host: 'rebound.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('and every API are out of reach for a form that looks presigned', async () => {
    const query = 'X-Amz-Credential=alice%2F20260101%2Feu-west-1%2Fsns%2Faws4_request';
    const headers = { origin: 'https://elsewhere.example', 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'Action=Publish&TopicArn=t&Message=m';
    const before = calls.length;
    expect((await fetch(`${gateway.url}/?${query}`, { method: 'POST', headers, body })).status).toBe(403);
    expect(
      (await fetch(`${gateway.url}/?${query}`, { method: 'POST', headers: { ...headers, origin: 'null' }, body }))
        .status,
    ).toBe(403);
    expect(calls.length).toBe(before);
  });

  it('list what there is', async () => {
    expect(await (await fetch(`${gateway.url}/_launchway/health`)).json()).toMatchObject({ status: 'ok' });
    expect(await (await fetch(gateway.url)).text()).toContain('<summary>scheduler ');
    expect(await (await fetch(`${gateway.url}/_launchway/permissions`)).json()).toEqual([]);
  });

  it('make room for handlers of services', async () => {
    const unmount = cloud.http.mount('/_api/', ({ path, query, body }) => ({
      status: 201,
      body: `${path} ${query.get('q')} ${Buffer.from(body)}`,
    }));
    const answer = await post('/_api/1/x?q=1', 'hello');
    expect([answer.status, await answer.text()]).toEqual([201, '/_api/1/x 1 hello']);
    unmount();
    expect((await post('/_api/1/x', '')).status).toBe(403);
  });

  it('name a port that is taken', async () => {
    await expect(startGateway(cloud, { port: gateway.port })).rejects.toThrow(
      `expected port ${gateway.port} to be free`,
    );
  });
});
