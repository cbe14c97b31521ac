import type { Deceit, ScriptedIssuer } from '../../support/scripted-issuer.ts';
import { type AttackCase, type AttackGroup, type Outcome, refusedBy } from '../attack-case.ts';
import type { AttackedCloud } from '../attacked-cloud.ts';
import { locationOf, Profile, SESSION_COOKIE } from '../profile.ts';
import type { Answer } from '../raw-http.ts';

/** Refused as `refusedBy`, and nobody is signed in by it. */
const nobodySignedIn = (profile: Profile, ...answers: readonly Answer[]): Outcome => {
  const outcome = refusedBy(...answers);
  return { ...outcome, refused: outcome.refused && !profile.isSignedIn };
};

const link = (cloud: AttackedCloud) => cloud.link('pending');
const now = () => Math.floor(Date.now() / 1000);

const LIES: Readonly<Record<string, () => Deceit>> = {
  'of another issuer': () => ({ claims: { iss: 'https://login.example.org' } }),
  'of the issuer with a slash more': () => ({ claims: { iss: 'http://127.0.0.1/' } }),
  'for another client': () => ({ claims: { aud: 'another' } }),
  'for several clients, handed to another': () => ({ claims: { aud: ['launchway', 'another'], azp: 'another' } }),
  'that has expired': () => ({ claims: { exp: now() - 60 } }),
  'without an end': () => ({ claims: { exp: undefined } }),
  'that ends as text': () => ({ claims: { exp: String(now() + 300) } }),
  'that begins later': () => ({ claims: { nbf: now() + 600 } }),
  'with the nonce of another sign-in': () => ({ claims: { nonce: 'a'.repeat(43) } }),
  'without a nonce': () => ({ claims: { nonce: undefined } }),
  'without a subject': () => ({ claims: { sub: undefined } }),
  'with a list as its subject': () => ({ claims: { sub: ['ada'] } }),
  'with a subject in capitals': () => ({ claims: { sub: 'ADA' } }),
  'with a subject and a space': () => ({ claims: { sub: 'ada ' } }),
  'with an e-mail address as its subject': () => ({ claims: { sub: 'ada@example.com', email: 'ada@example.com' } }),
  'with a subject of nobody, and Ada’s e-mail address': () => ({
    claims: { sub: 'mallory', email: 'ada@example.com', email_verified: true },
  }),
  'with a name of JavaScript as its subject': () => ({ claims: { sub: '__proto__' } }),
  'with a subject of 100 kB': () => ({ claims: { sub: 'a'.repeat(100_000) } }),
  'signed by a key that was never published': () => ({ signature: 'stranger' }),
  'not signed at all': () => ({ signature: 'none' }),
  'signed with what a client knows': () => ({ signature: 'client' }),
  'with half a signature': () => ({ signature: 'cut' }),
  'of an unknown key': () => ({ header: { kid: 'another' } }),
  'with a key of its own': () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } }, signature: 'stranger' }),
  'with a critical header that we do not know': () => ({ header: { crit: ['x'], x: 1 } }),
  'in an answer without one': () => ({
    answer: () => Response.json({ access_token: 'a', token_type: 'Bearer' }),
  }),
  'in an answer that is no JSON': () => ({ answer: () => new Response('<html>') }),
  'in an answer of 2 MB': () => ({ answer: () => new Response('x'.repeat(2_000_000)) }),
  'refused by the issuer': () => ({ answer: () => Response.json({ error: 'invalid_grant' }, { status: 400 }) }),
};

/** ID tokens that are not as they must be. */
export const lyingIssuer = (issuer: ScriptedIssuer): AttackGroup => ({
  name: 'ID token',
  cases: Object.entries(LIES).map(([name, deceit]) => ({
    name,
    attack: async (cloud) => {
      const profile = new Profile(cloud, issuer);
      issuer.deceit = deceit();
      try {
        return nobodySignedIn(profile, await profile.open(link(cloud), 'ada'));
      } finally {
        issuer.deceit = {};
      }
    },
  })),
});

