import type { Refusal } from '../admission.ts';
import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import { classifyUpload, LAWFUL_KEYS } from './upload-key.ts';

/** Tells that an upload became no release, and everything that is wrong with it, in the form of a failed release's mail. */
export function refusalMail(refusal: Refusal): Mail {
  const { kind } = classifyUpload(refusal.object.key);
  const isDefinition = kind === 'definition';
  const what = isDefinition ? 'model.yaml' : 'upload';
  const problems: MailBlock[] = refusal.problems.length > 1 ? [{ kind: 'list', items: refusal.problems }] : [];
  return composeMail({
    to: refusal.toldTo,
    subject: `[${refusal.model}] ${what} refused — ${refusal.message}`,
    thread: `upload/${refusal.model}/${refusal.id}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          [
            'What happened',
            refusal.problems.length > 1 ? `${refusal.problems.length} problems, below` : refusal.message,
          ],
          ['Whose', `your ${what}`],
          [
            'Serving now',
            `as before. No release was started${isDefinition ? '; the last accepted model.yaml stays in force' : ''}.`,
          ],
          ['Upload', refusal.object.key],
          ['Version', refusal.object.versionId ?? 'none'],
          ['By', refusal.submitter.person ?? refusal.submitter.principal],
        ],
      },
      ...problems,
      {
        kind: 'facts',
        rows: [
          ['Retried', 'no: the same upload would be refused again'],
          [
            'Do this',
            isDefinition
              ? 'mend it, see that launchway check accepts it, and upload it again'
              : 'mend what is said above, then upload it again',
          ],
          [
            'More',
            isDefinition
              ? 'launchway check FOLDER says the same before an upload'
              : `keys that are read: ${LAWFUL_KEYS.join(', ')}`,
          ],
        ],
      },
    ],
    footer: `Refusal ${refusal.id}`,
  });
}
