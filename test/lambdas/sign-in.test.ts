import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { returnPath } from '../../domain/sign-in/attempt.ts';
import { sealSession } from '../../domain/sign-in/session.ts';
import { ApprovalRoom } from '../support/approval-room.ts';
import { InMemoryMacKey } from '../support/in-memory-sign-in.ts';
import type { Deceit } from '../support/scripted-issuer.ts';
import { PAGES, SignInRoom, Visitor } from '../support/sign-in-room.ts';

async function asked(change: ConstructorParameters<typeof SignInRoom>[0] = {}) {
  const room = new SignInRoom(change);
  await room.ask();
  return { room, visitor: new Visitor(room), ada: room.linkFor('ada') };
}

/** Only `Date` is replaced: the rest of the runtime goes on. */
const NOT_DATE = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;
const SESSION = '__Host-launchway-session';
const attemptCookies = ({ cookies }: Visitor) => [...cookies.keys()].filter((name) => name.includes('-sign-in-'));
const events = (room: SignInRoom) => room.approvals.audit.filter(({ type }) => type === 'IdentityRefused');

describe('A3: with an issuer, having the link is not being its approver', () => {
  it('sends a reader who has not signed in to the issuer, with PKCE, state and nonce, and shows nothing', async () => {
    const { visitor, ada } = await asked();
    const page = await visitor.get(ada);
    expect(page).toMatchObject({ statusCode: 303, body: '' });
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    const { headers, cookies } = await visitor.get(page.headers.location!);
    const sentTo = new URL(headers.location!);
    expect(sentTo.origin + sentTo.pathname).toBe('https://login.example.com/authorize');
    expect(Object.fromEntries(sentTo.searchParams)).toEqual({
      client_id: 'launchway',
      redirect_uri: `${PAGES}/sign-in/callback`,
      response_type: 'code',
      scope: 'openid',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Host-launchway-sign-in-\w{12}=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
      ),
    ]);
  });

  it('lets the approver decide, and records who vouched for them under which name', async () => {
    const { room, visitor, ada } = await asked();
    const page = await visitor.open(ada, 'sub-ada');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('You are signed in as sub-ada at https://login.example.com');
    expect(page.body).not.toContain('known by this link alone');
    expect(attemptCookies(visitor)).toEqual([]);
    const { body } = await visitor.decide(ada, { decision: 'approve', reason: 'the gates passed' });
    expect(body).toContain('you approved');
    const knownAs = { issuer: 'https://login.example.com', subject: 'sub-ada' };
    expect([...room.approvals.votes.values()]).toEqual([
      expect.objectContaining({ person: 'ada', identity: 'sign-in', knownAs }),
    ]);
    expect(room.approvals.audit.at(-1)).toMatchObject({ actor: 'ada', details: { identity: 'sign-in', knownAs } });
  });

  it('refuses a forwarded link under another identity, says so, and records it once', async () => {
    const { room, visitor, ada } = await asked();
    const page = await visitor.open(ada, 'sub-ben');
    expect(page.statusCode).toBe(403);
    expect(page.body).toContain('This link is for somebody else');
    expect(page.body).toContain('Ben');
    expect(page.body).not.toContain('name="decision"');
    for (let i = 0; i < 5; i++) expect((await visitor.get(ada)).statusCode).toBe(403);
    expect((await visitor.post(ada, { csrf: 'x', decision: 'approve' })).statusCode).toBe(403);
    expect(events(room)).toEqual([
      expect.objectContaining({
        actor: 'ben',
        details: expect.objectContaining({
          linkOf: 'ada',
          knownAs: { issuer: 'https://login.example.com', subject: 'sub-ben' },
        }),
      }),
    ]);
    expect(room.approvals.votes.size).toBe(0);
  });

  it('lets a person with a second identity sign in as somebody else', async () => {
    const { room, visitor, ada } = await asked();
    const { body } = await visitor.open(ada, 'sub-ben');
    const again = /href="(https[^"]+)"/.exec(body)![1]!.replaceAll('&amp;', '&');
    const sentTo = (await visitor.get(again)).headers.location!;
    expect(new URL(sentTo).searchParams.get('prompt')).toBe('login');
    const back = await visitor.get(room.issuer.authorize(sentTo, 'sub-ada'));
    expect((await visitor.get(back.headers.location!)).body).toContain('Decide as Ada');
  });

  it('refuses who is nobody in the configuration, compared as it is written and never by e-mail', async () => {
    for (const subject of ['SUB-ADA', 'sub-ada ', 'ada@example.com', 'constructor', '']) {
      const { room, visitor, ada } = await asked();
      room.issuer.deceit = { claims: { email: 'ada@example.com', email_verified: true } };
      const page = await visitor.open(ada, subject);
      expect(page.statusCode).toBe(403);
      expect(visitor.cookies.has(SESSION)).toBe(false);
    }
  });

  it('takes the claim that the configuration names', async () => {
    const { room, visitor, ada } = await asked({ subjectClaim: 'oid' });
    room.issuer.deceit = { claims: { oid: 'sub-ada' } };
    expect((await visitor.open(ada, 'sub-ben')).body).toContain('Decide as Ada');
    room.issuer.deceit = { claims: { oid: 7 } };
    expect((await new Visitor(room).open(ada, 'sub-ada')).statusCode).toBe(403);
  });

  it('fills a seat only with members of its group, where the configuration names one', async () => {
    const { room, ada } = await asked({ groups: { claim: 'groups', roles: { 'model-risk': 'mrm' } } });
    const outside = await new Visitor(room).open(ada, 'sub-ada', ['all-staff']);
    expect(outside.statusCode).toBe(403);
    expect(outside.body).toContain('only filled by members of mrm');
    expect(events(room)).toHaveLength(1);
    expect((await new Visitor(room).open(ada, 'sub-ada', ['mrm'])).body).toContain('Decide as Ada');
    expect((await new Visitor(room).open(room.linkFor('ben'), 'sub-ben')).body).toContain('Decide as Ben');
  });

  it('holds for the page of who submitted, too', async () => {
    const { room } = await asked();
    const submission = room.linkFor('dana');
    expect(new URL(submission).pathname).toMatch(/\/submission$/);
    expect((await new Visitor(room).open(submission, 'sub-ada')).statusCode).toBe(403);
    expect((await new Visitor(room).open(submission, 'sub-dana')).statusCode).toBe(200);
  });

  it('still refuses what is no genuine link, before anybody is sent anywhere', async () => {
    const { visitor, ada } = await asked();
    expect((await visitor.get(`${ada}x`)).statusCode).toBe(403);
    expect((await visitor.get(`${ada.split('?')[0]}?link=`)).statusCode).toBe(403);
    expect((await visitor.get(`${ada}&link=x`)).statusCode).toBe(403);
  });
});

