import { randomUUID } from 'node:crypto';
import type { Cloud } from '../../service.ts';
import type { Fate } from './fates.ts';

/** A mail as the inbox keeps it. */
export interface Mail {
  /** SES's message id; sorts by time. */
  readonly id: string;
  /** ISO 8601, by the local clock. */
  readonly at: string;
  readonly from: string;
  /** All recipients: To, Cc, Bcc. */
  readonly to: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  /** The whole message, where the sender wrote MIME itself. */
  readonly raw?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet?: string;
  /** Who sent it: a session or a user by name. */
  readonly caller?: string;
  /** By bare address, those whose mail is not simply delivered. */
  readonly fates?: Readonly<Record<string, Fate>>;
}

const MAILS = 'ses.mails';

/** Every mail the cloud would have sent; durable, in the order of sending. */
export class Mailbox {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  put(mail: Omit<Mail, 'id' | 'at'>): Mail {
    const now = this.#cloud.clock.now();
    const id = `${now.toString(16).padStart(16, '0')}-${randomUUID()}-000000`;
    const stored = { ...mail, id, at: new Date(now).toISOString() };
    this.#cloud.store.put(MAILS, id, stored);
    return stored;
  }

  get(id: string): Mail | undefined {
    return this.#cloud.store.get<Mail>(MAILS, id);
  }

  /** @param to only mails to this address */
  list(to?: string): Mail[] {
    const mails = this.#cloud.store.list<Mail>(MAILS).map((entry) => entry.value);
    return to === undefined
      ? mails
      : mails.filter((mail) => mail.to.some((other) => addressOf(other) === to.toLowerCase()));
  }
}

/** The bare address of `Name <a@b>`, in lower case. */
export const addressOf = (mailbox: string): string =>
  (/<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim().toLowerCase();
