import { createHash } from 'node:crypto';
import type { HttpResponse } from '../http.ts';
import { Markup, markup, type Part } from './markup.ts';
import { STYLE } from './style.ts';

/** Where the console is mounted. */
export const ROOT = '/_launchway';

/** The parts of the console: what its address is called, and what a person calls it. */
const SECTIONS = [
  ['', 'Launchway'],
  ['/state-machines', 'State machines'],
  ['/functions', 'Functions'],
  ['/endpoints', 'Endpoints'],
  ['/buckets', 'Buckets'],
  ['/tables', 'Tables'],
  ['/queues', 'Queues'],
  ['/inbox', 'Mails'],
] as const;

const STYLE_DIGEST = createHash('sha256').update(STYLE).digest('base64');

/** Our own style and links; no script, no image, nothing from elsewhere, in nobody's frame. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** Seconds between two looks at something that runs. */
const REFRESH = 5;

/** One page, before it has a frame. */
export interface Page {
  readonly title: string;
  readonly body: Markup;
  /** Which section of the navigation it belongs to: `/functions`. */
  readonly section?: (typeof SECTIONS)[number][0];
  /** Something on it is under way, so it loads itself again. */
  readonly live?: boolean;
  /** @default 200 */
  readonly status?: number;
}

export const pageResponse = (page: Page): HttpResponse => ({
  status: page.status ?? 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  },
  body: framed(page).text,
});

const framed = ({ title, body, section, live }: Page): Markup => markup`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${live === true && markup`<meta http-equiv="refresh" content="${REFRESH}">`}
<title>${title} · Launchway local cloud</title><style>${new Markup(STYLE)}</style></head>
<body><header><nav aria-label="Console">${SECTIONS.map(
  ([path, name]) => markup`<a href="${ROOT}${path}"${path === section && markup` aria-current="page"`}>${name}</a>`,
)}</nav></header>
<main><h1>${title}</h1>
${body}</main></body>
</html>
`;

/** @param path below the console's root, its variable parts already encoded with {@link segment} */
export const link = (path: string, text: Part): Markup => markup`<a href="${ROOT}${path}">${text}</a>`;

export const segment = (name: string): string => encodeURIComponent(name);

export const time = (at: Date | undefined): Markup | undefined =>
  at && markup`<time datetime="${at.toISOString()}">${at.toISOString().slice(0, 19).replace('T', ' ')}</time>`;

const GOOD = /^(SUCCEEDED|InService|IN_SERVICE|Completed|Enabled|ENABLED|ACTIVE|Active|OK|Approved)$/;
const BAD = /(fail|FAILED|TIMED_OUT|ABORTED|OutOfService|ALARM|Rejected)/i;
const BUSY = /(RUNNING|InProgress|ing$|ING$)/;

/** A status as AWS spells it, in the colour of what it means. */
export function statusTag(status: string): Markup {
  const colour = GOOD.test(status) ? 'good' : BAD.test(status) ? 'bad' : BUSY.test(status) ? 'busy' : '';
  return markup`<span class="tag ${colour}">${status}</span>`;
}

/** A table that becomes a list of cards on a phone. @param empty what to say where there are no rows */
export function table(heads: readonly string[], rows: readonly (readonly Part[])[], empty: string): Markup {
  if (rows.length === 0) return markup`<p class="soft">${empty}</p>`;
  return markup`<div class="card table"><table class="stack"><thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead><tbody>
${rows.map((cells) => markup`<tr>${cells.map((cell, index) => markup`<td data-head="${heads[index]}"><span>${cell}</span></td>`)}</tr>\n`)}</tbody></table></div>`;
}

/** Names and what they are; entries without a value are left out. */
export const facts = (entries: readonly (readonly [string, Part])[]): Markup =>
  markup`<div class="card"><dl>${entries
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`;

/** Longest value shown in full, in characters. */
const LONGEST = 20_000;

export const code = (text: string): Markup =>
  markup`<pre>${text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters` : text}</pre>`;

/** JSON text, indented where it is JSON. */
export function json(text: string): Markup {
  try {
    return code(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return code(text); // an input that is not JSON is shown as it is
  }
}

export function duration(from: Date | undefined, to: Date | undefined): string {
  if (!from || !to) return '';
  const seconds = (to.getTime() - from.getTime()) / 1000;
  if (seconds < 120) return `${Number(seconds.toFixed(seconds < 10 ? 1 : 0))} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return seconds < 172_800
    ? `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
    : `${Math.floor(seconds / 86_400)} d ${Math.round((seconds % 86_400) / 3600)} h`;
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  return size < 1_048_576 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1_048_576).toFixed(1)} MiB`;
}

/** A link to the next lot, where there is one. */
export const more = (path: string, token: string | undefined): Markup | undefined =>
  token === undefined
    ? undefined
    : markup`<p>${link(`${path}${path.includes('?') ? '&' : '?'}after=${segment(token)}`, 'More')}</p>`;
