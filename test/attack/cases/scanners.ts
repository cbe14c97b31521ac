import { type AttackCase, type AttackGroup, onlyShown, refusedBy } from '../attack-case.ts';

const opening = (
  name: string,
  request: { method?: string; headers?: Record<string, string>; body?: string },
  more = '',
): AttackCase => ({
  name: `${name}, five times, every link`,
  attack: async (cloud) => {
    const answers = [];
    for (const link of cloud.asked('pending').links.values()) {
      for (let i = 0; i < 5; i++) answers.push(await cloud.send(`${link}${more}`, request));
    }
    return onlyShown(...answers);
  },
});

const otherMethod = (method: string): AttackCase => ({
  name: `${method} with the form and cookie of a genuine page`,
  attack: async (cloud) => {
    const form = await cloud.open(cloud.link('pending'));
    return refusedBy(await cloud.post(form, {}, { method }));
  },
});

/** What mail scanners, link previews and careless clients do to every link. */
export const scanners: AttackGroup = {
  name: 'scanner',
  cases: [
    opening('GET', {}),
    opening('HEAD', { method: 'HEAD' }),
    opening('GET as a prefetch', { headers: { purpose: 'prefetch', 'sec-purpose': 'prefetch;prerender' } }),
    opening('GET with a decision in the query', {}, '&decision=approve&reason=ok'),
    opening('GET with a decision in the body', { body: 'decision=approve&reason=ok' }),
    opening('GET that claims to be a POST', { headers: { 'x-http-method-override': 'POST', 'x-http-method': 'POST' } }),
    opening('HEAD with a body', { method: 'HEAD', body: 'decision=approve' }),
    {
      name: 'GET with the whole form in the query',
      attack: async (cloud) => {
        const form = await cloud.open(cloud.link('pending'));
        const to = `${form.link}&csrf=${form.csrf}&decision=approve&reason=ok`;
        return onlyShown(await cloud.send(to, { headers: { cookie: form.cookie } }));
      },
    },
    {
      name: 'POST of nothing',
      attack: async (cloud) => refusedBy(await cloud.send(cloud.link('pending'), { method: 'POST' })),
    },
    {
      name: 'POST as one-click unsubscribe (RFC 8058)',
      attack: async (cloud) =>
        refusedBy(
          await cloud.send(cloud.link('pending'), {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: 'List-Unsubscribe=One-Click',
          }),
        ),
    },
    {
      name: 'POST of every field that the page has, without its cookie',
      attack: async (cloud) => {
        const form = await cloud.open(cloud.link('pending'));
        return refusedBy(await cloud.post({ ...form, cookie: '' }));
      },
    },
    ...['PUT', 'PATCH', 'DELETE', 'OPTIONS'].map(otherMethod),
  ],
};