/** What comes back from the issuer, changed on the way. */
const changedCallback = (
  issuer: ScriptedIssuer,
  name: string,
  change: (url: URL, cloud: AttackedCloud) => string | Promise<string>,
): AttackCase => ({
  name,
  attack: async (cloud) => {
    const profile = new Profile(cloud, issuer);
    const back = new URL(issuer.authorize(await profile.begin(link(cloud)), 'ada'));
    return nobodySignedIn(profile, await profile.comeBack(await change(back, cloud)));
  },
});

const set = (url: URL, values: Readonly<Record<string, string | undefined>>): string => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
};

const codeOfAnother = async (issuer: ScriptedIssuer, cloud: AttackedCloud): Promise<string> => {
  const other = new Profile(cloud, issuer);
  return new URL(issuer.authorize(await other.begin(link(cloud)), 'ada')).searchParams.get('code')!;
};

export const callbacks = (issuer: ScriptedIssuer): AttackGroup => ({
  name: 'callback',
  cases: [
    changedCallback(issuer, 'without a state', (url) => set(url, { state: undefined })),
    changedCallback(issuer, 'with another state', (url) => set(url, { state: 'a'.repeat(43) })),
    changedCallback(issuer, 'with two states', (url) => `${url.href}&state=a`),
    changedCallback(issuer, 'without a code', (url) => set(url, { code: undefined })),
    changedCallback(issuer, 'with a made-up code', (url) => set(url, { code: 'a'.repeat(22) })),
    changedCallback(issuer, 'with two codes', (url) => `${url.href}&code=a`),
    changedCallback(issuer, 'with the code of another sign-in', async (url, cloud) =>
      set(url, { code: await codeOfAnother(issuer, cloud) }),
    ),
    changedCallback(issuer, 'of another issuer (mix-up)', (url) => set(url, { iss: 'https://login.example.org' })),
    changedCallback(issuer, 'without its issuer', (url) => set(url, { iss: undefined })),
    changedCallback(issuer, 'with an error', (url) => set(url, { error: 'access_denied' })),
    changedCallback(issuer, 'with an error that is a page', (url) =>
      set(url, { error: '<script>alert(1)</script>', code: undefined }),
    ),
    changedCallback(issuer, 'with an ID token in the address', (url) =>
      set(url, { id_token: 'a.b.c', code: undefined }),
    ),
    {
      name: 'in another browser (login CSRF)',
      attack: async (cloud) => {
        const back = issuer.authorize(await new Profile(cloud, issuer).begin(link(cloud)), 'ben');
        const victim = new Profile(cloud, issuer);
        return nobodySignedIn(victim, await victim.comeBack(back));
      },
    },
    {
      name: 'with the cookie of another attempt',
      attack: async (cloud) => {
        const profile = new Profile(cloud, issuer);
        await profile.begin(link(cloud));
        const [[, value] = ['', '']] = [...profile.cookies];
        const other = new Profile(cloud, issuer);
        const back = issuer.authorize(await other.begin(link(cloud)), 'ada');
        for (const name of other.cookies.keys()) other.cookies.set(name, value);
        return nobodySignedIn(other, await other.comeBack(back));
      },
    },
    {
      name: 'a second time, with the cookies of the first',
      attack: async (cloud) => {
        const profile = new Profile(cloud, issuer);
        const sentTo = await profile.begin(link(cloud));
        const cookies = new Map(profile.cookies);
        const back = issuer.authorize(sentTo, 'ada');
        await profile.send(back);
        const again = new Profile(cloud, issuer);
        for (const [name, value] of cookies) again.cookies.set(name, value);
        return nobodySignedIn(again, await again.comeBack(back));
      },
    },
    {
      name: 'ten minutes late',
      attack: async (cloud) => {
        const profile = new Profile(cloud, issuer);
        const back = issuer.authorize(await profile.begin(link(cloud)), 'ada');
        await cloud.advance(600_000);
        return nobodySignedIn(profile, await profile.comeBack(back));
      },
    },
    {
      name: 'posted',
      attack: async (cloud) => {
        const profile = new Profile(cloud, issuer);
        const back = issuer.authorize(await profile.begin(link(cloud)), 'ada');
        return nobodySignedIn(profile, await profile.send(back, { method: 'POST' }));
      },
    },
  ],
});

