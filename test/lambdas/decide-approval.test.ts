import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeLink, encodeLink } from '../../domain/approval/approval-link.ts';
import { CONFIG, DEFINITION, versionRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';

async function asked(): Promise<ApprovalRoom> {
  const room = new ApprovalRoom();
  await room.ask();
  return room;
}

/** Everything that a request could change. */
const state = (room: ApprovalRoom) =>
  JSON.stringify([
    [...room.approvals.requests],
    [...room.approvals.votes],
    [...room.approvals.outbox],
    [...room.lineage.versions],
    [...room.lineage.releases],
    room.approvals.audit,
    room.decisions.announced,
  ]);

describe('A4: keys that rotate while people are asked', () => {
  it('the former key’s link decides until it expires, a form opened before too, and new links are the new key’s', async () => {
    const room = await asked();
    const old = room.linkFor('ada');
    const page = await room.http('GET', old);
    room.links.keys.unshift('key-2');
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)![1]!;
    const cookies = page.cookies!.map((one) => one.split(';')[0]!);
    expect((await room.post(old, { csrf, decision: 'approve', reason: 'x' }, { cookies })).statusCode).toBe(200);
    expect((await room.decide(room.linkFor('ben'), { decision: 'reject', reason: 'x' })).statusCode).toBe(200);
    room.addRelease(15, 8);
    await room.ask(15);
    const young = room.linkFor('ada');
    const keyOf = (url: string) => decodeLink(new URL(url).searchParams.get('link')!)!.link.keyId;
    expect([keyOf(old), keyOf(young)]).toEqual(['key-1', 'key-2']);
    expect((await room.http('GET', young)).statusCode).toBe(200);
    room.links.keys.pop();
    expect((await room.http('GET', old)).statusCode).toBe(403);
    expect((await room.http('GET', young)).statusCode).toBe(200);
  });

  it('the former key’s link expires as it said', async () => {
    const room = await asked();
    const old = room.linkFor('ada');
    room.links.keys.unshift('key-2');
    room.clock.advance(24 * 3_600_000);
    expect((await room.http('GET', old)).statusCode).toBe(410);
  });
});

describe('opening a link', () => {
  it('shows the evidence and a form, and changes nothing however often', async () => {
    const room = await asked();
    const before = state(room);
    for (const person of ['ada', 'abe', 'ben']) {
      for (let i = 0; i < 5; i++) {
        const page = await room.http('GET', room.linkFor(person));
        expect(page.statusCode).toBe(200);
        expect(page.body).toContain('<form method="post">');
        const head = await room.http('HEAD', room.linkFor(person));
        expect(head).toMatchObject({ statusCode: 200, body: '' });
        expect(head.cookies).toBeUndefined();
      }
    }
    expect(state(room)).toBe(before);
  });

  it('says that the link is the credential, and until when', async () => {
    const room = await asked();
    const { body } = await room.http('GET', room.linkFor('ada'));
    expect(body).toContain('Decide as Ada');
    expect(body).toContain('You are known by this link alone: no sign-in is configured');
    expect(body).toContain('Wed 2 Jan 2030, 00:00 UTC');
  });

  it('answers with strict headers and a cookie that no script and no other site gets', async () => {
    const room = await asked();
    const { headers, cookies } = await room.http('GET', room.linkFor('ada'));
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    expect(cookies).toEqual([
      expect.stringMatching(/^launchway-form-\w{12}=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=86400$/),
    ]);
    const secure = await room.http('GET', room.linkFor('ada'), { headers: { 'X-Forwarded-Proto': 'https' } });
    expect(secure.cookies![0]).toMatch(/^__Host-launchway-form-.*; Secure$/);
  });

  it('works under a stage path', async () => {
    const room = await asked();
    const url = room.linkFor('ada').replace('/approvals/', '/stage/approvals/');
    expect((await room.http('GET', url)).statusCode).toBe(200);
  });
});

