import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DecisionQueue } from '../domain/approval/ports.ts';

/** Announces committed decisions to the function that answers tasks. A message names the request; everything else is in the table. */
export class SqsDecisionQueue implements DecisionQueue {
  readonly #client: SQSClient;
  readonly #url: string;

  constructor(url: string, client: SQSClient = new SQSClient({})) {
    this.#client = client;
    this.#url = url;
  }

  async announce(requestId: string): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#url, MessageBody: JSON.stringify({ requestId }) }),
    );
  }
}
