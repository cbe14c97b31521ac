import { createHmac } from 'node:crypto';
import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { encodeSigned, macInput } from '../../../domain/signed-text.ts';
import type { ScriptedIssuer } from '../../support/scripted-issuer.ts';
import { type AttackCase, type AttackGroup, type Outcome, refusedBy } from '../attack-case.ts';
import type { AttackedCloud } from '../attacked-cloud.ts';
import { csrfIn, Profile, SESSION_COOKIE } from '../profile.ts';
import type { Answer } from '../raw-http.ts';
import { byEveryRoleBut } from './other-roles.ts';

/** Shown nothing: sent to sign in, or told no. */
const shownNothing = (answer: Answer): Outcome => ({
  answer: String(answer.status),
  refused: (answer.status === 303 || answer.status === 403) && !answer.body.includes('name="decision"'),
});

const link = (cloud: AttackedCloud) => cloud.link('pending');

export const forgedSessions = (issuer: ScriptedIssuer): AttackGroup => {
  let genuine: string;
  const withCookie = (name: string, cookie: (cloud: AttackedCloud) => string | Promise<string>): AttackCase => ({
    name,
    attack: async (cloud) => shownNothing(await cloud.send(link(cloud), { headers: { cookie: await cookie(cloud) } })),
  });
  const value = (name: string, of: (cloud: AttackedCloud) => string | Promise<string>): AttackCase =>
    withCookie(name, async (cloud) => `${SESSION_COOKIE}=${await of(cloud)}`);
  const changed = (name: string, change: object): AttackCase =>
    value(`changed: ${name}`, () => {
      const [payload = '', mac = ''] = genuine.split('.');
      const session = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as object;
      return encodeSigned({ ...session, ...change }, Buffer.from(mac, 'base64url'));
    });
  const invented = () => ({
    id: 'x',
    person: 'ada-approver',
    issuer: issuer.url,
    subject: 'ada',
    groups: [],
    signedInAt: 0,
    expires: 9_999_999_999_999,
  });
  return {
    name: 'forged session',
    prepare: async (cloud) => {
      const ben = new Profile(cloud, issuer);
      await ben.open(cloud.link('pending', 'ben-business'), 'ben');
      genuine = ben.cookies.get(SESSION_COOKIE)!;
    },
    cases: [
      changed('another person', { person: 'ada-approver' }),
      changed('another person and subject', { person: 'ada-approver', subject: 'ada' }),
      changed('another subject', { subject: 'ada' }),
      changed('another issuer', { issuer: 'https://login.example.org' }),
      changed('a year longer', { expires: 9_999_999_999_999 }),
      changed('more groups', { groups: ['model-risk'] }),
      value('cut', () => genuine.slice(0, -1)),
      value('doubled', () => `${genuine}.${genuine}`),
      value('empty', () => ''),
      value('of 100 kB', () => 'a'.repeat(10_000)),
      value('without a MAC', () => `${Buffer.from(JSON.stringify(invented())).toString('base64url')}.`),
      value('under a key of one’s own', () =>
        encodeSigned(
          invented(),
          createHmac('sha256', 'mine').update(macInput('launchway/session/v1', invented())).digest(),
        ),
      ),
      value('an approval link', (cloud) => new URL(link(cloud)).searchParams.get('link')!),
      value('the cookie of a sign-in under way', async (cloud) => {
        const profile = new Profile(cloud, issuer);
        await profile.begin(link(cloud));
        return [...profile.cookies.values()][0]!;
      }),
      withCookie('two that differ', () => `${SESSION_COOKIE}=${genuine}; ${SESSION_COOKIE}=x`),
      withCookie('under a name that begins like it', () => `${SESSION_COOKIE}-x=${genuine}`),
      byEveryRoleBut('signs a session', /^launchway-local-pipeline-SignIn/, (client, cloud) =>
        new KMSClient(client).send(
          new GenerateMacCommand({
            KeyId: `arn:aws:kms:eu-west-1:${cloud.connection.account}:alias/launchway-local-session`,
            Message: macInput('launchway/session/v1', invented()),
            MacAlgorithm: 'HMAC_SHA_256',
          }),
        ),
      ),
    ],
  };
};

export const endedSessions = (issuer: ScriptedIssuer): AttackGroup => {
  let stolen: Map<string, string>;
  let page: Answer;
  const withStolen = (name: string, attack: (thief: Profile, cloud: AttackedCloud) => Promise<Answer>): AttackCase => ({
    name,
    attack: async (cloud) => {
      const thief = new Profile(cloud, issuer);
      for (const [cookie, value] of stolen) thief.cookies.set(cookie, value);
      return shownNothing(await attack(thief, cloud));
    },
  });
  return {
    name: 'ended session',
    prepare: async (cloud) => {
      const ada = new Profile(cloud, issuer);
      page = await ada.open(link(cloud), 'ada');
      stolen = new Map(ada.cookies);
      await cloud.advance(1_000);
      await ada.post(`${link(cloud).split('/approvals/')[0]}/sign-out`, {});
      await cloud.advance(1_000);
    },
    cases: [
      withStolen('a stolen cookie after its person signed out', (thief, cloud) => thief.send(link(cloud))),
      withStolen('the form of it', (thief, cloud) => thief.decide(link(cloud), page)),
      withStolen('the page that a channel names', (thief, cloud) => thief.send(link(cloud).split('?')[0]!)),
      {
        name: 'its form in the session after it',
        attack: async (cloud) => {
          const ada = new Profile(cloud, issuer);
          await ada.open(link(cloud), 'ada');
          for (const [cookie, value] of stolen) if (cookie !== SESSION_COOKIE) ada.cookies.set(cookie, value);
          return refusedBy(await ada.post(link(cloud), { csrf: csrfIn(page), decision: 'approve', reason: 'x' }));
        },
      },
      {
        name: 'another site signs somebody out',
        attack: async (cloud) => {
          const ada = new Profile(cloud, issuer);
          await ada.open(link(cloud), 'ada');
          const out = `${link(cloud).split('/approvals/')[0]}/sign-out`;
          const answers = [await ada.post(out, {}, { 'sec-fetch-site': 'cross-site' }), await ada.send(out)];
          const still = await ada.send(link(cloud));
          return { ...refusedBy(...answers), refused: still.status === 200 };
        },
      },
      {
        name: 'a session of an hour ago',
        attack: async (cloud) => {
          const ada = new Profile(cloud, issuer);
          await ada.open(link(cloud), 'ada');
          await cloud.advance(3_600_000);
          return shownNothing(await ada.send(link(cloud)));
        },
      },
    ],
  };
};
