import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import type { VoteRefusal } from '../../domain/approval/cast-vote.ts';
import { signInAgainPage, wrongReaderPage } from '../../web/identity-page.ts';
import { messagePage, type RenderedPage } from '../../web/page.ts';
import { CLOSED } from '../shared/refusals-in-words.ts';
import type { DecideApprovalOutput } from './contract.ts';

export const answer = (statusCode: number, page: RenderedPage, cookies?: readonly string[]): DecideApprovalOutput => ({
  statusCode,
  headers: page.headers,
  ...(cookies && { cookies }),
  body: page.body,
});

const message =
  (statusCode: number, title: string, ...paragraphs: readonly string[]) =>
  (): DecideApprovalOutput =>
    answer(statusCode, messagePage(title, paragraphs));

/** One page for everything that is not a genuine link, so that it tells nothing about what exists. */
export const invalidLink = message(
  403,
  'This link is not valid',
  'It may be incomplete: open it from the mail again, or copy all of it.',
  'Nothing was decided.',
);

/** @param request what the link was about, where it is known: a genuine link may say how to ask again */
export const expiredLink = (request: ApprovalRequest | undefined): DecideApprovalOutput => {
  const name = request ? `${request.model}/${request.release}` : 'MODEL/RELEASE';
  return message(
    410,
    'This link has expired',
    'The time to decide is over. What was decided until then stands; where nobody had decided, silence was a no.',
    `Where it was, people can be asked again without training: launchway ask-again ${name}. What became of the release: launchway status ${request?.model ?? 'MODEL'}.`,
  )();
};

export const handedOver = (standIn: string): DecideApprovalOutput =>
  message(
    403,
    'Your seat is somebody else’s here',
    `You handed it over, and ${standIn} stands in for you: they decide in your place.`,
    'Nothing was decided.',
  )();

export const changedSubject = message(
  409,
  'What this link asks about has changed',
  'An approval counts only for exactly what was shown. Nothing was decided.',
);

export const staleForm = message(
  403,
  'This form can no longer be sent',
  'Open the link from the mail again and decide there. Nothing was decided.',
);

export const unknownDecision = message(
  400,
  'That is not a decision',
  'A request can be approved or rejected. Nothing was decided.',
);
export const notAForm = message(415, 'This cannot be read', 'Use the form on the page. Nothing was decided.');
export const tooLarge = message(413, 'This is too long', 'A reason has at most 2,000 characters. Nothing was decided.');
export const busy = message(
  503,
  'Others are deciding at this moment',
  'Your decision was not recorded. Open the link again and repeat it.',
);

/** HTTP's 405 names what is allowed. */
export const methodNotAllowed = (): DecideApprovalOutput => {
  const page = messagePage('This cannot be done here', ['Open the link from the mail.']);
  return { statusCode: 405, headers: { ...page.headers, allow: 'GET, HEAD, POST' }, body: page.body };
};

/** Somebody is signed in, and has no vote here; whether there is such a request is not said. */
export const notAsked = message(
  403,
  'You are not asked to decide this',
  'If you were sent a link, open it from the mail. Nothing was decided.',
);

/** Somebody is signed in, and is not whom the link was mailed to. */
export const wrongReader = (reader: string, approver: string, signInUrl: string): DecideApprovalOutput =>
  answer(403, wrongReaderPage(reader, approver, signInUrl));

export const notInGroup = (groups: readonly string[]): DecideApprovalOutput =>
  message(
    403,
    'Your sign-in does not have you in the group that decides this',
    `You are named for a seat here, and it is only filled by members of ${groups.join(' and ')}.`,
    'Nothing was decided. If you should be a member, have yourself added there, then sign in again.',
  )();

/** A form was sent after its session had ended: what was typed is not lost. */
export const signInAgain = (signInUrl: string, reason: string): DecideApprovalOutput =>
  answer(403, signInAgainPage(signInUrl, reason));

/** Why a vote did not count, in a sentence for its voter. */
export function refusalInWords(refusal: VoteRefusal): string {
  switch (refusal.kind) {
    case 'AlreadyVoted':
      return `You had already decided: ${refusal.vote.choice === 'approve' ? 'approved' : 'rejected'}. It stays so.`;
    case 'Closed':
      return `Your decision came too late: ${CLOSED[refusal.status]}.`;
    case 'ReasonNeeded':
      return refusal.because === 'rejection'
        ? 'A rejection needs a reason.'
        : 'An approval over a warning needs a reason.';
    case 'ReasonTooLong':
      return 'A reason has at most 2,000 characters.';
    case 'TicketNeeded':
      return `An approval names its change ticket, written as ${refusal.pattern}.`;
    case 'ReviewDateUnreadable':
      return 'A day of review is a date, written as 2027-01-31.';
    case 'ReviewDateTooEarly':
      return 'A day of review is later than today (UTC).';
    case 'ReviewDateTooLate':
      return `An approval of this tier is reviewed by ${refusal.latest} at the latest.`;
    case 'NotAnApprover':
      return 'You are not asked to decide this.';
    case 'SubjectChanged':
      return 'What this link asks about has changed.';
  }
}

const MENDABLE: readonly VoteRefusal['kind'][] = [
  'ReasonNeeded',
  'ReasonTooLong',
  'TicketNeeded',
  'ReviewDateUnreadable',
  'ReviewDateTooEarly',
  'ReviewDateTooLate',
];

/** The status code of a refused vote. */
export const refusalStatus = (refusal: VoteRefusal): number =>
  MENDABLE.includes(refusal.kind) ? 422 : refusal.kind === 'NotAnApprover' ? 403 : 409;
