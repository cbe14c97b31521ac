import { html } from '../domain/mail/markup.ts';
import { type RenderedPage, renderPage } from './page.ts';

/** For somebody who opened a link that was mailed to another. */
export const wrongReaderPage = (reader: string, approver: string, signInUrl: string): RenderedPage =>
  renderPage({
    title: 'This link is for somebody else',
    body: html`<h1>This link is for somebody else</h1>
<p>You are signed in as <strong>${reader}</strong>. The link was mailed to <strong>${approver}</strong>: only they can open it, and a forwarded link decides nothing. That you came with it is recorded.</p>
<p>If you are asked too, open the link of your own mail.</p>
<p><a href="${signInUrl}">Sign in as somebody else</a></p>`,
  });

/** For a decision that was sent after its session had ended. */
export const signInAgainPage = (signInUrl: string, reason: string): RenderedPage =>
  renderPage({
    title: 'Sign in again',
    body: html`<h1>Your sign-in has ended</h1>
<p>Nothing was decided. <a href="${signInUrl}">Sign in again</a>, and decide there.</p>
${reason !== '' && html`<label for="reason">The reason you wrote, to take with you</label><textarea id="reason" readonly>${reason}</textarea>`}`,
  });
