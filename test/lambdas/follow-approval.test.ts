import { describe, expect, it } from '@jest/globals';
import { CONFIG, releaseRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

const HOUR = 3_600_000;

async function asked(): Promise<ApprovalRoom> {
  const room = new ApprovalRoom();
  await room.ask();
  return room;
}

const said = (room: ApprovalRoom) => [...room.thread.notes.values()].map(({ kind, by, text }) => [kind, by, text]);
const types = (room: ApprovalRoom) => room.approvals.audit.map(({ type }) => type);

describe('who submitted', () => {
  it('is told whom it was asked of and until when, with a link of their own that opens nothing of an approver’s', async () => {
    const room = await asked();
    const [mail] = room.mailer.sent.filter(({ to }) => to.includes('dana@example.com'));
    expect(mail!.subject).toBe('[flight-delays] version 7: people are asked whether it may serve');
    for (const fact of ['Abe, Ada, Ben', 'Wed 2 Jan 2030, 00:00 UTC', '/submission?link=']) {
      expect(mail!.text).toContain(fact);
    }
    const link = room.linkFor('dana');
    expect((await room.http('GET', link)).statusCode).toBe(200);
    expect((await room.http('GET', link.replace('/submission', ''))).statusCode).toBe(403);
    const [path, query] = [new URL(room.linkFor('ada')).pathname, new URL(room.linkFor('ada')).search];
    expect((await room.http('GET', `https://approvals.example.com${path}/submission${query}`)).statusCode).toBe(403);
  });

  it('is the model’s owner where nobody is known by the principal', async () => {
    const room = new ApprovalRoom();
    const submitter = { principal: 'AWS:AIDA1' };
    room.lineage.releases.set('flight-delays/14', releaseRow({ submitter }));
    await room.ask();
    const link = room.linkFor('ops-analytics');
    expect((await room.decide(link, { act: 'withdraw', text: 'not ours' })).statusCode).toBe(200);
    expect(room.request()).toMatchObject({ status: 'Withdrawn', withdrawn: { by: 'AWS:AIDA1', reason: 'not ours' } });
  });

  it('withdraws with a reason; the task is answered, approvers read why, and their forms decide nothing', async () => {
    const room = await asked();
    const open = room.linkFor('ada');
    const page = await room.decide(room.linkFor('dana'), { act: 'withdraw', text: '' });
    expect([page.statusCode, page.body]).toEqual([422, expect.stringContaining('Say why: it is kept in the record.')]);
    expect(room.request().status).toBe('Pending');
    const done = await room.decide(room.linkFor('dana'), { act: 'withdraw', text: 'wrong <b>file</b>' });
    expect(done.body).toContain('Withdrawn. Nobody is asked any more');
    expect(done.body).toContain('launchway ask-again flight-delays/14');
    await room.deliver();
    expect(room.tasks.answers.map(({ output }) => output)).toEqual([
      { requestId: room.request().requestId, decision: 'Withdrawn' },
    ]);
    const late = await room.decide(open, { decision: 'approve', reason: '' });
    expect(room.request().status).toBe('Withdrawn');
    expect(room.approvals.votes.size).toBe(0);
    expect(late.statusCode).toBe(403);
    expect((await room.http('GET', open)).body).toContain(
      'Dana withdrew this request: “wrong &lt;b&gt;file&lt;/b&gt;”',
    );
    expect(types(room)).toEqual(['ApprovalRequested', 'ApprovalWithdrawn', 'DecisionDelivered']);
    expect(room.approvals.audit[1]).toMatchObject({
      actor: 'dana',
      details: { identity: 'link', reason: 'wrong <b>file</b>' },
    });
  });

  it('cannot withdraw what was decided first, and two at once change one thing', async () => {
    const room = await asked();
    const dana = room.linkFor('dana');
    const results = await Promise.all([
      room.decide(dana, { act: 'withdraw', text: 'stop' }),
      room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' }),
      room.decide(dana, { act: 'withdraw', text: 'stop' }),
    ]);
    const { status } = room.request();
    expect(['Withdrawn', 'Rejected']).toContain(status);
    expect(room.approvals.outbox.size).toBe(1);
    expect(results.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
    const again = await room.decide(dana, { act: 'withdraw', text: 'stop' });
    expect(again.statusCode).toBe(403); // no form any more
  });

  it('learns on the page how it stands', async () => {
    const room = await asked();
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: 'gates passed' });
    const { body } = await room.http('GET', room.linkFor('dana'));
    for (const fact of ['Ada approved: “gates passed”', 'Abe, Ben', '1 of business and 1 of model-risk']) {
      expect(body).toContain(fact);
    }
    room.clock.advance(24 * HOUR);
    expect((await room.http('GET', room.linkFor('dana'))).statusCode).toBe(410);
  });

  it('needs a genuine form: no token, another site, an unknown act and a vote change nothing', async () => {
    const room = await asked();
    const link = room.linkFor('dana');
    const before = JSON.stringify([[...room.approvals.requests], [...room.thread.notes]]);
    expect((await room.post(link, { act: 'withdraw', text: 'x' })).statusCode).toBe(403);
    expect((await room.decide(link, { act: 'approve', text: 'x' })).statusCode).toBe(400);
    expect((await room.decide(link, { decision: 'approve', reason: 'x' })).statusCode).toBe(400);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' };
    expect((await room.decide(link, { act: 'withdraw', text: 'x' }, { headers })).statusCode).toBe(403);
    for (const method of ['GET', 'HEAD', 'GET']) await room.http(method, link);
    expect((await room.http('DELETE', link)).statusCode).toBe(405);
    expect(JSON.stringify([[...room.approvals.requests], [...room.thread.notes]])).toBe(before);
  });
});

