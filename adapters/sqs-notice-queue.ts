import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { NoticeQueue, PendingNotice } from '../domain/notice/ports.ts';

/** Notices on their way to channels. A message names what is to be told; everything else is in the table. */
export class SqsNoticeQueue implements NoticeQueue {
  readonly #client: SQSClient;
  readonly #url: string;

  constructor(url: string, client: SQSClient = new SQSClient({})) {
    this.#client = client;
    this.#url = url;
  }

  async announce(notice: PendingNotice): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#url, MessageBody: JSON.stringify(notice) }));
  }
}
