import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AttackCase, AttackGroup, Outcome } from '../attack-case.ts';
import type { AttackedCloud } from '../attacked-cloud.ts';

/** By someone who may start anything: an operator whose session was taken over. */
const starting = (machine: string, name: string, input: (cloud: AttackedCloud) => object): AttackCase => ({
  name: `${machine}: ${name}`,
  attack: async (cloud) => {
    const { sfn } = cloud.connection;
    const { executionArn } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: cloud.machine(machine), input: JSON.stringify(input(cloud)) }),
    );
    for (;;) {
      const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING')
        return { answer: `${status} ${error ?? ''} ${(cause ?? '').slice(0, 60)}`, refused: status === 'FAILED' };
      await sleep(50);
    }
  },
});

const invoking = (
  name: string,
  what: string,
  input: (cloud: AttackedCloud) => object,
  harmless = false,
): AttackCase => ({
  name: `${name}: ${what}`,
  attack: async (cloud) => {
    const { FunctionError, Payload } = await new LambdaClient(cloud.client).send(
      new InvokeCommand({
        FunctionName: `launchway-local-${name}`,
        Payload: Buffer.from(JSON.stringify(input(cloud))),
      }),
    );
    const said = Buffer.from(Payload ?? []).toString();
    return outcomeOf(said, FunctionError !== undefined, harmless);
  },
});

function outcomeOf(said: string, failed: boolean, harmless: boolean): Outcome {
  const { errorType, errorMessage, statusCode } = JSON.parse(said || '{}') as Record<
    string,
    string | number | undefined
  >;
  const refused = failed || harmless || (typeof statusCode === 'number' && statusCode >= 400);
  return {
    answer: `${errorType ?? statusCode ?? said.slice(0, 50)} ${String(errorMessage ?? '').slice(0, 60)}`.trim(),
    refused,
  };
}

const pending = (cloud: AttackedCloud) => ({ model: cloud.asked('pending').model, release: 1 });
const SMUGGLED = {
  approved: true,
  decision: 'Approved',
  digest: '0'.repeat(64),
  version: 1,
  artifactUri: 's3://evil/model.tar.gz',
  image: 'evil:latest',
  roleArn: 'arn:aws:iam::000000000000:role/admin',
};

const httpEvent = (cloud: AttackedCloud, change: object) => ({
  rawPath: `/approvals/${cloud.asked('pending').requestId}`,
  rawQueryString: '',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'decision=approve&reason=ok',
  requestContext: {
    http: { method: 'POST', sourceIp: '127.0.0.1' },
    authorizer: { jwt: { claims: { sub: 'ada-approver' } } },
  },
  ...change,
});

/** Workflows, functions and queues given what nobody decided. */
export const forgedInputs: AttackGroup = {
  name: 'forged input',
  cases: [
    starting('deploy-model', 'a release that nobody approved', pending),
    starting('deploy-model', 'an approval smuggled into the input', (cloud) => ({ ...pending(cloud), ...SMUGGLED })),
    starting('deploy-model', 'a release that does not exist', (cloud) => ({ ...pending(cloud), release: 99 })),
    starting('deploy-model', 'a model that does not exist', () => ({ model: '../../etc', release: 1 })),
    starting('serve-version', 'a release that nobody approved', (cloud) => ({ ...pending(cloud), ...SMUGGLED })),
    starting('serve-version', 'restores a version that never served', (cloud) => ({
      ...pending(cloud),
      restoreVersion: 1,
    })),
    invoking('authorize-deployment', 'a release that nobody approved', pending),
    invoking('authorize-deployment', 'artifact, image and role from outside', (cloud) => ({
      ...pending(cloud),
      ...SMUGGLED,
    })),
    invoking('authorize-deployment', 'restores a version that never served', (cloud) => ({
      ...pending(cloud),
      restoreVersion: 1,
    })),
    invoking('authorize-deployment', 'restores a version that does not exist', (cloud) => ({
      ...pending(cloud),
      restoreVersion: 99,
    })),
    invoking('authorize-deployment', 'restores version 0', (cloud) => ({ ...pending(cloud), restoreVersion: 0 })),
    invoking('authorize-deployment', 'release as text', (cloud) => ({ ...pending(cloud), release: '1' })),
    invoking('switch-champion', 'a version that nobody approved', (cloud) => ({
      ...pending(cloud),
      version: 1,
      endpointName: 'evil',
      endpointConfigName: 'evil',
    })),
    invoking('close-release', 'calls a waiting release deployed', (cloud) => ({
      ...pending(cloud),
      outcome: 'Deployed',
    })),
    invoking('expire-approval', 'before its time', pending),
    invoking('decide-approval', 'an event without a link, with someone’s claims', (cloud) => httpEvent(cloud, {})),
    invoking('decide-approval', 'an event of another shape', () => ({ model: 'x', decision: 'Approved' })),
    invoking(
      'deliver-decision',
      'a decision that nobody took',
      (cloud) => ({
        Records: [
          {
            messageId: 'm',
            body: JSON.stringify({ requestId: cloud.asked('pending').requestId, decision: 'Approved' }),
          },
        ],
      }),
      true,
    ),
    invoking(
      'deliver-decision',
      'bodies that are no messages',
      () => ({
        Records: ['', 'null', '[]', '{"requestId":5}', '{"__proto__":{"requestId":"x"}}'].map((body, i) => ({
          messageId: `m${i}`,
          body,
        })),
      }),
      true,
    ),
    invoking(
      'sweep-intents',
      'a decision in its input',
      (cloud) => ({ requestId: cloud.asked('pending').requestId, decision: 'Approved' }),
      true,
    ),
    {
      name: 'decision queue: a decision that nobody took',
      attack: async (cloud) => {
        const body = { requestId: cloud.asked('pending').requestId, decision: 'Approved' };
        await new SQSClient(cloud.client).send(
          new SendMessageCommand({
            QueueUrl: `${cloud.running.url}/${cloud.connection.account}/launchway-local-decisions`,
            MessageBody: JSON.stringify(body),
          }),
        );
        await cloud.advance(1_000);
        return { answer: 'no such decision in the outbox', refused: true };
      },
    },
  ],
};