describe('questions', () => {
  it('go to who submitted by mail, and the answer to all who have not decided; none of it is a vote', async () => {
    const room = await asked();
    await room.decide(room.linkFor('ben'), { decision: 'approve', reason: '' });
    const asking = await room.decide(room.linkFor('ada'), { act: 'ask', text: 'Why is May missing?' });
    expect(asking.body).toContain('Asked. The answer is mailed to you.');
    const question = room.mailer.sent.at(-1)!;
    expect([question.to, question.subject]).toEqual([
      ['dana@example.com'],
      '[flight-delays] version 7: Ada asks you something',
    ]);
    expect(question.text).toContain('> Why is May missing?');
    expect(question.thread).toBe('release/flight-delays/14');
    const count = room.mailer.sent.length;
    const answered = await room.decide(room.linkFor('dana'), {
      act: 'answer',
      text: 'The airport was closed.\nSee the report.',
    });
    expect(answered.body).toContain('Answered.');
    expect(room.mailer.sent.slice(count).map(({ to }) => to[0])).toEqual(['abe@example.com', 'ada@example.com']);
    expect(room.mailer.sent.at(-1)!.text).toContain('> The airport was closed.\n> See the report.');
    expect(room.mailer.sent.at(-1)!.text).not.toContain('http');
    const { body } = await room.http('GET', room.linkFor('abe'));
    for (const text of ['Why is May missing?', 'The airport was closed.']) expect(body).toContain(text);
    expect(said(room).map(([kind, by]) => [kind, by])).toEqual([
      ['question', 'ada'],
      ['answer', 'dana'],
    ]);
    expect(room.approvals.votes.size).toBe(1);
    expect(room.request().status).toBe('Pending');
    expect(types(room).slice(-2)).toEqual(['QuestionAsked', 'QuestionAnswered']);
    expect([...room.thread.notes.values()].every(({ toldAt }) => toldAt !== undefined)).toBe(true);
  });

  it('may also be comments, which are mailed to nobody', async () => {
    const room = await asked();
    const count = room.mailer.sent.length;
    const page = await room.decide(room.linkFor('abe'), { act: 'comment', text: 'Looks like last spring.' });
    expect(page.body).toContain('Looks like last spring.');
    expect(room.mailer.sent).toHaveLength(count);
    await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' });
    const after = await room.decide(room.linkFor('ada'), { act: 'comment', text: 'After my vote.' });
    expect(after.statusCode).toBe(200);
    expect(said(room)).toHaveLength(2);
  });

  it('that are empty, too long, hostile or too many come back or are shown as text', async () => {
    const room = await asked();
    for (const text of ['', ' \r\n', '\u200b', 'x'.repeat(2_001)]) {
      const page = await room.decide(room.linkFor('ada'), { act: 'ask', text });
      expect(page.statusCode).toBe(422);
    }
    expect(room.thread.notes.size).toBe(0);
    const hostile = '</textarea><script>alert(1)</script>\r\nBcc: eve@example.com';
    const page = await room.decide(room.linkFor('ada'), { act: 'ask', text: hostile });
    expect(page.body).not.toContain('<script');
    const mail = room.mailer.sent.at(-1)!;
    expect(mail.html).not.toContain('<script');
    expect(mail.to).toEqual(['dana@example.com']);
    for (let i = 1; i < 60; i++) await room.decide(room.linkFor('ada'), { act: 'comment', text: `note ${i}` });
    const full = await room.decide(room.linkFor('ada'), { act: 'comment', text: 'one more' });
    expect([full.statusCode, room.thread.notes.size]).toEqual([422, 60]);
  });

  it('are mailed later where the mail could not be handed over', async () => {
    const room = await asked();
    room.mailer.failWith = new Error('throttled');
    const page = await room.decide(room.linkFor('ada'), { act: 'ask', text: 'Why?' });
    expect(page.statusCode).toBe(200);
    expect(room.problems).toHaveLength(1);
    room.mailer.failWith = undefined;
    const count = room.mailer.sent.length;
    await room.remind();
    expect(room.mailer.sent).toHaveLength(count);
    room.clock.advance(HOUR);
    await room.remind();
    await room.remind();
    expect(room.mailer.sent.slice(count).map(({ subject }) => subject)).toEqual([
      '[flight-delays] version 7: Ada asks you something',
    ]);
  });

  it('end with the request', async () => {
    const room = await asked();
    await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' });
    for (const person of ['ada', 'abe', 'dana']) {
      const page = await room.decide(room.linkFor(person), { act: person === 'dana' ? 'answer' : 'ask', text: 'late' });
      expect(page.statusCode).toBe(403);
    }
    expect(room.thread.notes.size).toBe(0);
  });
});

