import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type AttackCase,
  type AttackGroup,
  askedAgain,
  onlyShown,
  refusedBy,
  refusedOnThePage,
} from '../attack-case.ts';
import type { AttackedCloud, OpenForm } from '../attacked-cloud.ts';

type Fields = Readonly<Record<string, string | undefined>>;

const APPROVER = 'ada-approver';
const SUBMITTER = 'dana-scientist';
/** Not a vote: these forms have an act in its place. */
const NO_VOTE = { decision: undefined, reason: undefined };

const sent = (name: string, person: string, fields: Fields, of: typeof refusedBy | typeof askedAgain): AttackCase => ({
  name,
  attack: async (cloud) =>
    of(await cloud.post(await cloud.open(cloud.link('pending', person)), { ...NO_VOTE, ...fields })),
});

/** With a form whose token, cookie or link is not its own. */
const altered = (name: string, fields: Fields, form: (cloud: AttackedCloud) => Promise<OpenForm>): AttackCase => ({
  name,
  attack: async (cloud) => refusedBy(await cloud.post(await form(cloud), { ...NO_VOTE, ...fields })),
});

const open = (cloud: AttackedCloud, person: string) => cloud.open(cloud.link('pending', person));
const ask = { act: 'ask', text: 'why?' };
const withdraw = { act: 'withdraw', text: 'stop' };
const away = { act: 'delegate', to: 'ben-business', from: '2026-01-01', until: '2030-01-01' };
const again = (name: string, fields: Fields, person = APPROVER) => sent(name, person, fields, askedAgain);
const refused = (name: string, fields: Fields, person = APPROVER) => sent(name, person, fields, refusedBy);
/** Refused on the page itself, where the form to decide is still open. */
const turnedDown = (name: string, fields: Fields) => sent(name, APPROVER, fields, refusedOnThePage);
const soon = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Questions, comments, delegation and taking back, as they may not be. */
export const approversActs: AttackGroup = {
  name: 'other act of an approver',
  cases: [
    refused('an unknown act', { act: 'approve' }),
    refused('an act of who submitted', withdraw),
    refused('an answer', { act: 'answer', text: 'yes' }),
    refused('an act in other letters', { ...ask, act: 'Ask' }),
    refused('an act called as a member of every object', { ...ask, act: 'constructor' }),
    refused('an act and a decision at once', { ...ask, decision: 'approve' }),
    refused('an act with an empty decision', { ...ask, decision: '' }),
    refused('a question without its token', { ...ask, csrf: undefined }),
    altered('a question with the submitter’s token', ask, async (cloud) => ({
      ...(await open(cloud, APPROVER)),
      csrf: (await open(cloud, SUBMITTER)).csrf,
    })),
    again('an empty question', { act: 'ask', text: '' }),
    again('a question of spaces', { act: 'ask', text: ' \r\n\t ' }),
    again('a question that cannot be seen', { act: 'ask', text: '\u200b\u202e\u2066' }),
    again('a question of 2,001 characters', { act: 'ask', text: 'x'.repeat(2_001) }),
    again('a comment of 100 kB', { act: 'comment', text: 'x'.repeat(100_000) }),
    again('a comment of 60 kB of markup', { act: 'comment', text: '<b>'.repeat(20_000) }),
    again('a seat for oneself', { ...away, to: APPROVER, from: soon(0), until: soon(7) }),
    again('a seat for who submitted', { ...away, to: SUBMITTER, from: soon(0), until: soon(7) }),
    again('a seat for nobody', { ...away, to: '', from: soon(0), until: soon(7) }),
    again('a seat for every object’s member', { ...away, to: '__proto__', from: soon(0), until: soon(7) }),
    again('a seat for markup', { ...away, to: '<img src=x onerror=alert(1)>', from: soon(0), until: soon(7) }),
    again('a seat for somebody who is needed for another', { ...away, from: soon(0), until: soon(7) }),
    again('a seat until yesterday', { ...away, from: '2020-01-01', until: '2020-02-01' }),
    again('a seat for years', { ...away, from: soon(0), until: soon(900) }),
    again('a seat from no day', { ...away, from: '2026-02-30', until: soon(7) }),
    again('a seat until a sentence', { ...away, from: soon(0), until: `${soon(7)}' OR 1=1` }),
    turnedDown('the end of a delegation that there is not', { act: 'back', from: soon(0) }),
    turnedDown('an approval taken back that there is not', { act: 'revoke', why: 'no' }),
  ],
};

