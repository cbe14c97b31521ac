import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import type { ApprovalRequest, Withdrawal } from './approval-request.ts';
import { moment } from './moment.ts';
import { seatsInWords } from './seats.ts';
import type { Note } from './thread.ts';

const threadOf = ({ model, release }: ApprovalRequest): string => `release/${model}/${release}`;
const quoted = (text: string): MailBlock => ({ kind: 'quote', text });
const paragraph = (text: string): MailBlock => ({ kind: 'paragraph', text });
const ALONE =
  'For you alone: whoever has the link acts in your name, so do not forward it. Opening it changes nothing.';

/** Tells who submitted a release that people are asked about it, and where to answer them or to withdraw it. */
export function submissionMail(
  request: ApprovalRequest,
  to: string,
  askedOf: readonly string[],
  link: string,
  timeZone: string,
): Mail {
  const { model, version, release, seats, expiresAt } = request;
  return composeMail({
    to: [to],
    subject: `[${model}] version ${version}: people are asked whether it may serve`,
    thread: threadOf(request),
    blocks: [
      paragraph(`Your release ${release} of ${model} passed its gates. It needs ${seatsInWords(seats)}.`),
      {
        kind: 'facts',
        rows: [
          ['Asked', askedOf.join(', ')],
          ['Until', `${moment(expiresAt, timeZone)}; silence is a no`],
        ],
      },
      paragraph('What they ask you comes by mail, in this thread. You can withdraw it until it is decided.'),
      { kind: 'action', label: 'Follow it, answer, or withdraw it', url: link },
    ],
    footer: ALONE,
  });
}

/** A question of somebody who decides, to who submitted. */
export const questionMail = (
  request: ApprovalRequest,
  note: Note,
  to: string,
  asker: string,
  link: string,
  timeZone: string,
): Mail =>
  composeMail({
    to: [to],
    subject: `[${request.model}] version ${request.version}: ${asker} asks you something`,
    thread: threadOf(request),
    blocks: [
      paragraph(`${asker} decides whether version ${request.version} of ${request.model} may serve, and asks:`),
      quoted(note.text),
      { kind: 'action', label: 'Answer', url: link },
      paragraph(
        `Everyone who decides will see your answer. The time to decide goes on: it ends on ${moment(request.expiresAt, timeZone)}.`,
      ),
    ],
    footer: ALONE,
  });

/** An answer, to somebody who has not decided yet. Their link is in the mail that asked them. */
export const answerMail = (
  request: ApprovalRequest,
  note: Note,
  question: Note | undefined,
  to: string,
  submitter: string,
  timeZone: string,
): Mail =>
  composeMail({
    to: [to],
    subject: `[${request.model}] version ${request.version}: ${submitter} answers`,
    thread: threadOf(request),
    blocks: [
      ...(question ? [paragraph('It was asked:'), quoted(question.text)] : []),
      paragraph(`${submitter} answers:`),
      quoted(note.text),
      paragraph(
        `Decide with the link of the mail that asked you, in this thread, until ${moment(request.expiresAt, timeZone)}.`,
      ),
    ],
    footer: 'You get this because you are asked to decide and have not yet.',
  });

/** An approval was taken back: to the model's owner, the operators and the others who were asked. */
export function revocationMail(
  request: ApprovalRequest,
  { at, reason }: Withdrawal,
  who: { readonly name: string; readonly to: readonly string[] },
  standing: 'serves now' | 'served' | 'was not deployed yet',
): Mail {
  const { model, version } = request;
  return composeMail({
    to: who.to,
    subject: `[${model}] version ${version}: its approval was taken back by ${who.name}`,
    thread: threadOf(request),
    blocks: [
      { kind: 'warning', text: `${who.name} took the approval of version ${version} of ${model} back.` },
      quoted(reason),
      {
        kind: 'facts',
        rows: [
          ['When', moment(at)],
          ['Version', `${version} ${standing}`],
          ['From now on', 'it may be neither deployed nor restored'],
          ...(standing === 'serves now'
            ? [['To do', 'decide whether to roll back; until then it goes on serving'] as [string, string]]
            : []),
          ['More', `launchway lineage ${model}/${version}`],
        ],
      },
    ],
    footer: 'For the owner of the model, its operators, and those who were asked.',
  });
}
