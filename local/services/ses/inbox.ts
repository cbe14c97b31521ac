import type { HttpHandler, HttpMounts, HttpResponse } from '../../http.ts';
import { listPage, mailPage, notFoundPage } from './inbox-pages.ts';
import type { Mail, Mailbox } from './mailbox.ts';

const PREFIX = '/_launchway/inbox';

/** Nothing but our own style and the frame around a mail. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A mail may look like itself, but run nothing, load nothing and send nothing; its links open a tab of their own. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
  'sandbox allow-popups allow-popups-to-escape-sandbox';

/**
 * `/_launchway/inbox` for people and `/_launchway/inbox.json?to=ADDRESS` for programs.
 *
 * @returns the unmount
 */
export const mountInbox = (http: HttpMounts, mailbox: Mailbox): (() => void) => {
  const unmounts = [
    http.mount(
      PREFIX,
      onlyReading((request) => page(mailbox, request.path)),
    ),
    http.mount(
      `${PREFIX}.json`,
      onlyReading((request) => json(newestFirst(mailbox.list(request.query.get('to') ?? undefined)))),
    ),
  ];
  return () => {
    for (const unmount of unmounts) unmount();
  };
};

const onlyReading =
  (handler: HttpHandler): HttpHandler =>
  (request) =>
    request.method === 'GET' || request.method === 'HEAD'
      ? handler(request)
      : { status: 405, headers: { allow: 'GET, HEAD' } };

const page = (mailbox: Mailbox, path: string): HttpResponse => {
  const [id, part, ...rest] = path.slice(PREFIX.length + 1).split('/');
  if (!id) return html(200, listPage(newestFirst(mailbox.list())), PAGE_POLICY);
  const mail = mailbox.get(id);
  if (!mail || rest.length > 0) return html(404, notFoundPage(), PAGE_POLICY);
  if (part === 'html' && mail.html !== undefined) return html(200, withLinksInNewTabs(mail.html), MAIL_POLICY);
  return part === undefined || part === ''
    ? html(200, mailPage(mail), PAGE_POLICY)
    : html(404, notFoundPage(), PAGE_POLICY);
};

const newestFirst = (mails: readonly Mail[]): Mail[] => [...mails].reverse();

const BASE = '<base target="_blank">';

/** The first `base` of a document counts, so ours goes before any the mail brings. */
const withLinksInNewTabs = (document: string): string => {
  const opening = /<head(?:\s[^>]*)?>/i.exec(document) ?? /<html(?:\s[^>]*)?>/i.exec(document);
  if (!opening) return `<!doctype html>${BASE}${document}`;
  const at = opening.index + opening[0].length;
  return document.slice(0, at) + BASE + document.slice(at);
};

const html = (status: number, body: string, policy: string): HttpResponse => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  },
  body,
});

const json = (body: unknown): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
