import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { signedFetch } from '../../../cli/signed-fetch.ts';
import { type AttackCase, type AttackGroup, refusedBy } from '../attack-case.ts';
import type { AttackedCloud } from '../attacked-cloud.ts';
import type { Answer, RawRequest } from '../raw-http.ts';
import { byEveryRoleBut } from './other-roles.ts';

const digestOf = async (cloud: AttackedCloud): Promise<string> => {
  const { requestId } = cloud.asked('commanded');
  return String((await cloud.rows()).find(({ pk, sk }) => pk === `APPROVAL#${requestId}` && sk === 'REQUEST')?.digest);
};

const addressOf = (cloud: AttackedCloud, path = `/${cloud.asked('commanded').requestId}`): string =>
  `${cloud.link('commanded').split('/approvals/')[0]}/commands/approvals${path}`;

/** The signature itself is not verified here, as on AWS it is; whose it says to be is what counts. */
const signature = (key: string, scope = 'execute-api') =>
  `AWS4-HMAC-SHA256 Credential=${key}/20300101/eu-west-1/${scope}/aws4_request, SignedHeaders=host, Signature=00`;

const send = async (
  cloud: AttackedCloud,
  key: string,
  change: object = {},
  request: RawRequest = {},
): Promise<Answer> => {
  const decision = { decision: 'approve', reason: 'x', digest: await digestOf(cloud), ...change };
  return cloud.send(addressOf(cloud), {
    method: 'POST',
    body: JSON.stringify(decision),
    ...request,
    headers: { authorization: signature(key), 'content-type': 'application/json', ...request.headers },
  });
};

const as = (name: string, key: string, change: object = {}, request: RawRequest = {}): AttackCase => ({
  name,
  attack: async (cloud) => refusedBy(await send(cloud, key, change, request)),
});

const raw = (name: string, request: RawRequest, path?: string): AttackCase => ({
  name,
  attack: async (cloud) => refusedBy(await cloud.send(addressOf(cloud, path), request)),
});

/** Deciding from the command line, as who one is not. */
export const commands: AttackGroup = {
  name: 'command',
  // Two tried who are not asked: that is recorded once, so the cases change nothing.
  prepare: async (cloud) => {
    await cloud.ask('commanded');
    for (const key of ['dana', 'lee']) await send(cloud, key);
  },
  cases: [
    raw('not signed', { method: 'POST', body: '{}' }),
    raw('a bearer token instead', { method: 'POST', headers: { authorization: 'Bearer ada' }, body: '{}' }),
    raw('the list, not signed', {}, ''),
    as('signed for another service', 'ada', {}, { headers: { authorization: signature('ada', 'lambda') } }),
    as('with temporary keys that nobody was given', `ASIA${'A'.repeat(16)}`),
    as('as nobody of the configuration', 'mallory'),
    as('as the submitter', 'dana'),
    as('as the submitter, naming an approver in a header', 'dana', {}, { headers: { 'x-amzn-caller': 'ada' } }),
    as('as the submitter, naming an approver in the body', 'dana', { person: 'ada-approver' }),
    as('as a data scientist of another team', 'lee'),
    as('in capitals', 'ADA'),
    as('with a path before the name', 'team/ada'),
    as('of another digest', 'ada', { digest: 'f'.repeat(64) }),
    as('of no digest', 'ada', { digest: undefined }),
    as('another decision', 'ada', { decision: 'deploy' }),
    as('two decisions', 'ada', { decision: ['approve', 'reject'] }),
    as('a rejection without a reason', 'ada', { decision: 'reject', reason: ' ' }),
    as('with a revision of one’s own', 'ada', { revision: 99 }),
    as('with an artifact of one’s own', 'ada', { artifactUri: 's3://mine/model.tar.gz' }),
    as('with 100 kB of reason', 'ada', { reason: 'x'.repeat(100_000) }),
    as('as no JSON', 'ada', {}, { body: 'decision=approve' }),
    as('as a JSON list', 'ada', {}, { body: '[]' }),
    as('by DELETE', 'ada', {}, { method: 'DELETE' }),
    as('by PUT', 'ada', {}, { method: 'PUT' }),
    {
      name: 'by GET with a decision in the query',
      attack: async (cloud) => {
        const to = `${addressOf(cloud)}?decision=approve&digest=${await digestOf(cloud)}`;
        const answer = await cloud.send(to, { headers: { authorization: signature('ada') } });
        return { answer: `${answer.status}`, refused: !answer.body.includes('"choice"') };
      },
    },
    byEveryRoleBut('invokes the routes of people', /^$/, async (client, cloud) => {
      const url = new URL(`${cloud.running.url}${new URL(addressOf(cloud)).pathname}`);
      const sfn = { config: { credentials: async () => client.credentials } };
      const { status } = await signedFetch({ client, sfn } as never, url);
      if (status === 403) throw Object.assign(new Error('refused'), { name: 'AccessDenied' });
    }),
    byEveryRoleBut('calls the function past API Gateway, with an identity made up', /^$/, async (client, cloud) =>
      new LambdaClient(client).send(
        new InvokeCommand({
          FunctionName: 'launchway-local-decide-by-command',
          Payload: Buffer.from(
            JSON.stringify({
              rawPath: `/commands/approvals/${cloud.asked('commanded').requestId}`,
              requestContext: {
                http: { method: 'POST' },
                authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:user/ada', callerId: 'ada', accountId: '0' } },
              },
            }),
          ),
        }),
      ),
    ),
  ],
};