describe('a link that is not genuine', () => {
  it('gets one and the same page, whatever is wrong with it', async () => {
    const room = await asked();
    const before = state(room);
    const link = room.linkFor('ada');
    const { link: payload, mac } = decodeLink(new URL(link).searchParams.get('link')!)!;
    const other = `r${'9'.repeat(40)}`;
    const base = 'https://approvals.example.com/approvals';
    const own = `${base}/${payload.requestId}`;
    const stranger = await room.links.sign({ ...payload, approver: 'eve' });
    const unknown = await room.links.sign({ ...payload, requestId: other });
    const urls = [
      `${own}`,
      `${own}?link=`,
      `${own}?link=abc.def`,
      `${own}?link=${encodeLink({ ...payload, approver: 'ben' }, mac)}`,
      `${own}?link=${encodeLink({ ...payload, expires: payload.expires + 60 }, mac)}`,
      `${own}?link=${stranger}`,
      `${base}/${other}?link=${unknown}`,
      link.replace(payload.requestId, other),
      link.slice(0, -3),
      `${link}&link=${new URL(link).searchParams.get('link')}`,
      `${base}/../../etc/passwd?link=x`,
      `${own}?link=${'x'.repeat(100_000)}`,
    ];
    const bodies = new Set<string>();
    for (const url of urls) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const { statusCode, body } = await room.http(method, url);
        expect(statusCode).toBe(403);
        bodies.add(body);
      }
    }
    expect(bodies.size).toBe(1);
    expect(state(room)).toBe(before);
  });

  it('is told when it expired, when its request changed, and when the method is no method of ours', async () => {
    const room = await asked();
    const link = room.linkFor('ada');
    expect((await room.http('DELETE', link)).headers.allow).toBe('GET, HEAD, POST');
    room.lineage.versions.set('flight-delays/7', versionRow({ image: 'another' }));
    expect((await room.http('GET', link)).statusCode).toBe(409);
    room.lineage.versions.set('flight-delays/7', versionRow());
    room.approvals.requests.set(room.request().requestId, { ...room.request(), digest: 'another' });
    expect((await room.http('GET', link)).statusCode).toBe(409);
    room.clock.advance(24 * 3_600_000);
    expect((await room.http('POST', link)).statusCode).toBe(410);
  });
});

describe('A22: a deployment that names other people while they are asked', () => {
  const without = (person: string) => {
    const { [person]: _gone, ...people } = CONFIG.people;
    const roles = Object.entries(CONFIG.roles).map(([role, members]) => [
      role,
      members.filter((one) => one !== person),
    ]);
    return { ...CONFIG, people, roles: Object.fromEntries(roles) };
  };

  it('takes what they were asked from those whom it no longer has, and leaves it to the others', async () => {
    const room = await asked();
    const form = await room.http('GET', room.linkFor('abe'));
    room.config = without('abe');
    const csrf = /name="csrf" value="([^"]+)"/.exec(form.body)![1]!;
    const cookies = form.cookies!.map((one) => one.split(';')[0]!);
    const before = state(room);
    expect((await room.http('GET', room.linkFor('abe'))).statusCode).toBe(403);
    const vote = { csrf, decision: 'approve', reason: '' };
    expect((await room.post(room.linkFor('abe'), vote, { cookies })).statusCode).toBe(403);
    expect(state(room)).toBe(before);
    for (const person of ['ada', 'ben']) await room.decide(room.linkFor(person), { decision: 'approve', reason: '' });
    expect(room.request().status).toBe('Approved');
  });

  it('takes it from those whom it no longer has in a role, but not from those who stand in', async () => {
    const room = await asked();
    room.config = { ...CONFIG, roles: { ...CONFIG.roles, 'model-risk': ['abe', 'dana'] } };
    const ada = await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '' });
    expect(ada.statusCode).toBe(403);
    const away = { act: 'delegate', to: 'ben', from: '2030-01-01', until: '2030-01-03' };
    expect((await room.decide(room.linkFor('abe'), away)).statusCode).toBe(200);
    expect((await room.decide(room.linkFor('ben'), { decision: 'reject', reason: 'no' })).statusCode).toBe(200);
    expect(room.request().status).toBe('Rejected');
  });

  it('goes on reminding the others', async () => {
    const room = await asked();
    room.config = without('abe');
    room.clock.advance(12 * 3_600_000);
    await room.remind();
    expect(
      room
        .askingMails()
        .slice(3)
        .flatMap(({ to }) => to),
    ).toEqual(['ada@example.com', 'ben@example.com']);
    expect(room.problems).toHaveLength(1);
  });
});

