import { createHash } from 'node:crypto';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { headerText } from '../domain/mail/visible-text.ts';
import type { Mail, Mailer } from '../domain/ports.ts';

export interface SesMailerOptions {
  /** `Launchway <launchway@example.com>` or a bare address. */
  readonly from: string;
  /** Its event destinations report bounces and complaints; it must have open and click tracking off, which rewrite links. */
  readonly configurationSetName?: string;
}

/** Mail through SES v2, as a text and an HTML part. */
export class SesMailer implements Mailer {
  readonly #client: SESv2Client;
  readonly #options: SesMailerOptions;

  constructor(options: SesMailerOptions, client: SESv2Client = new SESv2Client({})) {
    this.#client = client;
    this.#options = options;
  }

  async send(mail: Mail): Promise<void> {
    const { from, configurationSetName } = this.#options;
    await this.#client.send(
      new SendEmailCommand({
        FromEmailAddress: headerText(from),
        Destination: { ToAddresses: mail.to.map(headerText) },
        ...(mail.tags && { EmailTags: Object.entries(mail.tags).map(([Name, Value]) => ({ Name, Value })) }),
        ...(configurationSetName !== undefined && { ConfigurationSetName: configurationSetName }),
        Content: {
          Simple: {
            Subject: { Data: headerText(mail.subject), Charset: 'UTF-8' },
            Body: { Text: { Data: mail.text, Charset: 'UTF-8' }, Html: { Data: mail.html, Charset: 'UTF-8' } },
            Headers: [...AUTOMATIC, ...(mail.thread === undefined ? [] : threadHeaders(mail.thread, domainOf(from)))],
          },
        },
      }),
    );
  }
}

/** Keeps robots from answering: nobody reads the sender's mailbox (RFC 3834). */
const AUTOMATIC = [{ Name: 'Auto-Submitted', Value: 'auto-generated' }];

/**
 * SES overwrites `Message-ID`, so mails of a thread cannot refer to each other; all refer to the same first message, which
 * was never sent. Mail programs group by it all the same (RFC 5256, REFERENCES algorithm).
 */
const threadHeaders = (thread: string, domain: string) => [
  { Name: 'References', Value: `<${createHash('sha256').update(thread).digest('hex').slice(0, 32)}@${domain}>` },
  { Name: 'List-Id', Value: `<${thread.replace(/[^A-Za-z0-9-]+/g, '.').slice(0, 120)}.launchway.${domain}>` },
];

const domainOf = (address: string): string => /@([A-Za-z0-9.-]+)/.exec(address)?.[1] ?? 'launchway.invalid';
