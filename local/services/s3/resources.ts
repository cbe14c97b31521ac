import { physicalName } from '../../physical-name.ts';
import { type ProvisionedResource, type ResourceHandler, type ResourceRequest, ServiceError } from '../../service.ts';
import { checkBucketName, checkedPolicy, deleteBucket, newBucket } from './bucket-operations.ts';
import { BUCKET_PROPERTIES, settingsOf } from './bucket-properties.ts';
import type { Lifecycle } from './lifecycle.ts';
import { bucketArn } from './permissions.ts';
import type { BucketRecord } from './records.ts';
import type { S3 } from './writing.ts';

export const bucketResources = (s3: S3, lifecycle: Lifecycle): Record<string, ResourceHandler> => ({
  'AWS::S3::Bucket': {
    properties: BUCKET_PROPERTIES,
    create: (request) => applyBucket(s3, lifecycle, request),
    update: (request) => applyBucket(s3, lifecycle, request),
    delete: async (_, { ref }) => {
      if (s3.state.findBucket(ref)) deleteBucket(s3, { Bucket: ref });
    },
  },
  'AWS::S3::BucketPolicy': {
    properties: ['Bucket', 'PolicyDocument'],
    create: async (request) => applyPolicy(s3, request),
    update: async (request, current) => {
      const next = applyPolicy(s3, request);
      if (next.ref !== current.ref) removePolicy(s3, current.ref);
      return next;
    },
    delete: async (_, { ref }) => removePolicy(s3, ref),
  },
});

async function applyBucket(s3: S3, lifecycle: Lifecycle, request: ResourceRequest): Promise<ProvisionedResource> {
  const { cloud, state } = s3;
  const name = physicalName(request, { given: request.properties.BucketName, longest: 63, lowercase: true });
  checkBucketName(name);
  const madeBy = `${request.stackName}/${request.logicalId}`;
  const before = state.findBucket(name);
  // A bucket of this very resource is taken over: a deployment cut short may not have noted it yet.
  if (before && before.madeBy !== madeBy) {
    throw new ServiceError('BucketAlreadyExists', `${name} already exists, and not as ${madeBy}`, 409, {
      BucketName: name,
    });
  }
  const { versioning, ...settings } = settingsOf(cloud, request.properties);
  const base = before ?? { ...newBucket(name, cloud.clock.now()), madeBy };
  // Versioning once on can only be suspended.
  const kept = versioning ?? (before?.versioning && 'Suspended');
  const after: BucketRecord = { ...base, ...settings, ...(kept && { versioning: kept }) };
  state.putBucket({ ...after, notifications: before?.notifications ?? [] });
  await greetNewQueues(s3, before, after);
  state.putBucket(after);
  lifecycle.arm();
  return {
    ref: name,
    attributes: {
      Arn: bucketArn(name),
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${cloud.region}.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${cloud.region}.amazonaws.com`,
    },
  };
}

/** S3 refuses a destination that it may not write to. */
async function greetNewQueues(
  { notifications }: S3,
  before: BucketRecord | undefined,
  after: BucketRecord,
): Promise<void> {
  const known = new Set(before?.notifications.map(({ queueArn }) => queueArn));
  for (const queueArn of new Set(after.notifications.map((notification) => notification.queueArn))) {
    if (known.has(queueArn)) continue;
    try {
      await notifications.sendTestEvent(after.name, queueArn);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status === 501) throw error;
      throw new ServiceError(
        'InvalidArgument',
        `Unable to validate the following destination configurations: ${queueArn}: ${error.message}`,
      );
    }
  }
}

function applyPolicy({ state }: S3, { properties }: ResourceRequest): ProvisionedResource {
  const bucket = state.bucket({ Bucket: properties.Bucket });
  const { PolicyDocument: document } = properties;
  state.putBucket({
    ...bucket,
    policy: checkedPolicy(typeof document === 'string' ? document : JSON.stringify(document)),
  });
  return { ref: bucket.name, attributes: {} };
}

function removePolicy({ state }: S3, name: string): void {
  const bucket = state.findBucket(name);
  if (!bucket) return;
  const { policy: _, ...rest } = bucket;
  state.putBucket(rest);
}
