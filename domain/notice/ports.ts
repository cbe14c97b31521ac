import type { NoticeEvent } from './notice.ts';

/** What is to be told to one channel of a request's tier. */
export interface PendingNotice {
  readonly requestId: string;
  readonly event: NoticeEvent;
  /** Position in `tiers.*.notify`. */
  readonly channel: number;
}

/** Takes notices off the hands of whoever asks people: posting must not hold up asking. */
export interface NoticeQueue {
  announce(notice: PendingNotice): Promise<void>;
}

/** Which notices were posted. */
export interface PostedNotices {
  has(notice: PendingNotice): Promise<boolean>;
  record(notice: PendingNotice, at: Date): Promise<void>;
}

/** Secrets by name. */
export interface SecretReader {
  /** @throws {Error} there is none, or it may not be read; the message names it and does not hold it */
  read(name: string): Promise<string>;
}

/** Posts JSON to a webhook. */
export interface ChannelPoster {
  /** @throws {Error} anything but a 2xx; the message does not hold the address */
  post(url: string, message: object): Promise<void>;
}
