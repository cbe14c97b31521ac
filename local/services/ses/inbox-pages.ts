import type { Mail } from './mailbox.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);

const STYLE = `
  :root { color-scheme: light dark; --ink: #1c2330; --soft: #5d6675; --line: #dde1e8; --paper: #fff; --back: #f4f6f9; --accent: #1f5fbf; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e8ebf0; --soft: #9aa4b5; --line: #313845; --paper: #1b2029; --back: #12161d; --accent: #7fb0ff; }
  }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 1rem; overflow-wrap: anywhere; }
  a { color: var(--accent); }
  ul { list-style: none; margin: 0; padding: 0; background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
  li + li { border-top: 1px solid var(--line); }
  li a { display: block; padding: .8rem 1rem; color: inherit; text-decoration: none; }
  li a:hover, li a:focus-visible { background: var(--back); }
  .subject { display: block; font-weight: 600; overflow-wrap: anywhere; }
  .soft { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; margin: 0 0 1.2rem; }
  dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
  .parts { display: grid; gap: 1rem; }
  @media (min-width: 60rem) { .parts.both { grid-template-columns: 3fr 2fr; } }
  h2 { font-size: .9rem; margin: 0 0 .4rem; color: var(--soft); font-weight: 600; }
  iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: .6rem; background: #fff; }
  pre { margin: 0; padding: 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .9rem/1.5 ui-monospace, monospace; }
`;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body>
</html>
`;

const time = (at: string): string =>
  `<time datetime="${escapeHtml(at)}">${escapeHtml(at.slice(0, 16).replace('T', ' '))} UTC</time>`;

/** @param mails newest first */
export const listPage = (mails: readonly Mail[]): string => {
  const items = mails.map(
    (mail) =>
      `<li><a href="/_launchway/inbox/${encodeURIComponent(mail.id)}"><span class="subject">${escapeHtml(mail.subject || '(no subject)')}</span>` +
      `<span class="soft">to ${escapeHtml(mail.to.join(', '))} · ${time(mail.at)}${fatesOf(mail)}</span></a></li>`,
  );
  const list = items.length > 0 ? `<ul>${items.join('')}</ul>` : '<p class="soft">No mail yet.</p>';
  return page('Inbox', `<h1>Inbox</h1>${list}`);
};

/** Whom the mail did not simply reach. */
const fatesOf = (mail: Mail): string =>
  Object.entries(mail.fates ?? {})
    .map(([address, fate]) => ` · ${escapeHtml(`${fate}: ${address}`)}`)
    .join('');

export const mailPage = (mail: Mail): string => {
  const facts = [
    ['From', escapeHtml(mail.from)],
    ['To', escapeHtml(mail.to.join(', '))],
    ...(mail.replyTo.length > 0 ? [['Reply to', escapeHtml(mail.replyTo.join(', '))]] : []),
    ['Sent', time(mail.at) + fatesOf(mail)],
  ];
  const source = `/_launchway/inbox/${encodeURIComponent(mail.id)}/html`;
  const frame =
    mail.html === undefined
      ? ''
      : `<section><h2>HTML</h2><iframe title="The mail as its reader sees it" src="${source}" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe></section>`;
  const text = mail.text === undefined ? '' : `<section><h2>Text</h2><pre>${linked(mail.text)}</pre></section>`;
  return page(
    mail.subject,
    `<p><a href="/_launchway/inbox">Inbox</a></p><h1>${escapeHtml(mail.subject || '(no subject)')}</h1>` +
      `<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>` +
      `<div class="parts${frame && text ? ' both' : ''}">${frame}${text}</div>`,
  );
};

export const notFoundPage = (): string =>
  page('No such mail', '<h1>No such mail</h1><p><a href="/_launchway/inbox">Inbox</a></p>');

/** Text with its links to follow; everything else, and the links' text too, is escaped. */
const linked = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) =>
      index % 2 === 1
        ? `<a href="${escapeHtml(part)}" target="_blank" rel="noopener noreferrer">${escapeHtml(part)}</a>`
        : escapeHtml(part),
    )
    .join('');
