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

describe('an asynchronous invocation', () => {
  const failing = `export const handler = async () => { throw new Error('always'); };`;
  const dead = 'arn:aws:sqs:eu-west-1:000000000000:dead';
  const accept = () =>
    lambda.send(new InvokeCommand({ FunctionName: 'failing', InvocationType: 'Event', Payload: '{"a":1}' }));
  const received = async () => {
    const { Messages } = await small.call('sqs', 'ReceiveMessage', {
      QueueUrl: `${small.cloud.url}/000000000000/dead`,
    });
    return Messages?.map((message: { Body: string }) => JSON.parse(message.Body)) ?? [];
  };

  beforeEach(async () => {
    await small.create('AWS::SQS::Queue', { QueueName: 'dead' });
    await small.function('failing', failing, {
      properties: { DeadLetterConfig: { TargetArn: dead } },
      allow: [['sqs:SendMessage', dead]],
    });
  });

  it('is tried again after one and after two minutes, then goes to the dead-letter queue', async () => {
    expect((await accept()).StatusCode).toBe(202);
    await small.cloud.clock.advance(179_000);
    expect(await received()).toEqual([]);
    await small.cloud.clock.advance(2_000);
    expect(await received()).toEqual([{ a: 1 }]);
  });

  it('survives a restart between two tries', async () => {
    await accept();
    await small.cloud.idle();
    await small.restart();
    await small.cloud.clock.advance(181_000);
    expect(await received()).toEqual([{ a: 1 }]);
  });

  it('is not begun twice where the cloud resumes while it is under way', async () => {
    await accept();
    await small.cloud.resume();
    await small.cloud.idle();
    const service = small.cloud.services.find(({ name }) => name === 'lambda') as LambdaService;
    expect(service.invocations.get('failing')).toMatchObject({ invocations: 1 });
  });

  it('sends a record of the failure to the destination', async () => {
    await small.create('AWS::Lambda::EventInvokeConfig', {
      FunctionName: 'failing',
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: dead } },
    });
    await accept();
    await small.cloud.idle();
    expect(await received()).toMatchObject([
      {
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
        requestPayload: { a: 1 },
        responsePayload: { errorMessage: 'always' },
      },
    ]);
  });
});
