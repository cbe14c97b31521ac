import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LambdaService } from '../../../local/services/lambda/index.ts';
import { SmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let lambda: LambdaClient;

beforeEach(async () => {
  small = await SmallCloud.start();
  lambda = new LambdaClient(small.client);
});

afterEach(async () => {
  lambda.destroy();
  await small.stop();
});

const invoke = async (FunctionName: string, event: unknown = {}) => {
  const output = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), LogType: 'Tail' }),
  );
  const log = Buffer.from(output.LogResult ?? '', 'base64').toString();
  return { error: output.FunctionError, answer: JSON.parse(output.Payload!.transformToString()), log };
};

describe('invoking a function', () => {
  it('answers with what the handler returns', async () => {
    await small.function('double', 'export const handler = async ({ n }) => ({ twice: 2 * n });');
    expect(await invoke('double', { n: 21 })).toMatchObject({ error: undefined, answer: { twice: 42 } });
  });

  it('answers with the error a handler throws', async () => {
    await small.function(
      'broken',
      `export const handler = async () => { throw Object.assign(new Error('no such model'), { name: 'NotFound' }); };`,
    );
    expect(await invoke('broken')).toMatchObject({
      error: 'Unhandled',
      answer: { errorType: 'NotFound', errorMessage: 'no such model', trace: expect.any(Array) },
    });
  });

  it.each([
    ['exits', 'process.exit(3)', /exit status 3/],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, /signal: killed/],
  ])('says that the runtime ended when the process %s, and starts another', async (_, statement, message) => {
    await small.function(
      'dying',
      `export const handler = async ({ die }) => { if (die) ${statement}; return 'alive'; };`,
    );
    expect(await invoke('dying', { die: true })).toMatchObject({
      error: 'Unhandled',
      answer: { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(message) },
    });
    expect((await invoke('dying')).answer).toBe('alive');
  });

  it('ends a function that runs past its timeout on the clock', async () => {
    await small.function('slow', 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));', {
      properties: { Timeout: 1 },
    });
    const { answer, log } = await invoke('slow');
    expect(answer).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: .* Error: Task timed out after 1.00 seconds$/),
    });
    expect(log).toContain('Task timed out after 1.00 seconds');
  });

  it('says why a handler cannot be loaded', async () => {
    await small.function('unloadable', 'export const other = 1;');
    expect((await invoke('unloadable')).answer).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });

  it('runs several invocations at a time, each in a process of its own', async () => {
    await small.function(
      'parallel',
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid; };',
    );
    const answers = await Promise.all([1, 2, 3].map(async () => (await invoke('parallel')).answer));
    expect(new Set(answers).size).toBe(3);
  });

  it('keeps a process warm for the next invocation', async () => {
    await small.function('counter', 'let n = 0; export const handler = async () => ++n;');
    expect([(await invoke('counter')).answer, (await invoke('counter')).answer]).toEqual([1, 2]);
  });

  it('shows the function its own environment and nothing of ours', async () => {
    process.env.LAUNCHWAY_TEST_SECRET = 'ours';
    await small.function('environment', 'export const handler = async () => process.env;', {
      properties: { Environment: { Variables: { TABLE_NAME: 't' } }, MemorySize: 256 },
    });
    const { answer } = await invoke('environment');
    delete process.env.LAUNCHWAY_TEST_SECRET;
    expect(answer).toMatchObject({
      TABLE_NAME: 't',
      AWS_ENDPOINT_URL: small.cloud.url,
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_REGION: 'eu-west-1',
    });
    expect(answer).not.toHaveProperty('LAUNCHWAY_TEST_SECRET');
    expect(answer).not.toHaveProperty('HOME');
  });

  it('lives on the clock of the cloud, also after the clock moved', async () => {
    await small.function(
      'clock',
      'export const handler = async () => [Date.now(), +new Date(), Date.parse(Date()), new Date(5).getTime(), new Date() instanceof Date];',
    );
    await invoke('clock');
    await small.cloud.clock.advance(3 * 86_400_000);
    const [now, constructed, text, given, isDate] = (await invoke('clock')).answer;
    for (const time of [now, constructed, text]) expect(Math.abs(time - small.cloud.clock.now())).toBeLessThan(5000);
    expect([given, isDate]).toEqual([5, true]);
  });

  it('runs new code after an update', async () => {
    await small.function('versioned', 'export const handler = async () => 1;');
    await invoke('versioned');
    await small.function('versioned', 'export const handler = async () => 2;');
    expect((await invoke('versioned')).answer).toBe(2);
  });

  it('writes what the function says between START and END', async () => {
    await small.function(
      'talking',
      `export const handler = async () => { console.log('one\\ntwo'); process.stderr.write('raw\\n'); };`,
    );
    const { log } = await invoke('talking');
    expect(log.replaceAll(/[\w-]{36}|[\d.]+ ms|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…').split('\n')).toEqual([
      'START RequestId: … Version: $LATEST',
      '…\t…\tINFO\tone\rtwo',
      'raw',
      'END RequestId: …',
      expect.stringMatching(
        /^REPORT RequestId: …\tDuration: …\tBilled Duration: …\tMemory Size: 128 MB\tInit Duration: …$/,
      ),
      '',
    ]);
  });

  it('writes records where the log format is JSON', async () => {
    await small.function('talking', `export const handler = async () => console.log('hello');`, {
      properties: { LoggingConfig: { LogFormat: 'JSON' } },
    });
    const { log } = await invoke('talking');
    const records = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toMatchObject([
      { type: 'platform.start', record: { version: '$LATEST' } },
      { level: 'INFO', message: 'hello', requestId: records[0].record.requestId },
      { type: 'platform.report', record: { status: 'success', metrics: { memorySizeMB: 128 } } },
    ]);
  });

  it('leaves its lines in its log group, written as its own role', async () => {
    await small.function('talking', `export const handler = async () => console.log('hello');`);
    await invoke('talking');
    await small.cloud.idle();
    const { events } = await small.call('logs', 'FilterLogEvents', { logGroupName: '/aws/lambda/talking' });
    expect(events.map(({ message }: { message: string }) => message.split(/[\s:]/)[0])).toEqual([
      'START',
      expect.any(String),
      'END',
      'REPORT',
    ]);
    expect(events[1].message).toContain('hello');
  });

  it('ends a function that uses more memory than it has', async () => {
    const code =
      'export const handler = async () => { const all = []; for (;;) all.push(new Array(100_000).fill({}).map(() => ({}))); };';
    await small.function('hungry', code, { properties: { MemorySize: 128, Timeout: 60 } });
    expect((await invoke('hungry')).answer).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/signal: aborted/),
    });
  });

  it('counts invocations and errors, for CloudWatch too', async () => {
    await small.function('broken', `export const handler = async () => { throw new Error('no'); };`);
    await invoke('broken');
    await invoke('broken');
    await small.restart();
    const service = small.cloud.services.find(({ name }) => name === 'lambda') as LambdaService;
    expect(service.invocations.get('broken')).toEqual({ invocations: 2, errors: 2, throttles: 0 });
    const now = small.cloud.clock.now() / 1000;
    const { Datapoints } = await small.call('monitoring', 'GetMetricStatistics', {
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: 'broken' }],
      StartTime: now - 600,
      EndTime: now + 60,
      Period: 3600,
      Statistics: ['Sum'],
    });
    expect(Datapoints.reduce((sum: number, { Sum }: { Sum: number }) => sum + Sum, 0)).toBe(2);
  });

  it('calls other services as its own role', async () => {
    await small.create('AWS::SQS::Queue', { QueueName: 'outbox' });
    const code = `
      export const handler = async ({ url }) => {
        const response = await fetch(process.env.AWS_ENDPOINT_URL, {
          method: 'POST',
          headers: {
            'x-amz-target': 'AmazonSQS.SendMessage',
            'content-type': 'application/x-amz-json-1.0',
            authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
            'x-amz-security-token': process.env.AWS_SESSION_TOKEN,
          },
          body: JSON.stringify({ QueueUrl: url, MessageBody: 'hello' }),
        });
        return response.status;
      };`;
    const url = `${small.cloud.url}/000000000000/outbox`;
    const outbox = 'arn:aws:sqs:eu-west-1:000000000000:outbox';
    await small.function('allowed', code, { allow: [['sqs:SendMessage', outbox]] });
    await small.function('forbidden', code);
    expect((await invoke('allowed', { url })).answer).toBe(200);
    expect((await invoke('forbidden', { url })).answer).toBeGreaterThanOrEqual(400);
  });

  it('throttles beyond the reserved concurrency', async () => {
    await small.function('off', 'export const handler = async () => 1;', {
      properties: { ReservedConcurrentExecutions: 0 },
    });
    await expect(invoke('off')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  });

  it('refuses a payload that is not JSON', async () => {
    await small.function('double', 'export const handler = async () => 1;');
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'double', Payload: '{' }))).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it('lets a service invoke only where a permission names it and its source', async () => {
    await small.function('api', 'export const handler = async () => 1;');
    const sourceArn = 'arn:aws:execute-api:eu-west-1:000000000000:abc/$default/GET/x';
    const service = { kind: 'service', arn: 'apigateway.amazonaws.com', sourceArn } as const;
    const call = () => small.call('lambda', 'Invoke', { FunctionName: 'api' }, service);
    await expect(call()).rejects.toMatchObject({ status: 403 });
    await small.create('AWS::Lambda::Permission', {
      FunctionName: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:eu-west-1:000000000000:abc/*/*/x',
    });
    await expect(call()).resolves.toMatchObject({ StatusCode: 200 });
  });
});
