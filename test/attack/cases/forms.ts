import { type AttackCase, type AttackGroup, askedAgain, refusedBy } from '../attack-case.ts';
import type { AttackedCloud, OpenForm } from '../attacked-cloud.ts';

const altered = (
  name: string,
  alter: (form: OpenForm, cloud: AttackedCloud) => OpenForm | Promise<OpenForm>,
): AttackCase => ({
  name,
  attack: async (cloud) => {
    const form = await cloud.open(cloud.link('pending'));
    return refusedBy(await cloud.post(await alter(form, cloud)));
  },
});

const fields = (name: string, change: Record<string, string | undefined>): AttackCase => ({
  name,
  attack: async (cloud) => refusedBy(await cloud.post(await cloud.open(cloud.link('pending')), change)),
});

const headers = (name: string, add: Record<string, string>): AttackCase => ({
  name,
  attack: async (cloud) => refusedBy(await cloud.post(await cloud.open(cloud.link('pending')), {}, { headers: add })),
});

const rawBody = (
  name: string,
  body: (form: OpenForm) => string | Uint8Array,
  type = 'application/x-www-form-urlencoded',
): AttackCase => ({
  name,
  attack: async (cloud) => {
    const form = await cloud.open(cloud.link('pending'));
    return refusedBy(await cloud.post(form, {}, { body: body(form), headers: { 'content-type': type } }));
  },
});

const nonceOf = ({ cookie }: OpenForm): string => cookie.split('=')[1]!;
const nameOf = ({ cookie }: OpenForm): string => cookie.split('=')[0]!;