describe('a request that a channel names, without a link', () => {
  const channelUrl = (room: SignInRoom) => `${PAGES}/approvals/${room.request().requestId}`;

  it('is opened and decided by an approver who signs in, and the record says that no link was used', async () => {
    const { room, visitor } = await asked();
    expect((await visitor.open(channelUrl(room), 'sub-ada')).body).toContain('Decide as Ada');
    const { body } = await visitor.decide(channelUrl(room), { decision: 'approve', reason: 'fine' });
    expect(body).toContain('you approved');
    expect(room.approvals.audit.at(-1)).toMatchObject({
      actor: 'ada',
      details: { identity: 'sign-in', link: { keyId: 'session' } },
    });
  });

  it('tells nobody else whether there is such a request', async () => {
    const { room } = await asked();
    const [dana, nobody] = [new Visitor(room), new Visitor(room)];
    const page = await dana.open(channelUrl(room), 'sub-dana');
    expect(page).toMatchObject({ statusCode: 403, body: expect.stringContaining('You are not asked to decide this') });
    const unknown = await nobody.open(`${PAGES}/approvals/r${'9'.repeat(40)}`, 'sub-dana');
    expect(unknown.body).toBe(page.body);
  });

  it('is closed to a form of another session, after expiry, and where no issuer is configured', async () => {
    const { room, visitor } = await asked();
    const csrf = /name="csrf" value="([^"]+)"/.exec((await visitor.open(channelUrl(room), 'sub-ada')).body)![1]!;
    const other = new Visitor(room);
    await other.open(channelUrl(room), 'sub-ben');
    expect((await other.post(channelUrl(room), { csrf, decision: 'approve' })).statusCode).toBe(403);
    room.clock.advance(24 * 3_600_000);
    expect((await new Visitor(room).open(channelUrl(room), 'sub-ada')).statusCode).toBe(410);
    const links = new ApprovalRoom();
    await links.ask();
    expect((await links.http('GET', channelUrl(room))).statusCode).toBe(403);
  });
});

