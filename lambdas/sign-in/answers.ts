import { html } from '../../domain/mail/markup.ts';
import { messagePage, type RenderedPage, renderPage } from '../../web/page.ts';
import type { SignInOutput } from './contract.ts';

const answer = (statusCode: number, { headers, body }: RenderedPage): SignInOutput => ({ statusCode, headers, body });

const message =
  (statusCode: number, title: string, ...paragraphs: readonly string[]) =>
  (): SignInOutput =>
    answer(statusCode, messagePage(title, [...paragraphs, 'Nothing was decided.']));

export const notHere = message(404, 'There is nothing here', 'Open the link from the mail.');

export const noPageOfOurs = message(
  400,
  'This sign-in leads nowhere',
  'It names no page of ours to return to: open the link from the mail.',
);

export const notBegunHere = message(
  403,
  'This sign-in did not begin in this browser, or took too long',
  'Open the link from the mail again and sign in there.',
);

export const refused = message(
  403,
  'You were not signed in',
  'The sign-in was broken off, or what came back was not an answer to it. Open the link from the mail and try once more.',
);

export const issuerUnavailable = message(
  503,
  'The sign-in does not answer',
  'Your organisation’s sign-in could not be reached. Open the link from the mail again in a few minutes.',
);

export const unknownSubject = (subject: string): SignInOutput =>
  message(
    403,
    'Nobody here has this identity',
    `You signed in as ${subject}, who is nobody in this deployment.`,
    'Whoever runs it names each person’s subject in launchway.config.ts.',
  )();

/** @param elsewhere where the session at the issuer is ended */
export const signedOut = (elsewhere: string | undefined): SignInOutput =>
  answer(
    200,
    renderPage({
      title: 'Signed out',
      body: html`<h1>Signed out</h1><p>You are signed out of Launchway, in every browser.</p>${
        elsewhere !== undefined &&
        html`<p><a href="${elsewhere}">Sign out of your organisation’s sign-in too</a>, or whoever uses this browser next may be signed in as you.</p>`
      }`,
    }),
  );
