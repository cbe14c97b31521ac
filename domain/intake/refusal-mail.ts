import type { Refusal } from '../admission.ts';
import { composeMail } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import { LAWFUL_KEYS } from './upload-key.ts';

/** Tells that an upload became no release, and everything that is wrong with it. */
export const refusalMail = (refusal: Refusal): Mail =>
  composeMail({
    to: refusal.toldTo,
    subject: `[${refusal.model}] upload refused — ${refusal.message}`,
    thread: `upload/${refusal.model}/${refusal.id}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['What happened', refusal.message],
          ['Upload', refusal.object.key],
          ['Version', refusal.object.versionId ?? 'none'],
          ['By', refusal.submitter.person ?? refusal.submitter.principal],
          ['Serving now', 'untouched. No release was started.'],
          ['Retried', 'no: the same upload would be refused again'],
        ],
      },
      ...(refusal.problems.length > 0 ? [{ kind: 'list' as const, items: refusal.problems }] : []),
      {
        kind: 'facts',
        rows: [
          ['Do this', 'mend it and upload it again'],
          ['Keys that are read', LAWFUL_KEYS.join(', ')],
        ],
      },
    ],
    footer: `Refusal ${refusal.id}`,
  });