describe('an ID token that is not as it must be signs nobody in', () => {
  const lies: Readonly<Record<string, Deceit>> = {
    'of another issuer': { claims: { iss: 'https://login.example.org' } },
    'for another client': { claims: { aud: 'another' } },
    'for several clients, handed to another': { claims: { aud: ['launchway', 'another'], azp: 'another' } },
    'that has expired': { claims: { exp: Math.floor(Date.now() / 1000) - 60 } },
    'without an end': { claims: { exp: undefined } },
    'that begins later': { claims: { nbf: Math.floor(Date.now() / 1000) + 600 } },
    'with the nonce of another sign-in': { claims: { nonce: 'a'.repeat(43) } },
    'without a nonce': { claims: { nonce: undefined } },
    'without a subject': { claims: { sub: undefined } },
    'with a list as its subject': { claims: { sub: ['sub-ada'] } },
    'signed by a key that was never published': { signature: 'stranger' },
    'not signed at all': { signature: 'none' },
    'signed with what a client knows': { signature: 'client' },
    'with half a signature': { signature: 'cut' },
    'of an unknown key': { header: { kid: 'another' } },
    'with a critical header that we do not know': { header: { crit: ['x'], x: 1 } },
    'in an answer that is no answer': { answer: () => Response.json({ access_token: 'a', token_type: 'Bearer' }) },
    'in an answer that is not JSON': { answer: () => new Response('<html>') },
    'refused by the issuer': { answer: () => Response.json({ error: 'invalid_grant' }, { status: 400 }) },
  };

  it.each(Object.entries(lies))('%s', async (_, deceit) => {
    const { room, visitor, ada } = await asked();
    room.issuer.deceit = deceit;
    const page = await visitor.open(ada, 'sub-ada');
    expect([page.statusCode, visitor.cookies.has(SESSION)]).toEqual([403, false]);
    expect(page.body).toContain('You were not signed in');
    expect(room.refusals).toHaveLength(1);
    expect(JSON.stringify(room.refusals)).not.toMatch(/eyJ|access-token/);
  });

  it('though the issuer says that it may sign with nothing, or with what a client knows', async () => {
    const { room, visitor, ada } = await asked();
    room.issuer.metadata = { id_token_signing_alg_values_supported: ['none', 'HS256'] };
    room.issuer.deceit = { signature: 'none' };
    expect((await visitor.open(ada, 'sub-ada')).statusCode).toBe(403);
  });
});

describe('a sign-in belongs to the browser that began it', () => {
  it('and is refused in another (login CSRF)', async () => {
    const { room, visitor, ada } = await asked();
    const back = room.issuer.authorize(await visitor.sentToSignIn(ada), 'sub-ada');
    const victim = new Visitor(room);
    const page = await victim.get(back);
    expect(page.statusCode).toBe(403);
    expect(page.body).toContain('did not begin in this browser');
    expect(victim.cookies.size).toBe(0);
  });

  it('is over once it came back: neither its code nor its state is taken twice', async () => {
    const { room, visitor, ada } = await asked();
    const sentTo = await visitor.sentToSignIn(ada);
    const kept = new Map(visitor.cookies);
    const back = room.issuer.authorize(sentTo, 'sub-ada');
    expect((await visitor.get(back)).statusCode).toBe(303);
    expect((await visitor.get(back)).statusCode).toBe(403);
    for (const [name, value] of kept) visitor.cookies.set(name, value);
    expect((await visitor.get(back)).body).toContain('You were not signed in');
  });

  it('is refused with another state, a code of another sign-in, or the answer of another issuer (mix-up)', async () => {
    const { room, visitor, ada } = await asked();
    const first = new URL(room.issuer.authorize(await visitor.sentToSignIn(ada), 'sub-ada'));
    const second = new URL(room.issuer.authorize(await new Visitor(room).sentToSignIn(ada), 'sub-ada'));
    const changed = (change: Record<string, string | undefined>) => {
      const url = new URL(first);
      for (const [name, value] of Object.entries(change)) {
        if (value === undefined) url.searchParams.delete(name);
        else url.searchParams.set(name, value);
      }
      return url.href;
    };
    const cookies = new Map(visitor.cookies);
    const wrong = [
      { state: second.searchParams.get('state')! },
      { state: undefined },
      { code: second.searchParams.get('code')! },
      { code: undefined },
      { iss: 'https://login.example.org' },
      { iss: undefined },
      { error: 'access_denied' },
    ];
    for (const change of wrong) {
      for (const [name, value] of cookies) visitor.cookies.set(name, value);
      expect((await visitor.get(changed(change))).statusCode).toBe(403);
      expect(visitor.cookies.has(SESSION)).toBe(false);
    }
    expect((await visitor.get(`${first.href}&code=again`)).statusCode).toBe(403);
  });

  it('may take ten minutes', async () => {
    const { room, visitor, ada } = await asked();
    const back = room.issuer.authorize(await visitor.sentToSignIn(ada), 'sub-ada');
    room.clock.advance(600_000);
    expect((await visitor.get(back)).statusCode).toBe(403);
  });

  it('does not spoil another that is under way in the same browser', async () => {
    const { room, visitor, ada } = await asked();
    const [one, two] = [await visitor.sentToSignIn(ada), await visitor.sentToSignIn(room.linkFor('abe'))];
    expect(attemptCookies(visitor)).toHaveLength(2);
    expect((await visitor.get(room.issuer.authorize(two, 'sub-abe'))).headers.location).toBe(room.linkFor('abe'));
    expect((await visitor.get(room.issuer.authorize(one, 'sub-ada'))).headers.location).toBe(ada);
  });

  it('returns to a page of ours and nowhere else (open redirect)', async () => {
    const { visitor } = await asked();
    const elsewhere = [
      'https://evil.example.com',
      '//evil.example.com',
      '/\\evil.example.com',
      '/approvals/../../evil',
      '/approvals/r00000000000000000?link=a&next=https://evil.example.com',
      '/approvals/r00000000000000000?link=https://evil.example.com',
      '/approvals/r00000000000000000\n',
      '/sign-out',
      'javascript:alert(1)',
      '',
    ];
    for (const to of elsewhere) {
      const page = await visitor.get(`${PAGES}/sign-in?${new URLSearchParams({ to })}`);
      expect([to, page.statusCode]).toEqual([to, 400]);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const to = returnPath(text);
        if (to !== undefined) expect(new URL(`${PAGES}${to}`).origin).toBe(PAGES);
      }),
    );
  });
});

