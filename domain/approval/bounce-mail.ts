import { composeMail } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import type { ApprovalRequest } from './approval-request.ts';
import { listed } from './measured-words.ts';
import { moment } from './moment.ts';
import type { Bounce } from './unreachable.ts';

const WHAT: Readonly<Record<Bounce['kind'], string>> = {
  lasting: 'came back: the address takes no mail',
  passing: 'came back: it could not be delivered this time',
  complaint: 'was reported as spam by its reader, so the next ones may not arrive',
};

const DO: Readonly<Record<Bounce['kind'], string>> = {
  lasting: 'mend the address under people in launchway.config.ts and deploy; the next requests are mailed there',
  passing: 'wait: reminders are mailed as usual',
  complaint: 'ask its reader, and take the address off the suppression list: aws sesv2 delete-suppressed-destination',
};

/** Tells the operators that somebody who decides was not reached, and what was done about it. */
export function bounceMail(
  request: ApprovalRequest,
  { kind, why }: Bounce,
  who: { readonly name: string; readonly email: string },
  operators: string,
  /** Names of those who are asked in their place. */
  added: readonly string[],
  /** Nobody is left who could fill a seat. */
  stuck: boolean,
): Mail {
  const { model, version, release, expiresAt } = request;
  const done =
    added.length > 0
      ? `${listed(added)} ${added.length === 1 ? 'is' : 'are'} asked too`
      : stuck
        ? 'nothing: nobody else can fill the seat, and the tier names nobody to escalate to'
        : 'nothing: the others can fill every seat';
  return composeMail({
    to: [operators],
    subject: `[${model}] version ${version}: ${who.name} was not reached`,
    thread: `release/${model}/${release}`,
    blocks: [
      { kind: 'warning', text: `The mail that asks ${who.name} about version ${version} of ${model} ${WHAT[kind]}.` },
      {
        kind: 'facts',
        rows: [
          ['Address', who.email],
          ['Mail server', why],
          ['Done', done],
          ['Expires', `${moment(expiresAt)}; silence is a no`],
          ['Do this', DO[kind]],
        ],
      },
    ],
    footer: 'For the operators of Launchway.',
  });
}
