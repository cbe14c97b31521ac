import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Alert, AlertPublisher } from '../domain/monitoring/ports.ts';

/** SNS takes subjects of up to 100 printable ASCII characters. */
const SUBJECT_CHARACTERS = 100;

/** Alerts on a topic; the deduplication key is an attribute that a paging service reads. */
export class SnsAlertPublisher implements AlertPublisher {
  readonly #topicArn: string;
  readonly #client: SNSClient;

  constructor(topicArn: string, client: SNSClient = new SNSClient({})) {
    this.#topicArn = topicArn;
    this.#client = client;
  }

  async publish(alert: Alert): Promise<void> {
    await this.#client.send(
      new PublishCommand({
        TopicArn: this.#topicArn,
        Subject: alert.subject.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT_CHARACTERS),
        Message: alert.message,
        MessageAttributes: {
          dedupKey: { DataType: 'String', StringValue: alert.dedupKey },
          event: { DataType: 'String', StringValue: alert.event },
        },
      }),
    );
  }
}
