import { createHmac } from 'node:crypto';
import { type ApprovalLink, decodeLink, encodeLink, linkMacInput } from '../../../domain/approval/approval-link.ts';
import { type AttackCase, type AttackGroup, refusedBy } from '../attack-case.ts';
import type { AttackedCloud } from '../attacked-cloud.ts';

interface Genuine {
  readonly link: ApprovalLink;
  readonly mac: Uint8Array;
  readonly text: string;
}

const genuine = (cloud: AttackedCloud, person = 'ada-approver', request = 'pending'): Genuine => {
  const text = new URL(cloud.link(request, person)).searchParams.get('link')!;
  return { ...decodeLink(text)!, text };
};

/** Opens and posts with `link=…` as written, with the cookie and form of a genuine page, which is the most an attacker can have. */
const withQuery = (name: string, query: (own: Genuine, cloud: AttackedCloud) => string, path?: string): AttackCase => ({
  name,
  attack: async (cloud) => {
    const form = await cloud.open(cloud.link('pending'));
    const own = genuine(cloud);
    const { pathname } = new URL(form.link);
    const to = `${path === undefined ? pathname : pathname.replace(own.link.requestId, path)}${query(own, cloud)}`;
    return refusedBy(await cloud.send(to), await cloud.post({ ...form, link: to }));
  },
});

const withLink = (name: string, text: (own: Genuine, cloud: AttackedCloud) => string): AttackCase =>
  withQuery(name, (own, cloud) => `?link=${text(own, cloud)}`);

const changed = (name: string, change: (link: ApprovalLink, cloud: AttackedCloud) => object): AttackCase =>
  withLink(`payload: ${name}`, ({ link, mac }, cloud) => encodeLink(change(link, cloud) as ApprovalLink, mac));

const base64 = (text: string): string => Buffer.from(text).toString('base64url');

const without = (member: keyof ApprovalLink): AttackCase =>
  changed(`${member} missing`, (link) => Object.fromEntries(Object.entries(link).filter(([name]) => name !== member)));

const payloads: readonly AttackCase[] = [
  changed('another approver', (link) => ({ ...link, approver: 'ben-business' })),
  changed('the submitter as approver', (link) => ({ ...link, approver: 'dana-scientist' })),
  changed('an unknown approver', (link) => ({ ...link, approver: 'mallory' })),
  changed('the approver in capitals', (link) => ({ ...link, approver: 'ADA-APPROVER' })),
  changed('the approver with a line end', (link) => ({ ...link, approver: 'ada-approver\r\n' })),
  changed('another request', (link, cloud) => ({ ...link, requestId: cloud.asked('other').requestId })),
  changed('an unknown request', (link) => ({ ...link, requestId: `r${'0'.repeat(40)}` })),
  changed('another digest', (link) => ({ ...link, digest: '0'.repeat(64) })),
  changed('one digit of the digest', (link) => ({
    ...link,
    digest: `${link.digest.slice(0, -1)}${link.digest.endsWith('0') ? 1 : 0}`,
  })),
  changed('a second longer', (link) => ({ ...link, expires: link.expires + 1 })),
  changed('a year longer', (link) => ({ ...link, expires: link.expires + 31_536_000 })),
  changed('for ever', (link) => ({ ...link, expires: Number.MAX_SAFE_INTEGER })),
  changed('expiry as text', (link) => ({ ...link, expires: String(link.expires) })),
  changed('expiry as a fraction', (link) => ({ ...link, expires: link.expires + 0.5 })),
  changed('expiry negative', (link) => ({ ...link, expires: -1 })),
  changed('another key', (link) => ({ ...link, keyId: '0'.repeat(12) })),
  changed('no key', (link) => ({ ...link, keyId: '' })),
  changed('a key ARN', (link) => ({ ...link, keyId: 'arn:aws:kms:eu-west-1:000000000000:alias/launchway-local-link' })),
  changed('a member more', (link) => ({ ...link, role: 'admin' })),
  without('requestId'),
  without('approver'),
  without('digest'),
  without('expires'),
  without('keyId'),
  changed('members as lists', (link) => ({ ...link, approver: [link.approver] })),
  withLink('payload: a list', ({ mac }) => encodeLink([] as unknown as ApprovalLink, mac)),
  withLink('payload: null', ({ mac }) => encodeLink(null as unknown as ApprovalLink, mac)),
  withLink(
    'payload: __proto__',
    ({ text }) => `${base64('{"__proto__":{"approver":"ada-approver"}}')}.${text.split('.')[1]}`,
  ),
  withLink('payload: members in another order', ({ link, text }) => {
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(link).reverse()));
    return `${base64(reordered)}.${text.split('.')[1]}`;
  }),
  withLink(
    'payload: white space in it',
    ({ link, text }) => `${base64(JSON.stringify(link, null, 1))}.${text.split('.')[1]}`,
  ),
  withLink('payload: not JSON', ({ text }) => `${base64('approve')}.${text.split('.')[1]}`),
];

const flipped = (mac: Uint8Array, at: number): Uint8Array => mac.map((byte, i) => (i === at ? byte ^ 1 : byte));

