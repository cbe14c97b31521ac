import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * A queue with its dead-letter queue: what fails five times is kept for two weeks and an alarm tells of it.
 *
 * @param name physical name; the dead letters' ends in `-dead-letters`
 */
export function queueWithDeadLetters(
  scope: Construct,
  id: string,
  name: string,
  { visibilityTimeout }: { visibilityTimeout: Duration },
) {
  const deadLetters = deadLetterQueue(scope, `${id}DeadLetters`, `${name}-dead-letters`);
  const queue = new Queue(scope, `${id}Queue`, {
    queueName: name,
    visibilityTimeout,
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  return { queue, deadLetters };
}

/** Where what could not be delivered is kept for two weeks. */
export const deadLetterQueue = (scope: Construct, id: string, queueName: string): Queue =>
  new Queue(scope, id, {
    queueName,
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