describe('handing a seat over', () => {
  const away = { act: 'delegate', to: 'ben', from: '2030-01-01', until: '2030-01-08' };

  it('moves it at once, mails who stands in, is recorded, and the old link says whose it is', async () => {
    const room = await asked();
    const link = room.linkFor('abe');
    const page = await room.decide(link, away);
    expect([page.statusCode, page.body]).toEqual([200, expect.stringContaining('Ben stands in for you')]);
    expect(page.body).not.toContain('<form');
    const gone = await room.http('GET', link);
    expect([gone.statusCode, gone.body]).toEqual([403, expect.stringContaining('Your seat is somebody else’s here')]);
    expect(room.request().approvers.map(({ person }) => person)).toEqual(['ada', 'ben']);
    const mail = room.askingMails().at(-1)!;
    expect([mail.to, mail.subject]).toEqual([['ben@example.com'], expect.stringContaining('you stand in')]);
    expect(room.approvals.audit.at(-1)).toMatchObject({
      type: 'SeatDelegated',
      actor: 'abe',
      details: { delegated: { to: 'ben' } },
    });
    expect((await room.http('GET', room.linkFor('ben'))).body).toContain(
      'You are asked for Abe, who is away until Tue 8 Jan 2030',
    );
    expect([...room.delegations.delegations.values()]).toMatchObject([
      { person: 'abe', to: 'ben', requestId: room.request().requestId },
    ]);
    room.addRelease(15, 8);
    await room.ask(15);
    expect(room.request(`r${'2'.padStart(40, '0')}`).approvers.map(({ person }) => person)).toEqual(['ada', 'ben']);
  });

  it('for later keeps the seat until then, and can be ended', async () => {
    const room = await asked();
    const link = room.linkFor('abe');
    const page = await room.decide(link, { ...away, from: '2030-01-05' });
    expect(page.body).toContain('Ben stands in for you until Tue 8 Jan 2030. It is recorded.');
    expect(page.body).toContain('name="decision"');
    expect((await room.decide(link, { ...away, from: '2030-01-06' })).statusCode).toBe(422);
    const ended = await room.decide(link, { act: 'back', from: '2030-01-05' });
    expect(ended.body).toContain('Ended.');
    expect((await room.decide(link, { act: 'back', from: '2030-01-05' })).statusCode).toBe(409);
    expect([...room.delegations.delegations.values()]).toMatchObject([{ from: '2030-01-05', until: '2030-01-05' }]);
  });

  it('is refused for oneself, who submitted, whom nobody named for a role, in the past, and after voting', async () => {
    const room = await asked();
    const link = room.linkFor('abe');
    for (const change of [
      { to: 'abe' },
      { to: 'dana' },
      { to: 'dan' },
      { to: '' },
      { to: 'constructor' },
      { until: '2029-12-31' },
      { until: '' },
      { until: '2031-01-01' },
      { from: '2030-01-01T00:00' },
    ]) {
      const page = await room.decide(link, { ...away, ...change });
      expect([change, page.statusCode]).toEqual([change, 422]);
    }
    await room.decide(link, { decision: 'approve', reason: '' });
    expect((await room.decide(link, away)).statusCode).toBe(422);
    const page = await room.http('GET', room.linkFor('ada'));
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)![1]!;
    const cookies = page.cookies!.map((one) => one.split(';')[0]!);
    await room.decide(room.linkFor('ben'), { decision: 'reject', reason: 'no' });
    const late = await room.post(room.linkFor('ada'), { csrf, ...away }, { cookies });
    expect([late.statusCode, late.body]).toEqual([409, expect.stringContaining('It is too late')]);
    expect(room.delegations.delegations.size).toBe(0);
    expect(room.request().approvers.map(({ person }) => person)).toEqual(['abe', 'ada', 'ben']);
  });
});