/** The page of who submitted, and links to it. */
export const submittersPage: AttackGroup = {
  name: 'page of who submitted',
  cases: [
    {
      name: 'opened five times, with GET and HEAD',
      attack: async (cloud) => {
        const link = cloud.link('pending', SUBMITTER);
        const answers = [];
        for (let i = 0; i < 5; i++) answers.push(await cloud.send(link), await cloud.send(link, { method: 'HEAD' }));
        const shown = onlyShown(...answers);
        return { ...shown, refused: shown.refused && answers.every(({ status }) => status === 200) };
      },
    },
    {
      name: 'its link on the approvers’ page',
      attack: async (cloud) => refusedBy(await cloud.send(cloud.link('pending', SUBMITTER).replace('/submission', ''))),
    },
    {
      name: 'an approver’s link on it',
      attack: async (cloud) =>
        refusedBy(await cloud.send(cloud.link('pending').replace('?link=', '/submission?link='))),
    },
    {
      name: 'its link for another request',
      attack: async (cloud) => {
        const { requestId } = cloud.asked('pending');
        const other = cloud.link('pending', SUBMITTER).replace(requestId, cloud.asked('other').requestId);
        return refusedBy(await cloud.send(other));
      },
    },
    {
      name: 'its link a character short',
      attack: async (cloud) => refusedBy(await cloud.send(cloud.link('pending', SUBMITTER).slice(0, -1))),
    },
    {
      name: 'no link',
      attack: async (cloud) => refusedBy(await cloud.send(`/approvals/${cloud.asked('pending').requestId}/submission`)),
    },
    refused('a vote', { decision: 'approve', reason: 'ok' }, SUBMITTER),
    refused('a question', ask, SUBMITTER),
    refused('an approval taken back', { act: 'revoke', why: 'no' }, SUBMITTER),
    refused('a withdrawal without its token', { ...withdraw, csrf: undefined }, SUBMITTER),
    altered('a withdrawal with an approver’s token', withdraw, async (cloud) => ({
      ...(await open(cloud, SUBMITTER)),
      csrf: (await open(cloud, APPROVER)).csrf,
    })),
    {
      name: 'a withdrawal sent by another site',
      attack: async (cloud) => {
        const form = await open(cloud, SUBMITTER);
        const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
        return refusedBy(await cloud.post(form, { ...NO_VOTE, ...withdraw }, { headers }));
      },
    },
    again('a withdrawal without a reason', { act: 'withdraw', text: '' }, SUBMITTER),
    again('a withdrawal for a reason of 60 kB', { act: 'withdraw', text: 'x'.repeat(60_000) }, SUBMITTER),
    again('an empty answer', { act: 'answer', text: '\r\n' }, SUBMITTER),
    again('an answer of 100 kB', { act: 'answer', text: 'x'.repeat(100_000) }, SUBMITTER),
  ],
};

const kept = new Map<string, OpenForm>();
const late = (name: string, person: string, fields: Fields): AttackCase => ({
  name,
  attack: async (cloud) => refusedBy(await cloud.post(kept.get(person)!, fields)),
});

/** What was open when who submitted took the question back. */
export const afterWithdrawal: AttackGroup = {
  name: 'after a withdrawal',
  prepare: async (cloud) => {
    await cloud.ask('withdrawn');
    for (const person of [APPROVER, 'ben-business', SUBMITTER])
      kept.set(person, await cloud.open(cloud.link('withdrawn', person)));
    const { status } = await cloud.post(kept.get(SUBMITTER)!, { ...NO_VOTE, ...withdraw });
    if (status !== 200) throw new Error(`expected the withdrawal to be taken, got ${status}`);
    for (const until = Date.now() + 30_000; ; await sleep(50)) {
      const rows = await cloud.rows();
      if (rows.some(({ model, type }) => model === 'withdrawn' && type === 'DecisionDelivered')) break;
      if (Date.now() > until) throw new Error('expected the waiting task to be answered within 30 s');
    }
  },
  cases: [
    late('an approval kept open', APPROVER, {}),
    late('a rejection kept open', 'ben-business', { decision: 'reject' }),
    late('a question kept open', APPROVER, { ...NO_VOTE, ...ask }),
    late('a seat handed over', APPROVER, { ...NO_VOTE, ...away, from: soon(0), until: soon(7) }),
    late('the withdrawal again', SUBMITTER, { ...NO_VOTE, ...withdraw }),
    late('an answer kept open', SUBMITTER, { ...NO_VOTE, act: 'answer', text: 'late' }),
  ],
};

/** Events that SES never sent, by somebody who may invoke the function. */
const bounced = (name: string, event: (cloud: AttackedCloud) => unknown): AttackCase => ({
  name,
  attack: async (cloud) => {
    const { FunctionError, Payload } = await new LambdaClient(cloud.client).send(
      new InvokeCommand({
        FunctionName: 'launchway-local-record-bounce',
        Payload: Buffer.from(JSON.stringify(event(cloud))),
      }),
    );
    const said = Buffer.from(Payload ?? []).toString();
    return { answer: said.slice(0, 80), refused: FunctionError !== undefined || said === '{"recorded":false}' };
  },
});

const bounce = (person: string, requestId: string) => ({
  eventType: 'Bounce',
  bounce: { bounceType: 'Permanent' },
  mail: { tags: { 'launchway-request': [requestId], 'launchway-person': [person] } },
});

export const forgedBounces: AttackGroup = {
  name: 'forged bounce',
  cases: [
    bounced('of an unknown request', () => bounce(APPROVER, `r${'0'.repeat(40)}`)),
    bounced('of somebody who is not asked', (cloud) => bounce(SUBMITTER, cloud.asked('pending').requestId)),
    bounced('of every object’s member', (cloud) => bounce('__proto__', cloud.asked('pending').requestId)),
    bounced('of a withdrawn request', (cloud) => bounce(APPROVER, cloud.asked('withdrawn').requestId)),
    bounced('without tags', () => ({ eventType: 'Bounce', mail: { tags: {} } })),
    bounced('with tags that are objects', () => ({
      eventType: 'Bounce',
      mail: { tags: { 'launchway-request': [{ $ne: '' }], 'launchway-person': [{}] } },
    })),
    bounced('of an event that is none', () => ({ eventType: 'Delivery' })),
    bounced('as nothing', () => null),
  ],
};