const ELSEWHERE = [
  'https://evil.example.com',
  '//evil.example.com/approvals/r0000000000000000',
  '/\\evil.example.com',
  '/approvals/../../evil',
  '/approvals/r0000000000000000/../../x',
  '/approvals/r0000000000000000@evil.example.com',
  '/approvals/r0000000000000000?link=a&to=https://evil.example.com',
  '/approvals/r0000000000000000?link=https://evil.example.com',
  '/approvals/r0000000000000000\r\nset-cookie: launchway-session=x',
  '/sign-out',
  'javascript:alert(1)',
  '',
];

export const openRedirects = (): AttackGroup => ({
  name: 'open redirect',
  cases: ELSEWHERE.map((to) => ({
    name: JSON.stringify(to),
    attack: async (cloud) => {
      const pages = new URL(link(cloud));
      const at = `${pages.href.split('/approvals/')[0]}/sign-in?${new URLSearchParams({ to })}`;
      const answer = await cloud.send(at);
      return { ...refusedBy(answer), refused: answer.status === 400 && answer.headers.location === undefined };
    },
  })),
});

/** Signed in, as somebody else. */
export const otherIdentities = (issuer: ScriptedIssuer): AttackGroup => {
  let ben: Profile;
  const asBen = (name: string, attack: (cloud: AttackedCloud) => Promise<Answer>): AttackCase => ({
    name,
    attack: async (cloud) => refusedBy(await attack(cloud)),
  });
  return {
    name: 'other identity',
    // That he came with it is recorded, once; so the cases change nothing.
    prepare: async (cloud) => {
      ben = new Profile(cloud, issuer);
      await ben.open(link(cloud), 'ben');
      await new Profile(cloud, issuer).open(link(cloud), 'dana');
    },
    cases: [
      asBen('a forwarded link, opened', (cloud) => ben.send(link(cloud))),
      asBen('a forwarded link, asked for by HEAD', (cloud) => ben.send(link(cloud), { method: 'HEAD' })),
      asBen('a forwarded link, posted to', (cloud) => ben.post(link(cloud), { csrf: 'x', decision: 'approve' })),
      asBen('a forwarded link, with the form of one’s own page', async (cloud) => {
        const own = await ben.send(cloud.link('pending', 'ben-business'));
        return ben.decide(link(cloud), own);
      }),
      {
        name: 'the submitter, with an approver’s link',
        attack: async (cloud) => refusedBy(await new Profile(cloud, issuer).open(link(cloud), 'dana')),
      },
      {
        name: 'the submitter, without a link',
        attack: async (cloud) => refusedBy(await new Profile(cloud, issuer).open(link(cloud).split('?')[0]!, 'dana')),
      },
      {
        name: 'an approver, of a request that does not exist',
        attack: async (cloud) => {
          const url = link(cloud)
            .split('?')[0]!
            .replace(/r[0-9a-f]{40}$/, `r${'0'.repeat(40)}`);
          return refusedBy(await new Profile(cloud, issuer).open(url, 'ada'));
        },
      },
      {
        name: 'nobody: every link is only sent on to the issuer',
        attack: async (cloud) => {
          const answers = [];
          for (const one of cloud.asked('pending').links.values()) {
            for (const method of ['GET', 'HEAD']) answers.push(await cloud.send(one, { method }));
          }
          const refused = answers.every(
            (one) => one.status === 303 && locationOf(one).includes('/sign-in?to=') && one.body === '',
          );
          return { answer: [...new Set(answers.map(({ status }) => status))].join(), refused };
        },
      },
      {
        name: 'nobody: the form of a page that was open',
        attack: async (cloud) => {
          const ada = new Profile(cloud, issuer);
          const page = await ada.open(link(cloud), 'ada');
          ada.cookies.delete(SESSION_COOKIE);
          return refusedBy(await ada.decide(link(cloud), page));
        },
      },
    ],
  };
};