/** Cross-site forgery, and forms of other pages, readers and requests. */
export const forgedForms: AttackGroup = {
  name: 'forged form',
  cases: [
    fields('no CSRF token', { csrf: undefined }),
    fields('an empty CSRF token', { csrf: '' }),
    fields('a made-up CSRF token', { csrf: 'A'.repeat(43) }),
    altered('a CSRF token a character short', (form) => ({ ...form, csrf: form.csrf.slice(0, -1) })),
    altered('the link’s MAC as CSRF token', (form) => ({ ...form, csrf: form.link.split('.').at(-1)! })),
    altered('the other approver’s CSRF token', async (form, cloud) => ({
      ...form,
      csrf: (await cloud.open(cloud.link('pending', 'ben-business'))).csrf,
    })),
    altered('the other approver’s form with this link', async ({ link }, cloud) => ({
      ...(await cloud.open(cloud.link('pending', 'ben-business'))),
      link,
    })),
    altered('another request’s form with this link', async ({ link }, cloud) => ({
      ...(await cloud.open(cloud.link('other'))),
      link,
    })),
    altered('a CSRF token of an earlier visit', async (form, cloud) => ({
      ...form,
      csrf: (await cloud.open(cloud.link('pending'))).csrf,
    })),
    altered('no cookie', (form) => ({ ...form, cookie: '' })),
    altered('an empty cookie', (form) => ({ ...form, cookie: `${nameOf(form)}=` })),
    altered('a made-up cookie', (form) => ({ ...form, cookie: `${nameOf(form)}=${'A'.repeat(32)}` })),
    altered('a cookie fixed by another site', (form) => ({
      ...form,
      cookie: `${nameOf(form)}=${'A'.repeat(32)}; ${form.cookie}`,
    })),
    altered('the cookie under another name', (form) => ({
      ...form,
      cookie: `launchway-form-000000000000=${nonceOf(form)}`,
    })),
    altered('the cookie’s value quoted', (form) => ({ ...form, cookie: `${nameOf(form)}="${nonceOf(form)}"` })),
    headers('sent by another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }),
    headers('sent by a sibling site', { 'sec-fetch-site': 'same-site' }),
    headers('from another origin, as a browser without fetch metadata says it', { origin: 'https://evil.example' }),
    headers('from our host under another port', { origin: 'http://127.0.0.1:1' }),
    headers('from an origin that is none', { origin: 'evil' }),
    headers('under a foreign origin, as a browser says it', {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    }),
    headers('under a foreign Host', { host: 'evil.example' }),
    rawBody('the CSRF token twice', ({ csrf }) => `csrf=${csrf}&csrf=${csrf}&decision=approve`),
    rawBody('the CSRF token as a list', ({ csrf }) => `csrf[]=${csrf}&decision=approve`),
    rawBody('as JSON', ({ csrf }) => JSON.stringify({ csrf, decision: 'approve', reason: 'ok' }), 'application/json'),
    rawBody('as plain text', ({ csrf }) => `csrf=${csrf}&decision=approve`, 'text/plain'),
    rawBody(
      'as multipart',
      ({ csrf }) => `--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${csrf}\r\n--x--`,
      'multipart/form-data; boundary=x',
    ),
    rawBody('as XML', ({ csrf }) => `<form><csrf>${csrf}</csrf><decision>approve</decision></form>`, 'application/xml'),
    rawBody('with no type at all', ({ csrf }) => `csrf=${csrf}&decision=approve`, ''),
    rawBody('as bytes that are no text', () => new Uint8Array(2_000).fill(0xff)),
    rawBody('100 kB of fields', ({ csrf }) => `csrf=${csrf}&decision=approve&${'x=1&'.repeat(25_000)}`),
    rawBody('3 MB', ({ csrf }) => `csrf=${csrf}&decision=approve&reason=${'x'.repeat(3_000_000)}`),
    rawBody(
      '11 MB, more than API Gateway takes',
      ({ csrf }) => `csrf=${csrf}&decision=approve&reason=${'x'.repeat(11_000_000)}`,
    ),
  ],
};

const decision = (value: string | undefined): AttackCase =>
  fields(`decision ${JSON.stringify(value) ?? 'missing'}`, { decision: value });

/** Anything that is not exactly one of the two decisions. */
export const unknownDecisions: AttackGroup = {
  name: 'unknown decision',
  cases: [
    ...[
      undefined,
      '',
      'Approve',
      'APPROVE',
      'approved',
      'approve ',
      'approve\u0000',
      'approve\r\n',
      'yes',
      'true',
      '1',
      'withdraw',
      'expire',
      'Approved',
      'constructor',
      '__proto__',
      'аpprove',
      '<b>approve</b>',
    ].map(decision),
    rawBody('approve and reject at once', ({ csrf }) => `csrf=${csrf}&decision=approve&decision=reject&reason=x`),
    rawBody('approve twice', ({ csrf }) => `csrf=${csrf}&decision=approve&decision=approve&reason=x`),
    rawBody('decision as a list', ({ csrf }) => `csrf=${csrf}&decision[]=approve&reason=x`),
    rawBody(
      'decision and reason from elsewhere',
      ({ csrf }) => `csrf=${csrf}&status=Approved&approved=true&action=approve&digest=x`,
    ),
  ],
};

/** Of the page: for a reason, and for a question. */
const TEXT_AREAS = 2;

const reason = (name: string, text: string, of: 'approve' | 'reject' = 'reject'): AttackCase => ({
  name: `${name}${of === 'reject' ? '' : ', approving'}`,
  attack: async (cloud) => {
    const answer = await cloud.post(await cloud.open(cloud.link('pending')), { decision: of, reason: text });
    const outcome = askedAgain(answer);
    // What was typed comes back inside its text area, as text: outside of the page's own, nothing may be new.
    const [before, ...rest] = answer.body.split(/<textarea[^>]*>/);
    const around = `${before}${rest.map((part) => part.split('</textarea>').slice(1).join('')).join('')}`;
    const injected =
      rest.length > TEXT_AREAS || /<(script|img|svg|iframe|b)\b|\bon(load|error|focus)=|evil\.example/i.test(around);
    return injected ? { ...outcome, answer: `${outcome.answer}: injected`, refused: false } : outcome;
  },
});

const long = (text: string): string => text.repeat(Math.ceil(5_000 / text.length));

/** Reasons that are none, too long, or meant for someone who renders them; the form comes back with what was typed, escaped. */
export const hostileReasons: AttackGroup = {
  name: 'hostile reason',
  cases: [
    reason('a rejection without one', ''),
    reason('spaces', '   \t  '),
    reason('line ends', '\r\n\r\n'),
    reason('zero-width characters', '\u200b\u200d\ufeff'),
    reason('direction marks', '\u202e\u2066\u2069'),
    reason('NULs', '\u0000\u0000'),
    reason('a script', long('<script>fetch("//evil.example")</script>')),
    reason('an image', long('<img src=x onerror=alert(1)>')),
    reason('the end of the text area', long('</textarea><svg onload=alert(1)>')),
    reason('the end of an attribute', long(`"'><b autofocus onfocus=alert(1)>`)),
    reason('headers', long('x\r\nSet-Cookie: launchway=1\r\nBcc: eve@example.com\r\n\r\n<b>')),
    reason('templates', long(`{{7*7}} \${7*7} <%= 7*7 %> #{7*7} `)),
    reason('SQL and formulas', long(`=HYPERLINK("//evil") '; DROP TABLE votes; -- `)),
    reason('right to left', long('\u202eelbaresrever ')),
    reason('emoji', long('👩')),
    reason('combining marks', long('Z̸̢͓͈')),
    reason('2,001 characters', 'x'.repeat(2_001)),
    reason('2,001 characters', 'x'.repeat(2_001), 'approve'),
    reason('60 kB', 'x'.repeat(60_000)),
    reason('100 kB', 'x'.repeat(100_000)),
    reason('100 kB', 'x'.repeat(100_000), 'approve'),
    reason('100 kB of markup', '<b>'.repeat(33_000)),
  ],
};