describe('taking an approval back', () => {
  it('is for those who were asked, with a reason; the others, the owner and the operators are told', async () => {
    const room = await asked();
    const links = { ada: room.linkFor('ada'), abe: room.linkFor('abe'), ben: room.linkFor('ben') };
    await room.decide(links.ada, { decision: 'approve', reason: '' });
    expect((await room.decide(links.ada, { act: 'revoke', why: 'too early' })).statusCode).toBe(409);
    await room.decide(links.ben, { decision: 'approve', reason: '' });
    expect((await room.decide(links.abe, { act: 'revoke', why: ' ' })).statusCode).toBe(422);
    const page = await room.decide(links.abe, { act: 'revoke', why: 'the labels were wrong' });
    expect(page.body).toContain('Abe took this approval back on Tue 1 Jan 2030');
    expect(room.version().approval).toMatchObject({ revoked: { by: 'abe', reason: 'the labels were wrong' } });
    expect(room.request().status).toBe('Approved');
    const mail = room.mailer.sent.at(-1)!;
    expect(mail.to).toEqual(['ops-analytics@example.com', CONFIG.mail.operators, 'ada@example.com', 'ben@example.com']);
    expect(mail.text).toContain('was not deployed yet');
    expect((await room.decide(links.ada, { act: 'revoke', why: 'again' })).statusCode).toBe(403);
    expect(room.approvals.audit.at(-1)).toMatchObject({ type: 'ApprovalRevoked', actor: 'abe' });
  });
});
