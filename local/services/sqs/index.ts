import type { Cloud, Service } from '../../service.ts';
import { messageOperations } from './message-operations.ts';
import { queueOperations } from './queue-operations.ts';
import { nameOf, Queues } from './queues.ts';
import { queuePolicyResource, queueResource } from './resources.ts';

/** Amazon SQS: standard and FIFO queues, visibility, delay, retention, redrive, long polls. */
export const createSqsService = (cloud: Cloud): Service => {
  const queues = new Queues(cloud);
  return {
    name: 'sqs',
    operations: { ...queueOperations(cloud, queues), ...messageOperations(cloud, queues) },
    resources: {
      'AWS::SQS::Queue': queueResource(cloud, queues),
      'AWS::SQS::QueuePolicy': queuePolicyResource(queues),
    },
    resourcePolicy: (arn) => {
      const policy = queues.find(nameOf(arn))?.record.settings.policy;
      return policy === undefined ? undefined : JSON.parse(policy);
    },
    resume: async () => queues.resume(),
  };
};
