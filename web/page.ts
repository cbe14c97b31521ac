import { createHash } from 'node:crypto';
import { html, Markup } from '../domain/mail/markup.ts';
import { PAGE_STYLE } from './page-style.ts';

export interface Page {
  readonly title: string;
  readonly body: Markup;
  /** What this page adds to the style of all; its digest is in the security policy too. */
  readonly style?: string;
  /** Origins besides our own that a form may be sent to; none by default. */
  readonly formActions?: readonly string[];
}

export interface RenderedPage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const hashOf = (style: string): string => `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

const STYLE_HASH = hashOf(PAGE_STYLE);

/** A whole page, rendered here; it needs no script and loads nothing, and its headers forbid both. */
export function renderPage(page: Page): RenderedPage {
  return {
    headers: pageHeaders(page.formActions ?? [], page.style),
    body: html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title} – Launchway</title>
<style>${new Markup(PAGE_STYLE)}</style>
${page.style !== undefined && html`<style>${new Markup(page.style)}</style>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><span class="brand">Launchway</span></header>
<main id="main">
${page.body}
</main>
</body>
</html>
`.text,
  };
}

/** Headers of every page: nothing loads but its own style, nothing frames it, nothing keeps it, its address goes nowhere. */
export const pageHeaders = (formActions: readonly string[], style?: string): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src ${[STYLE_HASH, ...(style === undefined ? [] : [hashOf(style)])].join(' ')}`,
    `form-action ${["'self'", ...formActions].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'strict-transport-security': 'max-age=31536000',
  'x-robots-tag': 'noindex',
});

/** A short page that says one thing: why something cannot be done, or that it was. */
export const messagePage = (title: string, paragraphs: readonly string[]): RenderedPage =>
  renderPage({
    title,
    body: html`<h1>${title}</h1>${paragraphs.map((text) => html`<p>${text}</p>`)}`,
  });
