import { z } from 'zod';
import { paddedSequencer } from '../../domain/admission.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import { personOf } from '../../domain/intake/person-of.ts';
import type { QueuedUpload } from '../../domain/model.ts';

const S3Record = z.object({
  eventSource: z.literal('aws:s3'),
  eventName: z.string(),
  eventTime: z.string(),
  userIdentity: z.object({ principalId: z.string() }),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), versionId: z.string().optional(), sequencer: z.string().default('') }),
  }),
});

const Notification = z.union([
  z.object({ Records: z.array(S3Record) }),
  /** What the sweep sends of a model whose upload waits for nothing any more. */
  z.object({ waiting: z.string().min(1) }),
  /** What S3 sends once, when notifications are configured. */
  z.object({ Event: z.literal('s3:TestEvent') }),
]);

/** What a message announces. */
export interface Announced {
  readonly uploads: readonly QueuedUpload[];
  /** A model whose upload waits. */
  readonly waiting?: string;
}

/**
 * What a message announces: uploads, as S3 tells of them, or that one waits.
 *
 * @throws {z.ZodError | SyntaxError} not an S3 notification: the message goes to the dead-letter queue
 */
export function readEvent(body: string, bucket: string, config: Pick<DeployedConfig, 'people'>): Announced {
  const notification = Notification.parse(JSON.parse(body));
  if ('waiting' in notification) return { uploads: [], waiting: notification.waiting };
  if (!('Records' in notification)) return { uploads: [] };
  const uploads = notification.Records.filter(
    ({ eventName, s3 }) => /^(s3:)?ObjectCreated:/.test(eventName) && s3.bucket.name === bucket,
  ).map(({ eventTime, userIdentity, s3 }) => {
    const person = personOf(userIdentity.principalId, config);
    const { versionId } = s3.object;
    return {
      dataset: {
        bucket,
        // Keys in notifications are encoded as in a form: a space is a plus.
        key: decodeURIComponent(s3.object.key.replaceAll('+', ' ')),
        ...(versionId !== undefined && { versionId }),
      },
      submitter: { principal: userIdentity.principalId, ...(person !== undefined && { person }) },
      sequencer: paddedSequencer(s3.object.sequencer),
      uploadedAt: new Date(eventTime).toISOString(),
    };
  });
  return { uploads };
}
