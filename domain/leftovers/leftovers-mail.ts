import type { Orphan } from '../deployment/orphans.ts';
import { composeMail, type MailBlock } from '../mail/mail-document.ts';
import { minute } from '../monitoring/recent-changes.ts';
import type { Mail } from '../ports.ts';
import type { MissedUpload } from './missed-uploads.ts';

/** What nobody waits for and nobody uses, as of one look. */
export interface Leftovers {
  readonly missed: readonly MissedUpload[];
  readonly orphans: readonly Orphan[];
}

const MOST_ROWS = 50;
const MONDAY = 1;

/** Whether operators are to be told today: somebody waits, or something costs money; what only counts against quotas, on Mondays. */
export const isWorthAMail = ({ missed, orphans }: Leftovers, at: Date): boolean =>
  missed.length > 0 ||
  orphans.some(({ kind }) => kind === 'endpoint') ||
  (orphans.length > 0 && at.getUTCDay() === MONDAY);

/** To operators: what became nothing, and what is used by nobody. Nothing was changed. */
export function leftoversMail({ missed, orphans }: Leftovers, operators: string): Mail {
  const count = (things: number, one: string) => (things === 0 ? [] : [`${things} ${one}${things === 1 ? '' : 's'}`]);
  return composeMail({
    to: [operators],
    subject: `left over: ${[...count(missed.length, 'upload'), ...count(orphans.length, 'unused resource')].join(', ')}`,
    blocks: [...uploadBlocks(missed), ...orphanBlocks(orphans)],
    footer: 'You get this because you operate Launchway. Nothing was started, changed or deleted.',
  });
}

const uploadBlocks = (missed: readonly MissedUpload[]): MailBlock[] =>
  missed.length === 0
    ? []
    : [
        { kind: 'heading', text: 'Uploads that became nothing' },
        {
          kind: 'paragraph',
          text: 'They lie in the intake bucket and were neither taken nor refused. Look into the intake dead letters; where nothing is there, S3 never told of them: have them uploaded again.',
        },
        {
          kind: 'table',
          head: ['Upload', 'At'],
          rows: missed.slice(0, MOST_ROWS).map(({ key, uploadedAt }) => [key, minute(uploadedAt)]),
        },
      ];

const orphanBlocks = (orphans: readonly Orphan[]): MailBlock[] =>
  orphans.length === 0
    ? []
    : [
        { kind: 'heading', text: 'Hosting that nobody uses' },
        { kind: 'paragraph', text: 'launchway sweep shows all of it, and launchway sweep --delete removes it.' },
        {
          kind: 'table',
          head: ['What', 'Name', 'Made', 'Why'],
          rows: orphans
            .slice(0, MOST_ROWS)
            .map(({ kind, name, createdAt, why }) => [kind, name, createdAt.slice(0, 10), why]),
        },
      ];
