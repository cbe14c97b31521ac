import type { Cloud } from '../../service.ts';
import type { EventType } from './configuration-sets.ts';
import type { Fate } from './fates.ts';
import { addressOf, type Mail } from './mailbox.ts';

/** An event of a mail's way, as SES publishes it. */
export interface SendingEvent {
  readonly type: EventType;
  /** Milliseconds since the mail was sent. */
  readonly after: number;
  /** As EventBridge names it. */
  readonly detailType: string;
  // biome-ignore lint/suspicious/noExplicitAny: as documented, one member per type
  readonly detail: any;
}

const MTA = 'dsn; localhost';

/** Bounces as mail servers answer them, by what becomes of the recipient's mail. */
const BOUNCES = {
  bounce: { type: 'Permanent', subType: 'General', status: '5.1.1', code: 'smtp; 550 5.1.1 user unknown' },
  suppressed: {
    type: 'Permanent',
    subType: 'Suppressed',
    status: '5.1.1',
    code: 'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.',
  },
  'soft-bounce': { type: 'Transient', subType: 'MailboxFull', status: '5.2.2', code: 'smtp; 552 5.2.2 mailbox full' },
} as const;

/**
 * Everything that happens to a mail: it is sent; then it is delivered or bounces, each recipient's for itself; complaints follow a
 * delivery.
 *
 * @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
 */
export function eventsOf(cloud: Cloud, mail: Mail, set: string): SendingEvent[] {
  const common = mailObject(cloud, mail, set);
  const at = (after: number) => new Date(Date.parse(mail.at) + after).toISOString();
  const recipients = mail.to.map(addressOf);
  const withFate = (...fates: readonly Fate[]) =>
    recipients.filter((address) => fates.includes(mail.fates?.[address] ?? 'deliver'));
  const events: SendingEvent[] = [
    { type: 'SEND', after: 0, detailType: 'Email Sent', detail: { eventType: 'Send', mail: common, send: {} } },
  ];
  const delivered = withFate('deliver', 'complaint');
  if (delivered.length > 0) {
    const delivery = {
      timestamp: at(1000),
      processingTimeMillis: 1000,
      recipients: delivered,
      smtpResponse: '250 2.6.0 Message received',
      reportingMTA: 'localhost',
    };
    const detail = { eventType: 'Delivery', mail: common, delivery };
    events.push({ type: 'DELIVERY', after: 1000, detailType: 'Email Delivered', detail });
  }
  for (const [fate, bounce] of Object.entries(BOUNCES)) {
    for (const emailAddress of withFate(fate as Fate)) {
      const detail = {
        eventType: 'Bounce',
        mail: common,
        bounce: bounceObject(emailAddress, bounce, at(1000), mail.id),
      };
      events.push({ type: 'BOUNCE', after: 1000, detailType: 'Email Bounced', detail });
    }
  }
  for (const emailAddress of withFate('complaint')) {
    const complaint = {
      complainedRecipients: [{ emailAddress }],
      timestamp: at(2000),
      feedbackId: `${mail.id}-complaint`,
      userAgent: 'Amazon SES Mailbox Simulator',
      complaintFeedbackType: 'abuse',
      arrivalDate: at(1000),
    };
    const detail = { eventType: 'Complaint', mail: common, complaint };
    events.push({ type: 'COMPLAINT', after: 2000, detailType: 'Email Complaint Received', detail });
  }
  return events;
}

const bounceObject = (
  emailAddress: string,
  { type, subType, status, code }: (typeof BOUNCES)[keyof typeof BOUNCES],
  timestamp: string,
  mailId: string,
) => ({
  bounceType: type,
  bounceSubType: subType,
  bouncedRecipients: [{ emailAddress, action: 'failed', status, diagnosticCode: code }],
  timestamp,
  feedbackId: `${mailId}-bounce`,
  reportingMTA: MTA,
});

function mailObject(cloud: Cloud, mail: Mail, set: string) {
  const from = addressOf(mail.from);
  const headers = {
    From: mail.from,
    ...(mail.replyTo.length > 0 && { 'Reply-To': mail.replyTo.join(', ') }),
    To: mail.to.join(', '),
    Subject: mail.subject,
    'MIME-Version': '1.0',
    ...mail.headers,
  };
  const tags = Object.entries(mail.tags).map(([name, value]) => [name, [value]]);
  return {
    timestamp: mail.at,
    source: mail.from,
    sourceArn: `arn:aws:ses:${cloud.region}:${cloud.account}:identity/${from}`,
    sendingAccountId: cloud.account,
    messageId: mail.id,
    destination: mail.to.map(addressOf),
    headersTruncated: false,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
    commonHeaders: { from: [mail.from], to: [...mail.to], messageId: mail.id, subject: mail.subject },
    tags: {
      'ses:configuration-set': [set],
      'ses:source-ip': ['127.0.0.1'],
      'ses:from-domain': [from.split('@')[1] ?? ''],
      'ses:caller-identity': [mail.caller ?? 'unknown'],
      ...Object.fromEntries(tags),
    },
  };
}
