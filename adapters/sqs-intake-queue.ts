import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { IntakeQueue } from '../domain/admitted-releases.ts';

/** The queue that uploads are announced on. */
export class SqsIntakeQueue implements IntakeQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(queueUrl: string, client: SQSClient = new SQSClient({})) {
    this.#queueUrl = queueUrl;
    this.#client = client;
  }

  async announceWaiting(model: string): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify({ waiting: model }) }),
    );
  }
}
