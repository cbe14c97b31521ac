import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { RedriveExecutionCommand, SendTaskSuccessCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '../../../adapters/dynamodb-table.ts';
import { type AttackCase, type AttackGroup, onlyShown, refusedBy } from '../attack-case.ts';
import type { AttackedCloud, OpenForm } from '../attacked-cloud.ts';

/** Forms that were open before the request's state of affairs changed. */
const kept = new Map<string, OpenForm>();

const keep = async (cloud: AttackedCloud, request: string, person: string): Promise<void> => {
  kept.set(`${request}/${person}`, await cloud.open(cloud.link(request, person)));
};

const replay = (name: string, request: string, person: string, change: Record<string, string> = {}): AttackCase => ({
  name,
  attack: async (cloud) => refusedBy(await cloud.post(kept.get(`${request}/${person}`)!, change)),
});

const reopen = (name: string, request: string, person: string): AttackCase => ({
  name,
  attack: async (cloud) => {
    const form = await cloud.open(cloud.link(request, person));
    const posted = await cloud.post({ ...form, cookie: form.cookie || kept.get(`${request}/${person}`)?.cookie || '' });
    return refusedBy(posted);
  },
});

const look = (name: string, request: string): AttackCase => ({
  name,
  attack: async (cloud) => {
    const answers = [];
    for (const link of cloud.asked(request).links.values()) {
      for (let i = 0; i < 5; i++) answers.push(await cloud.send(link), await cloud.send(link, { method: 'HEAD' }));
    }
    const shown = onlyShown(...answers);
    return { ...shown, refused: shown.refused && !answers.some(({ body }) => body.includes('name="decision"')) };
  },
});

/** A vote that was cast, by its caster and by the other approver. */
export const afterVote: AttackGroup = {
  name: 'after a vote',
  prepare: async (cloud) => {
    await keep(cloud, 'pending', 'ada-approver');
    await keep(cloud, 'pending', 'ben-business');
    const { status } = await cloud.post(kept.get('pending/ada-approver')!);
    if (status !== 200) throw new Error(`expected Ada's vote to count, got ${status}`);
  },
  cases: [
    replay('the same form again', 'pending', 'ada-approver'),
    replay('the opposite decision', 'pending', 'ada-approver', { decision: 'reject', reason: 'changed my mind' }),
    reopen('a fresh page', 'pending', 'ada-approver'),
    {
      name: 'fills the second seat with the first person’s form on the second person’s link',
      attack: async (cloud) =>
        refusedBy(
          await cloud.post({ ...kept.get('pending/ada-approver')!, link: cloud.link('pending', 'ben-business') }),
        ),
    },
    {
      name: 'twenty double clicks of who has voted',
      attack: async (cloud) =>
        refusedBy(
          ...(await Promise.all(Array.from({ length: 20 }, () => cloud.post(kept.get('pending/ada-approver')!)))),
        ),
    },
  ],
};

/** A request that was rejected. */
export const afterDecision: AttackGroup = {
  name: 'after the decision',
  prepare: async (cloud) => {
    const form = await cloud.open(cloud.link('pending', 'ben-business'));
    const { status } = await cloud.post(form, { decision: 'reject', reason: 'too few rows' });
    if (status !== 200) throw new Error(`expected Ben's rejection to count, got ${status}`);
    await cloud.advance(5_000);
  },
  cases: [
    replay('the form that rejected', 'pending', 'ben-business', { decision: 'reject' }),
    replay('an approval instead of the rejection', 'pending', 'ben-business'),
    replay('the other approver’s form', 'pending', 'ada-approver'),
    reopen('a fresh page', 'pending', 'ben-business'),
    look('every link opened five times', 'pending'),
    {
      name: 'the decision delivered once more',
      attack: async (cloud) => {
        const body = JSON.stringify({ requestId: cloud.asked('pending').requestId });
        const { FunctionError } = await new LambdaClient(cloud.client).send(
          new InvokeCommand({
            FunctionName: 'launchway-local-deliver-decision',
            Payload: Buffer.from(JSON.stringify({ Records: [{ messageId: 'm', body }] })),
          }),
        );
        return { answer: FunctionError ?? 'nothing left to deliver', refused: true };
      },
    },
    answered('the answered task’s token once more'),
  ],
};

/** Even the one role that may answer tasks, with a token that no task waits with. */
function answered(name: string): AttackCase {
  return {
    name,
    attack: async (cloud) => {
      const role = cloud.running.cloud.iam.roles.list().find((one) => /DeliverDecisi/.test(one.name))!;
      const principal = await cloud.running.cloud.assume(
        role.arn,
        'attack',
        'lambda.amazonaws.com',
        'arn:aws:attack:eu-west-1:000000000000:x',
      );
      const client = { ...cloud.client, credentials: cloud.running.cloud.credentialsFor(principal) };
      const [taskToken] = await cloud.taskTokens();
      try {
        await new SFNClient(client).send(
          new SendTaskSuccessCommand({ taskToken: taskToken!, output: '{"decision":"Approved"}' }),
        );
        return { answer: 'answered', refused: false };
      } catch (error) {
        return {
          answer: (error as Error).name,
          refused: /TaskTimedOut|TaskDoesNotExist|InvalidToken/.test((error as Error).name),
        };
      }
    },
  };
}

/** A request whose time is over. */
export const afterExpiry: AttackGroup = {
  name: 'after expiry',
  prepare: async (cloud) => {
    await cloud.ask('expired', { hours: 1 });
    await keep(cloud, 'expired', 'ada-approver');
    await keep(cloud, 'expired', 'ben-business');
    // The request expires a quarter of an hour before its task does: then the task still waits.
    await cloud.advanceToExpiry('expired');
  },
  cases: [
    replay('a form kept open, while the task still waits', 'expired', 'ada-approver'),
    replay('a rejection, while the task still waits', 'expired', 'ben-business', { decision: 'reject' }),
    reopen('a fresh page', 'expired', 'ada-approver'),
    look('every link opened five times', 'expired'),
  ],
};

export const longAfterExpiry: AttackGroup = {
  name: 'long after expiry',
  prepare: (cloud) => cloud.advance(86_400_000),
  cases: [
    replay('a form kept open', 'expired', 'ada-approver'),
    reopen('a fresh page', 'expired', 'ben-business'),
    look('every link opened five times', 'expired'),
  ],
};

/** A request whose place a newer release took. */
export const afterSupersession: AttackGroup = {
  name: 'after supersession',
  prepare: async (cloud) => {
    await cloud.ask('older', { model: 'superseded' });
    await keep(cloud, 'older', 'ada-approver');
    await keep(cloud, 'older', 'ben-business');
    await cloud.ask('newer', { model: 'superseded', release: 2 });
    await cloud.advance(5_000);
  },
  cases: [
    replay('a form kept open', 'older', 'ada-approver'),
    replay('a rejection kept open', 'older', 'ben-business', { decision: 'reject' }),
    reopen('a fresh page', 'older', 'ada-approver'),
    look('every link opened five times', 'older'),
    {
      name: 'the older form on the newer request',
      attack: async (cloud) =>
        refusedBy(await cloud.post({ ...kept.get('older/ada-approver')!, link: cloud.link('newer', 'ada-approver') })),
    },
    {
      name: 'the older link on the newer request’s path',
      attack: async (cloud) => {
        const { pathname } = new URL(cloud.link('newer'));
        const { search } = new URL(cloud.link('older'));
        return refusedBy(await cloud.send(`${pathname}${search}`));
      },
    },
  ],
};

/** A waiting task that an operator stopped and started again: it has another token. */
export const afterRedrive: AttackGroup = {
  name: 'after redrive',
  prepare: async (cloud) => {
    await cloud.ask('redriven');
    const { sfn } = cloud.connection;
    const { executionArn } = cloud.asked('redriven');
    await sfn.send(new StopExecutionCommand({ executionArn }));
    await sfn.send(new RedriveExecutionCommand({ executionArn }));
    const isReplaced = async () =>
      (await cloud.rows()).some(({ model, type }) => model === 'redriven' && type === 'ApprovalTaskReplaced');
    for (const until = Date.now() + 30_000; !(await isReplaced()); await sleep(50)) {
      if (Date.now() > until) throw new Error('expected the redriven task to ask again within 30 s');
    }
  },
  cases: [
    {
      name: 'asks nobody twice',
      attack: async (cloud) => {
        const mails = (await cloud.inbox()).filter(({ subject }) => subject.startsWith('[redriven]'));
        return {
          answer: `${mails.length} mails, ${cloud.asked('redriven').links.size} readers`,
          refused: mails.length === cloud.asked('redriven').links.size,
        };
      },
    },
    {
      name: 'the token of the task that was stopped',
      attack: async (cloud) => {
        const tokens = await cloud.tokensOf('redriven');
        const { sfn } = cloud.connection;
        try {
          await sfn.send(new SendTaskSuccessCommand({ taskToken: tokens[0]!, output: '{"decision":"Approved"}' }));
          return { answer: 'answered', refused: false };
        } catch (error) {
          return {
            answer: `${(error as Error).name}, ${new Set(tokens).size} tokens`,
            refused: new Set(tokens).size === 2,
          };
        }
      },
    },
  ],
};

/** What is asked about is no longer what was shown. */
export const afterChange: AttackGroup = {
  name: 'after a change',
  prepare: async (cloud) => {
    const { model } = await cloud.ask('changed');
    await keep(cloud, 'changed', 'ada-approver');
    const { table, lineage } = cloud.connection;
    const version = await lineage.getVersion(model, 1);
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { ...keys.version(model, 1), ...version, image: 'another' } }),
    );
  },
  cases: [
    {
      name: 'the page',
      attack: async (cloud) => refusedBy(await cloud.send(cloud.link('changed'))),
    },
    replay('a form kept open', 'changed', 'ada-approver'),
  ],
};
