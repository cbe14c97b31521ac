import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import { TONE } from './approval-mail.ts';
import type { Evidence } from './evidence.ts';
import { day } from './moment.ts';

/** One of the requests of a digest. */
export interface DigestEntry {
  readonly evidence: Evidence;
  /** By the reader's clock. */
  readonly expires: string;
  /** The reader's own, for this request. */
  readonly link: string;
}

/**
 * The mail of one working day: everything that waits for one approver, soonest expiry first. Each is decided by itself.
 *
 * @param entries at least one
 * @param date `2030-01-02`
 */
export function digestMail(
  entries: readonly DigestEntry[],
  approver: { readonly person: string; readonly name: string; readonly email: string },
  date: string,
): Mail {
  const count = entries.length === 1 ? 'one request waits' : `${entries.length} requests wait`;
  return composeMail({
    to: [approver.email],
    tags: {
      'launchway-request': entries[0]!.evidence.requestId,
      'launchway-person': approver.person,
      // A bounce concerns all that wait for the reader.
      'launchway-digest': 'daily',
    },
    subject: `${day(date)}: ${count} for your decision`,
    thread: `digest/${approver.person}/${date}`,
    blocks: [
      {
        kind: 'paragraph',
        text: `${count.replace(/^o/, 'O')} for your decision. Each is decided by itself, on a page with all its evidence.`,
        tone: 'lead',
      },
      ...entries.flatMap(entryBlocks),
    ],
    footer: `For ${approver.name} alone: the links decide in your name, so do not forward them. Opening them changes nothing.`,
  });
}

const entryBlocks = ({ evidence, expires, link }: DigestEntry): MailBlock[] => {
  const { model, version, inWords, verdict, warnings } = evidence;
  return [
    { kind: 'heading', text: `${model} version ${version}` },
    { kind: 'paragraph', text: inWords[1], tone: TONE[verdict] },
    ...warnings.map((text): MailBlock => ({ kind: 'warning', text: `An approval needs a reason: ${text}` })),
    { kind: 'facts', rows: [['Expires', `${expires}; silence is a no`]] },
    { kind: 'action', label: `Decide on ${model} version ${version}`, url: link },
  ];
};