const macs: readonly AttackCase[] = [
  withLink('MAC: first bit', ({ link, mac }) => encodeLink(link, flipped(mac, 0))),
  withLink('MAC: last bit', ({ link, mac }) => encodeLink(link, flipped(mac, 31))),
  withLink('MAC: a byte short', ({ link, mac }) => encodeLink(link, mac.slice(0, 31))),
  withLink('MAC: a byte long', ({ link, mac }) => encodeLink(link, new Uint8Array([...mac, 0]))),
  withLink('MAC: zeros', ({ link }) => encodeLink(link, new Uint8Array(32))),
  withLink('MAC: none', ({ text }) => `${text.split('.')[0]}.`),
  withLink('MAC: the other approver’s', (own, cloud) => encodeLink(own.link, genuine(cloud, 'ben-business').mac)),
  withLink('MAC: of another request', (own, cloud) =>
    encodeLink(own.link, genuine(cloud, 'ada-approver', 'other').mac),
  ),
  withLink('MAC: under a guessed key', ({ link }) =>
    encodeLink(link, createHmac('sha256', 'launchway').update(linkMacInput(link)).digest()),
  ),
  withLink('MAC: under an empty key', ({ link }) =>
    encodeLink(link, createHmac('sha256', '').update(linkMacInput(link)).digest()),
  ),
  withLink('MAC: algorithm none', ({ link }) => `${base64('{"alg":"none"}')}.${base64(JSON.stringify(link))}.`),
  {
    name: 'MAC: the form’s instead of the link’s',
    attack: async (cloud) => {
      const form = await cloud.open(cloud.link('pending'));
      const to = `${new URL(form.link).pathname}?link=${genuine(cloud).text.split('.')[0]}.${form.csrf}`;
      return refusedBy(await cloud.send(to), await cloud.post({ ...form, link: to }));
    },
  },
];

const texts: readonly AttackCase[] = [
  withQuery('text: no link', () => ''),
  withQuery('text: an empty link', () => '?link='),
  withLink('text: “undefined”', () => 'undefined'),
  withLink('text: half of it', ({ text }) => text.slice(0, text.length / 2)),
  withLink('text: one character short', ({ text }) => text.slice(0, -1)),
  withLink('text: without its first character', ({ text }) => text.slice(1)),
  withLink('text: a full stop more', ({ text }) => `${text}.`),
  withLink('text: padded', ({ text }) => `${text}%3D`),
  withLink('text: a line end after it', ({ text }) => `${text}%0A`),
  withLink('text: a NUL after it', ({ text }) => `${text}%00`),
  withLink('text: a space before it', ({ text }) => `%20${text}`),
  withLink('text: in capitals', ({ text }) => text.toUpperCase()),
  withLink('text: twice encoded', ({ text }) => encodeURIComponent(`%25${text}`)),
  withLink('text: payload and MAC exchanged', ({ text }) => text.split('.').reverse().join('.')),
  withLink('text: 2,001 characters', () => `${'A'.repeat(1_957)}.${'A'.repeat(43)}`),
  withLink('text: 12 kB', ({ text }) => `${'A'.repeat(12_000)}${text}`),
  withLink('text: a script', () => encodeURIComponent('<script>alert(1)</script>.x')),
  withLink('text: a path', () => encodeURIComponent('../../../etc/passwd')),
  withQuery('text: the link twice', ({ text }) => `?link=${text}&link=${text}`),
  withQuery(
    'text: the other approver’s link besides',
    ({ text }, cloud) => `?link=${text}&link=${genuine(cloud, 'ben-business').text}`,
  ),
  withQuery('text: link as a list', ({ text }) => `?link[]=${text}`),
  withQuery('text: LINK', ({ text }) => `?LINK=${text}`),
  withQuery('text: after a semicolon', ({ text }) => `?x=1;link=${text}`),
];

const paths: readonly AttackCase[] = [
  withQuery('path: an unknown request', ({ text }) => `?link=${text}`, `r${'0'.repeat(40)}`),
  withQuery(
    'path: the request in capitals',
    ({ text, link }) => `?link=${text}&for=${link.requestId}`,
    'R'.padEnd(41, 'A'),
  ),
  {
    name: 'path: another request with this link',
    attack: async (cloud) => {
      const form = await cloud.open(cloud.link('pending'));
      const to = `/${form.link.split('/').slice(3, -1).join('/')}/${cloud.asked('other').requestId}?link=${genuine(cloud).text}`;
      return refusedBy(await cloud.send(to), await cloud.post({ ...form, link: to }));
    },
  },
  ...['/approve', '/', '%00', '%2Fapprove', ';x=1', '%0d%0aSet-Cookie:%20a=b', '.json'].map(
    (suffix): AttackCase => ({
      name: `path: ${suffix} after it`,
      attack: async (cloud) => {
        const form = await cloud.open(cloud.link('pending'));
        const [path, query] = new URL(form.link).href.slice(new URL(form.link).origin.length).split('?');
        const to = `${path}${suffix}?${query}`;
        return refusedBy(await cloud.send(to), await cloud.post({ ...form, link: to }));
      },
    }),
  ),
];

/** Every field of a link changed, cut or added, against both opening and posting. */
export const forgedLinks: AttackGroup = {
  name: 'forged link',
  cases: [...payloads, ...macs, ...texts, ...paths],
};
