import type { Call, Cloud, Operation, Service } from '../../service.ts';
import { bucketOperations } from './bucket-operations.ts';
import { copyOperations } from './copying.ts';
import { invalidArgument } from './errors.ts';
import { Lifecycle } from './lifecycle.ts';
import { listingOperations } from './listing.ts';
import { multipartOperations } from './multipart.ts';
import { objectLockOperations } from './object-lock-operations.ts';
import { objectOperations } from './objects.ts';
import { bucketResources } from './resources.ts';
import { taggingOperations } from './tagging.ts';
import { createS3 } from './writing.ts';

/**
 * S3: versions, conditional writes, multipart uploads, checksums, lifecycle, and events to queues.
 *
 * Bodies are files below `STATE/s3`, everything else is in the store; a write is visible at once and whole, or not at all.
 */
export function createS3Service(cloud: Cloud): Service {
  const s3 = createS3(cloud);
  const lifecycle = new Lifecycle(s3);
  return {
    name: 's3',
    operations: withNames({
      ...bucketOperations(s3),
      ...objectOperations(s3),
      ...copyOperations(s3),
      ...multipartOperations(s3),
      ...listingOperations(s3),
      ...taggingOperations(s3),
      ...objectLockOperations(s3),
    }),
    resources: bucketResources(s3, lifecycle),
    resourcePolicy: (arn) => {
      const policy = s3.state.findBucket(/^arn:aws:s3:::([^/]+)/.exec(arn)?.[1] ?? '')?.policy;
      return policy === undefined ? undefined : JSON.parse(policy);
    },
    resume: async () => {
      await s3.state.bodies.sweep(s3.state.namedFiles());
      s3.notifications.sendPending();
      lifecycle.arm();
    },
  };
}

/** Every operation that takes a bucket or a key needs it; over HTTP it is in the path, in process it may be forgotten. */
function withNames(operations: Record<string, Operation>): Record<string, Operation> {
  const checked = Object.entries(operations).map(([name, operation]): [string, Operation] => {
    const required = ['Bucket', 'Key'].filter((member) => operation.members.includes(member));
    const needs = (call: Call) => {
      for (const member of required) {
        const value: unknown = call.input?.[member];
        if (typeof value !== 'string' || value === '')
          throw invalidArgument(`expected ${member} for ${name}, got ${value}`, member);
      }
      return operation.needs(call);
    };
    return [name, { ...operation, needs }];
  });
  return Object.fromEntries(checked);
}
