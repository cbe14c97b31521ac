import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { html } from '../../domain/mail/markup.ts';
import { messagePage, renderPage } from '../../web/page.ts';

describe('a page', () => {
  const page = renderPage({ title: '<b>', body: html`<p>${'<script>'}</p>` });

  it('forbids everything but its own style', () => {
    const style = /<style>([\s\S]*)<\/style>/.exec(page.body)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
  });

  it('is not kept, not framed, and does not tell where its reader came from', () => {
    expect(page.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('has no script, no inline handler, no style attribute and no address of another host', () => {
    expect(page.body).not.toMatch(/<script|\son\w+=|\sstyle=|https?:/i);
    expect(page.body).toContain('<title>&lt;b&gt; – Launchway</title>');
  });

  it('can say one thing', () => {
    expect(messagePage('This link has expired', ['Ask for a new one.']).body).toContain(
      '<h1>This link has expired</h1><p>Ask for a new one.</p>',
    );
  });
});
