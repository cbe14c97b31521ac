import { randomUUID } from 'node:crypto';
import { uniqueIdOf } from '../../principal-id.ts';
import type { Cloud, Principal } from '../../service.ts';
import { bucketArn } from './permissions.ts';
import type { BucketRecord, QueueNotification } from './records.ts';
import type { S3State } from './state.ts';

/** Something that happened to a key. */
export interface ObjectEvent {
  /** Without `s3:`: `ObjectCreated:Put` */
  readonly name: string;
  readonly key: string;
  readonly versionId: string;
  readonly sequencer: string;
  readonly size?: number;
  readonly etag?: string;
  readonly principal: Principal;
}

interface Pending {
  readonly queueArn: string;
  readonly bucket: string;
  readonly message: unknown;
}

/**
 * Sends events to queues, at least once: a message is stored in the transaction of the write that caused it and forgotten when the
 * queue has it.
 */
export class Notifications {
  readonly #cloud: Cloud;

  constructor({ cloud }: S3State) {
    this.#cloud = cloud;
  }

  /** Within the transaction of the write. @returns what to hand to `send` after it */
  record(bucket: BucketRecord, event: ObjectEvent): readonly string[] {
    return bucket.notifications
      .filter((notification) => matches(notification, event))
      .map((notification) => {
        const message = { Records: [this.#eventRecord(bucket, notification, event)] };
        return this.#store({ queueArn: notification.queueArn, bucket: bucket.name, message });
      });
  }

  send(ids: readonly string[]): void {
    for (const id of ids) void this.#cloud.track(this.#deliver(id));
  }

  /** What a crash left unsent. */
  sendPending(): void {
    this.send(this.#cloud.store.list('s3.outbox').map(({ key }) => key));
  }

  /** S3 tries a destination before it accepts the configuration, and so tells the queue of itself. */
  async sendTestEvent(bucket: string, queueArn: string): Promise<void> {
    const message = {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: this.#cloud.clock.date().toISOString(),
      Bucket: bucket,
      RequestId: randomUUID(),
      HostId: randomUUID(),
    };
    await this.#sendMessage({ queueArn, bucket, message });
  }

  #store(pending: Pending): string {
    const next = (this.#cloud.store.get<number>('s3', 'outbox') ?? 0) + 1;
    this.#cloud.store.put('s3', 'outbox', next);
    const id = String(next).padStart(16, '0');
    this.#cloud.store.put('s3.outbox', id, pending);
    return id;
  }

  async #deliver(id: string): Promise<void> {
    const pending = this.#cloud.store.get<Pending>('s3.outbox', id);
    if (!pending) return;
    try {
      await this.#sendMessage(pending);
    } finally {
      this.#cloud.store.delete('s3.outbox', id);
    }
  }

  async #sendMessage({ queueArn, bucket, message }: Pending): Promise<void> {
    const principal: Principal = { kind: 'service', arn: 's3.amazonaws.com', sourceArn: bucketArn(bucket) };
    const [, , , , account, name] = queueArn.split(':');
    const input = { QueueUrl: `${this.#cloud.url}/${account}/${name}`, MessageBody: JSON.stringify(message) };
    await this.#cloud.call({ service: 'sqs', operation: 'SendMessage', principal, input });
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
  #eventRecord(bucket: BucketRecord, { id }: QueueNotification, event: ObjectEvent) {
    return {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: this.#cloud.region,
      eventTime: this.#cloud.clock.date().toISOString(),
      eventName: event.name,
      // `AWS:` and the principal's unique id, which principalNamed() reads back.
      userIdentity: { principalId: `AWS:${uniqueIdOf(event.principal)}` },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': randomUUID(), 'x-amz-id-2': randomUUID() },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: id,
        bucket: {
          name: bucket.name,
          ownerIdentity: { principalId: this.#cloud.account },
          arn: bucketArn(bucket.name),
        },
        object: {
          key: formEncoded(event.key),
          ...(event.size !== undefined && { size: event.size }),
          ...(event.etag !== undefined && { eTag: event.etag }),
          ...(event.versionId !== 'null' && { versionId: event.versionId }),
          sequencer: event.sequencer,
        },
      },
    };
  }
}

function matches({ events, prefix, suffix }: QueueNotification, { name, key }: ObjectEvent): boolean {
  const wanted = events.some((event) => {
    const pattern = event.replace(/^s3:/, '');
    return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  });
  return wanted && key.startsWith(prefix) && key.endsWith(suffix);
}

/** As a form writes it: a space is `+`; slashes stay. */
const formEncoded = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
