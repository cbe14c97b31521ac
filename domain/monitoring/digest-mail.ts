import { composeMail } from '../mail/mail-document.ts';
import type { Mail } from '../ports.ts';
import { minute } from './recent-changes.ts';
import type { IncidentRow } from './rows.ts';

/** The day's small incidents of one owner's models, in one mail. */
export const digestMail = (owner: string, incidents: readonly IncidentRow[], precision: readonly string[] = []): Mail =>
  composeMail({
    to: [owner],
    subject: `${incidents.length} small thing${incidents.length === 1 ? '' : 's'} on your models`,
    blocks: [
      { kind: 'paragraph', text: 'None of these moved much that matters, or much traffic. They are listed once.' },
      {
        kind: 'table',
        head: ['Model', 'What', 'Since', 'Now'],
        rows: incidents.map(({ model, summary, start, status }) => [
          model,
          summary,
          minute(start),
          status.toLowerCase(),
        ]),
      },
      ...(precision.length > 0
        ? [
            { kind: 'heading' as const, text: 'How often each rule was right' },
            { kind: 'list' as const, items: precision },
          ]
        : []),
    ],
    footer: 'You get this because you own these models. What is larger is mailed at once.',
  });