it('a tier that asks for a change ticket has it from every approver, on page, mail and record', async () => {
  const critical = { ...CONFIG.tiers.critical!, changeTicket: 'CHG[0-9]{7}' };
  const room = new ApprovalRoom({ config: { ...CONFIG, tiers: { ...CONFIG.tiers, critical } } });
  await room.ask();
  expect(room.askingMails()[0]!.text).toMatch(/Change ticket\s+an approval names one, written as CHG\[0-9\]\{7\}/);
  const without = await room.decide(room.linkFor('ada'), { decision: 'approve', reason: 'fine', ticket: '<b>' });
  expect(without.statusCode).toBe(422);
  expect(without.body).toContain('An approval names its change ticket, written as CHG[0-9]{7}.');
  expect(without.body).toMatch(/<input id="ticket" [^>]*value="&lt;b&gt;">/);
  expect(without.body).toContain('>fine</textarea>');
  const ticket = 'CHG0004711';
  const page = await room.decide(room.linkFor('ada'), { decision: 'approve', reason: '', ticket });
  expect(page.body).toContain('Ada, change ticket CHG0004711');
  expect(room.approvals.audit.at(-1)).toMatchObject({ type: 'VoteRecorded', details: { ticket } });
  expect((await room.decide(room.linkFor('ben'), { decision: 'reject', reason: 'no' })).statusCode).toBe(200);
  expect([...room.approvals.votes.values()].map((vote) => vote.ticket)).toEqual([ticket, undefined]);
});

