import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AttackCase, type AttackGroup, refusedBy } from '../attack-case.ts';
import type { AttackedCloud } from '../attacked-cloud.ts';
import { allLogs } from '../run-attacks.ts';
import { ADDRESS_CANARY } from '../signed-in-cloud.ts';
import { byEveryRoleBut } from './other-roles.ts';

const queueUrl = ({ running, connection }: AttackedCloud): string =>
  `${running.url}/${connection.account}/launchway-local-notices`;

const posts = async ({ running }: AttackedCloud): Promise<string> =>
  (await fetch(`${running.url}/_launchway/channel`)).text();

/** A message that somebody put into the queue of notices. */
const queued = (name: string, body: (cloud: AttackedCloud) => object): AttackCase => ({
  name,
  attack: async (cloud) => {
    const before = await posts(cloud);
    const MessageBody = JSON.stringify(body(cloud));
    await new SQSClient(cloud.client).send(new SendMessageCommand({ QueueUrl: queueUrl(cloud), MessageBody }));
    await cloud.running.cloud.idle();
    const after = await posts(cloud);
    return { answer: after === before ? 'nothing posted' : 'posted', refused: after === before };
  },
});

const asked = (cloud: AttackedCloud) => cloud.asked('pending').requestId;

export const channels: AttackGroup = {
  name: 'channel',
  cases: [
    {
      name: 'was told, and of nothing that decides',
      attack: async (cloud) => {
        const told = await posts(cloud);
        const holds = ['link=', ...(await cloud.taskTokens())].filter((secret) => told.includes(secret));
        return {
          answer: holds.length === 0 ? 'a page to sign in on' : `holds ${holds}`,
          refused: told.includes(asked(cloud)) && holds.length === 0,
        };
      },
    },
    {
      name: 'the page it names, opened by whoever reads the channel',
      attack: async (cloud) => {
        const answer = await cloud.send(cloud.link('pending').split('?')[0]!);
        return { answer: String(answer.status), refused: answer.status === 303 && answer.body === '' };
      },
    },
    {
      name: 'the page it names, posted to',
      attack: async (cloud) =>
        refusedBy(
          await cloud.send(cloud.link('pending').split('?')[0]!, {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: 'decision=approve&reason=x&csrf=x',
          }),
        ),
    },
    {
      name: 'its address is in no row, page, mail or log',
      attack: async (cloud) => {
        const places = {
          rows: JSON.stringify(await cloud.rows()),
          pages: cloud.seen.join('\n'),
          mails: JSON.stringify(await cloud.inbox()),
          logs: await allLogs(cloud),
        };
        const sighted = Object.entries(places).filter(([, text]) => text.includes(ADDRESS_CANARY));
        return { answer: sighted.map(([place]) => place).join() || 'nowhere', refused: sighted.length === 0 };
      },
    },
    byEveryRoleBut('reads its address', /NotifyChannel/, (client) =>
      new SecretsManagerClient(client).send(new GetSecretValueCommand({ SecretId: 'launchway-local/channel' })),
    ),
    byEveryRoleBut('announces a notice', /RequestAppr|RemindApprovers/, (client, cloud) =>
      new SQSClient(client).send(new SendMessageCommand({ QueueUrl: queueUrl(cloud), MessageBody: '{}' })),
    ),
    queued('a notice that was posted, again', (cloud) => ({ requestId: asked(cloud), event: 'asked', channel: 0 })),
    queued('a notice of an event that there is not', (cloud) => ({
      requestId: asked(cloud),
      event: 'approve',
      channel: 0,
    })),
    queued('a notice to a channel that there is not', (cloud) => ({
      requestId: asked(cloud),
      event: 'asked',
      channel: 9,
    })),
    queued('a notice of an unknown request', () => ({ requestId: 'r0', event: 'asked', channel: 0 })),
  ],
};