describe('a session', () => {
  it('is one cookie that no script, no other host and no foreign form gets, for an hour', async () => {
    const { room, visitor, ada } = await asked();
    const { cookies } = await visitor.get(room.issuer.authorize(await visitor.sentToSignIn(ada), 'sub-ada'));
    expect(cookies?.find((cookie) => cookie.startsWith(SESSION))).toMatch(
      /^__Host-launchway-session=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600; Secure$/,
    );
    room.clock.advance(3_599_999);
    expect((await visitor.get(ada)).statusCode).toBe(200);
    room.clock.advance(1);
    expect((await visitor.get(ada)).statusCode).toBe(303);
  });

  it('is refused after any change of any character, and under another key', async () => {
    const { visitor, ada } = await asked();
    await visitor.open(ada, 'sub-ada');
    const text = visitor.cookies.get(SESSION)!;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), fc.constantFrom(...'AZaz09-_.'), async (i, character) => {
        fc.pre(text[i] !== character);
        visitor.cookies.set(SESSION, text.slice(0, i) + character + text.slice(i + 1));
        expect((await visitor.get(ada)).statusCode).toBe(303);
      }),
      { numRuns: 100 },
    );
    const payload = JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString());
    visitor.cookies.set(SESSION, await sealSession(new InMemoryMacKey('another'), payload));
    expect((await visitor.get(ada)).statusCode).toBe(303);
  });

  it('does not take an attempt’s cookie for a session, nor a link', async () => {
    const { visitor, ada } = await asked();
    await visitor.sentToSignIn(ada);
    visitor.cookies.set(SESSION, [...visitor.cookies.values()][0]!);
    expect((await visitor.get(ada)).statusCode).toBe(303);
    visitor.cookies.set(SESSION, new URL(ada).searchParams.get('link')!);
    expect((await visitor.get(ada)).statusCode).toBe(303);
  });

  it('decides nothing with a form of another session, or none', async () => {
    const { room, visitor, ada } = await asked();
    const csrf = /name="csrf" value="([^"]+)"/.exec((await visitor.open(ada, 'sub-ada')).body)![1]!;
    visitor.cookies.delete(SESSION);
    await visitor.open(ada, 'sub-ada');
    expect((await visitor.post(ada, { csrf, decision: 'approve', reason: 'x' })).statusCode).toBe(403);
    visitor.cookies.delete(SESSION);
    const late = await visitor.post(ada, { csrf, decision: 'approve', reason: 'typed <long>' });
    expect(late.statusCode).toBe(403);
    expect(late.body).toContain('Your sign-in has ended');
    expect(late.body).toContain('typed &lt;long&gt;');
    expect(room.approvals.votes.size).toBe(0);
  });

  it('ends in every browser when its person signs out', async () => {
    const { room, visitor, ada } = await asked();
    const other = new Visitor(room);
    await visitor.open(ada, 'sub-ada');
    await other.open(ada, 'sub-ada');
    const stolen = new Map(visitor.cookies);
    room.clock.advance(1_000);
    const page = await visitor.post(`${PAGES}/sign-out`, {});
    expect(page.body).toContain('signed out of Launchway, in every browser');
    expect(page.body).toContain('https://login.example.com/end');
    expect(visitor.cookies.has(SESSION)).toBe(false);
    for (const [name, value] of stolen) visitor.cookies.set(name, value);
    expect((await visitor.get(ada)).statusCode).toBe(303);
    expect((await other.get(ada)).statusCode).toBe(303);
    room.clock.advance(1_000);
    expect((await other.open(ada, 'sub-ada')).statusCode).toBe(200);
  });

  it('is not ended by another site', async () => {
    const { visitor, ada } = await asked();
    await visitor.open(ada, 'sub-ada');
    expect((await visitor.post(`${PAGES}/sign-out`, {}, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(404);
    expect((await visitor.get(`${PAGES}/sign-out`)).statusCode).toBe(404);
    expect((await visitor.get(ada)).statusCode).toBe(200);
  });

  it('ends where the configuration no longer has its subject, or another issuer', async () => {
    const { room, visitor, ada } = await asked();
    await visitor.open(ada, 'sub-ada');
    const { people, issuer } = room.config;
    const change = (config: object) => Object.assign(room.config, config);
    change({ people: { ...people, ada: { ...people.ada!, subjects: ['sub-ada-2'] } } });
    expect((await visitor.get(ada)).statusCode).toBe(303);
    change({ people, issuer: { ...issuer!, url: 'https://login.example.net' } });
    expect((await visitor.get(ada)).statusCode).toBe(303);
    change({ people, issuer });
    expect((await visitor.get(ada)).statusCode).toBe(200);
  });
});

describe('the issuer', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('may change its key: the new one is looked up, and the former is trusted five minutes at most', async () => {
    const { room, ada } = await asked();
    const former = room.issuer.key;
    jest.useFakeTimers({ now: Date.now(), doNotFake: [...NOT_DATE] });
    expect((await new Visitor(room).open(ada, 'sub-ada')).statusCode).toBe(200);
    room.issuer.rotate();
    jest.setSystemTime(Date.now() + 61_000);
    expect((await new Visitor(room).open(ada, 'sub-ada')).statusCode).toBe(200);
    expect(room.issuer.asked.filter((one) => one === 'GET /jwks')).toHaveLength(2);
    room.issuer.rotate();
    const current = room.issuer.key;
    jest.setSystemTime(Date.now() + 301_000);
    room.issuer.key = former; // somebody has the key that was withdrawn; what is published is the current one
    room.issuer.published = current;
    expect((await new Visitor(room).open(ada, 'sub-ada')).statusCode).toBe(403);
  });

  it('is told apart from a lie when it does not answer: nobody is refused for good', async () => {
    const { room, visitor, ada } = await asked();
    const sentTo = await visitor.sentToSignIn(ada);
    room.issuer.deceit = { answer: () => new Response('down', { status: 503 }) };
    const page = await visitor.get(room.issuer.authorize(sentTo, 'sub-ada'));
    expect(page.statusCode).toBe(503);
    expect(page.body).toContain('The sign-in does not answer');
  });

  it('must call itself what it is configured as', async () => {
    const { room, visitor, ada } = await asked();
    room.issuer.metadata = { issuer: 'https://login.example.org' };
    const page = await visitor.get((await visitor.get(ada)).headers.location!);
    expect(page.statusCode).toBe(503);
    room.issuer.metadata = {};
    expect((await visitor.open(ada, 'sub-ada')).statusCode).toBe(200);
  });

  it('may be half a minute off', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const [claims, statusCode] of [
      [{ iat: now + 20, nbf: now + 20 }, 200],
      [{ iat: now - 320, exp: now - 20 }, 200],
      [{ nbf: now + 40 }, 403],
      [{ iat: now - 340, exp: now - 40 }, 403],
    ] as const) {
      const { room, visitor, ada } = await asked();
      room.issuer.deceit = { claims };
      expect((await visitor.open(ada, 'sub-ada')).statusCode).toBe(statusCode);
    }
  });
});