describe('deciding', () => {
  it('approves when every seat is filled, in one transaction with version, outbox and audit', async () => {
    const room = await asked();
    expect((await room.decide(room.linkFor('ada'), { decision: 'approve' })).body).toContain(
      'Recorded: you approved. Others are still asked.',
    );
    expect(room.request().status).toBe('Pending');
    const page = await room.decide(room.linkFor('ben'), { decision: 'approve', reason: 'good for planning' });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('Approved. Every seat is filled');
    expect(page.body).not.toContain('name="decision"');
    const { requestId, digest } = room.request();
    expect(room.version()).toMatchObject({
      status: 'Approved',
      approval: { requestId, digest, approvers: ['ada', 'ben'] },
    });
    expect(room.approvals.outbox.get(requestId)).toMatchObject({ decision: 'Approved' });
    expect(room.approvals.audit.at(-1)).toMatchObject({
      type: 'DecisionRecorded',
      actor: 'ben',
      details: {
        decision: 'Approved',
        reason: 'good for planning',
        digest,
        identity: 'link',
        link: { keyId: 'key-1' },
      },
    });
    expect(room.decisions.announced).toEqual([requestId]);
  });

  it('rejects with a reason, and asks for one where it is missing, keeping the form', async () => {
    const room = await asked();
    const without = await room.decide(room.linkFor('ada'), { decision: 'reject', reason: ' ' });
    expect(without.statusCode).toBe(422);
    expect(without.body).toContain('role="alert"');
    expect(without.body).toContain('A rejection needs a reason.');
    expect(room.approvals.votes.size).toBe(0);
    const page = await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'worse <b>here</b>' });
    expect(page.body).toContain('“worse &lt;b&gt;here&lt;/b&gt;”');
    expect(room.version().status).toBe('Rejected');
    expect(room.request().status).toBe('Rejected');
  });

  it('needs a reason over a warning', async () => {
    const room = new ApprovalRoom();
    const { artifact } = versionRow();
    room.lineage.versions.set(
      'flight-delays/7',
      versionRow({ artifact: { ...artifact, findings: ['model.pkl is a pickle: loading it runs code'] } }),
    );
    await room.ask();
    expect((await room.decide(room.linkFor('ada'), { decision: 'approve' })).statusCode).toBe(422);
    expect((await room.decide(room.linkFor('ada'), { decision: 'approve', reason: 'ours' })).statusCode).toBe(200);
  });

  it('has a closed set of decisions: anything else is a 400 and no transition', async () => {
    const room = await asked();
    const before = state(room);
    const words = fc.oneof(
      fc.string(),
      fc.constantFrom('Approve', 'approve ', 'APPROVE', 'yes', '1', 'true', 'toString'),
    );
    await fc.assert(
      fc.asyncProperty(words, async (decision) => {
        fc.pre(decision !== 'approve' && decision !== 'reject');
        expect((await room.decide(room.linkFor('ada'), { decision })).statusCode).toBe(400);
      }),
      { numRuns: 200 },
    );
    const twice = `decision=approve&decision=approve`;
    const page = await room.http('GET', room.linkFor('ada'));
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)![1]!;
    const sent = await room.post(
      room.linkFor('ada'),
      {},
      { body: `csrf=${csrf}&${twice}`, cookies: [page.cookies![0]!.split(';')[0]!] },
    );
    expect(sent.statusCode).toBe(400);
    expect(state(room)).toBe(before);
  });

  it('takes nothing from the form or address but the decision and its reason', async () => {
    const room = await asked();
    const link = `${room.linkFor('ada')}&version=99&approver=ben&digest=x&image=evil`;
    const extra = {
      version: '99',
      approver: 'ben',
      person: 'ben',
      digest: 'x',
      artifact: 's3://evil',
      requestId: 'r2',
    };
    await room.decide(link, { decision: 'approve', ...extra });
    expect([...room.approvals.votes.values()]).toMatchObject([
      { person: 'ada', choice: 'approve', digest: room.request().digest },
    ]);
    expect(JSON.stringify([...room.approvals.votes, room.approvals.audit])).not.toContain('evil');
  });

  it('needs the form that was made for this reader', async () => {
    const room = await asked();
    const before = state(room);
    const link = room.linkFor('ada');
    const page = await room.http('GET', link);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)![1]!;
    const cookie = page.cookies![0]!.split(';')[0]!;
    const fields = { decision: 'approve', csrf };
    const from = { 'content-type': 'application/x-www-form-urlencoded', host: 'approvals.example.com' };
    const others = await room.http('GET', room.linkFor('ben'));
    const foreign = /name="csrf" value="([^"]+)"/.exec(others.body)![1]!;
    for (const sent of [
      room.post(link, { decision: 'approve' }, { cookies: [cookie] }),
      room.post(link, fields),
      room.post(link, fields, { cookies: [`${cookie.split('=')[0]}=another-nonce-another`] }),
      room.post(link, { ...fields, csrf: foreign }, { cookies: [cookie] }),
      room.post(link, { ...fields, csrf: 'x' }, { cookies: [cookie] }),
      room.post(link, fields, { cookies: [cookie, `${cookie.split('=')[0]}=another-nonce-another`] }),
      room.post(link, fields, {
        cookies: [cookie],
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
      }),
      ...['https://evil.example', 'https://approvals.example.com:8443', 'no origin'].map((origin) =>
        room.post(link, fields, { cookies: [cookie], headers: { ...from, origin } }),
      ),
    ]) {
      expect((await sent).statusCode).toBe(403);
    }
    expect(state(room)).toBe(before);
    const ours = { cookies: [cookie], headers: { ...from, origin: 'https://approvals.example.com' } };
    expect((await room.post(link, fields, ours)).statusCode).toBe(200);
    const again = { cookies: [cookie], headers: { ...from, origin: 'null' } };
    expect((await room.post(link, fields, again)).statusCode).toBe(409);
  });

  it('refuses what is not a form, and what is too large', async () => {
    const room = await asked();
    const link = room.linkFor('ada');
    expect((await room.post(link, {}, { headers: { 'content-type': 'application/json' } })).statusCode).toBe(415);
    expect((await room.post(link, {}, { headers: {} })).statusCode).toBe(415);
    expect((await room.post(link, { reason: 'x'.repeat(100_000) })).statusCode).toBe(413);
    expect((await room.decide(link, { decision: 'approve', reason: 'x'.repeat(3_000) })).statusCode).toBe(422);
    expect(room.approvals.votes.size).toBe(0);
  });

  it('reads a form in base64, and a cookie header', async () => {
    const room = await asked();
    const page = await room.http('GET', room.linkFor('ada'));
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)![1]!;
    const sent = await room.http('POST', room.linkFor('ada'), {
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        Cookie: `a=b; ${page.cookies![0]!.split(';')[0]}`,
      },
      body: Buffer.from(`decision=approve&csrf=${csrf}`).toString('base64'),
      isBase64Encoded: true,
    });
    expect(sent.statusCode).toBe(200);
    expect(room.approvals.votes.size).toBe(1);
  });

  it('counts a person once however often they send: 50 at once', async () => {
    const room = await asked();
    const link = room.linkFor('ada');
    const page = await room.http('GET', link);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)![1]!;
    const cookies = [page.cookies![0]!.split(';')[0]!];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        room.post(link, { csrf, decision: i % 2 ? 'approve' : 'reject', reason: 'x' }, { cookies }),
      ),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 409)).toHaveLength(49);
    expect(room.approvals.votes.size).toBe(1);
    expect(room.approvals.audit.filter(({ type }) => type !== 'ApprovalRequested')).toHaveLength(1);
  });

  it('fills the seats once when everyone sends at once', async () => {
    const room = await asked();
    const posts = await Promise.all(
      ['ada', 'abe', 'ben'].map((person) => room.decide(room.linkFor(person), { decision: 'approve' })),
    );
    expect(posts.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 409]);
    expect(room.request().status).toBe('Approved');
    expect(room.decisions.announced).toHaveLength(1);
    expect(room.approvals.votes.size).toBe(2);
  });

  it('is too late after a decision, an expiry and a supersession, and says which', async () => {
    for (const [status, words] of [
      ['Approved', 'it was approved before'],
      ['Rejected', 'it was rejected before'],
      ['Superseded', 'a newer release took its place'],
      ['Withdrawn', 'it was withdrawn'],
    ] as const) {
      const room = await asked();
      const link = room.linkFor('ada');
      const page = await room.http('GET', link);
      const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)![1]!;
      room.approvals.requests.set(room.request().requestId, { ...room.request(), status });
      const sent = await room.post(
        link,
        { csrf, decision: 'approve' },
        { cookies: [page.cookies![0]!.split(';')[0]!] },
      );
      expect(sent.statusCode).toBe(409);
      expect(sent.body).toContain(`Your decision came too late: ${words}.`);
      expect(sent.body).not.toContain('name="decision"');
      expect(room.approvals.votes.size).toBe(0);
    }
  });

  it('stays decided when the announcement is lost; the outbox has it', async () => {
    const room = await asked();
    room.decisions.failWith = new Error('queue away');
    const page = await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'no' });
    expect(page.statusCode).toBe(200);
    expect(room.problems).toHaveLength(1);
    expect(room.approvals.outbox.size).toBe(1);
  });

  it('tells a voter who comes back that the vote stands', async () => {
    const room = await asked();
    await room.decide(room.linkFor('ada'), { decision: 'approve' });
    const page = await room.http('GET', room.linkFor('ada'));
    expect(page.body).toContain('You have decided. Others are still asked');
    expect(page.body).not.toContain('name="decision"');
  });

  it('gives up politely when the request never holds still', async () => {
    const room = await asked();
    room.approvals.commitVote = async () => false;
    expect((await room.decide(room.linkFor('ada'), { decision: 'approve' })).statusCode).toBe(503);
  });

  it('shows no token on any page', async () => {
    const room = await asked();
    const pages = [
      await room.http('GET', room.linkFor('ada')),
      await room.decide(room.linkFor('ada'), { decision: 'reject', reason: 'n' }),
    ];
    expect(JSON.stringify(pages)).not.toMatch(/canary|sealed-/);
  });

  it('says what a regression model does', async () => {
    const room = new ApprovalRoom({
      definition: { ...DEFINITION, problem: { type: 'regression', target: 'delay', decisionThreshold: 0 } },
    });
    await room.ask();
    expect((await room.http('GET', room.linkFor('ada'))).body).toContain(
      'It estimates delay for each flight_id, from 2 features.',
    );
  });
});
