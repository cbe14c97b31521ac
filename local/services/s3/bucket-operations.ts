import { type Call, NotImplementedError, type Operation, ServiceError } from '../../service.ts';
import { bucketNeed } from './permissions.ts';
import type { BucketRecord } from './records.ts';
import type { S3 } from './writing.ts';

const MEMBERS = ['Bucket', 'ExpectedBucketOwner'] as const;

export const bucketOperations = (s3: S3): Record<string, Operation> => ({
  CreateBucket: {
    members: ['Bucket', 'CreateBucketConfiguration', 'ObjectOwnership', 'ObjectLockEnabledForBucket'],
    needs: ({ input }) => [
      bucketNeed('CreateBucket', input),
      ...(input.ObjectLockEnabledForBucket ? ['PutBucketObjectLockConfiguration', 'PutBucketVersioning'] : []).map(
        (action) => bucketNeed(action, input),
      ),
    ],
    run: async ({ input }) => createBucket(s3, input),
  },
  DeleteBucket: {
    members: MEMBERS,
    needs: ({ input }) => [bucketNeed('DeleteBucket', input)],
    run: async ({ input }) => deleteBucket(s3, input),
  },
  HeadBucket: {
    members: MEMBERS,
    needs: ({ input }) => [bucketNeed('ListBucket', input)],
    run: async ({ input }) => {
      s3.state.bucket(input);
      return { BucketRegion: s3.cloud.region };
    },
  },
  ListBuckets: {
    members: [],
    needs: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
    run: async () => ({
      Owner: { ID: s3.cloud.account },
      Buckets: s3.state.buckets().map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt) })),
    }),
  },
  GetBucketLocation: {
    members: MEMBERS,
    needs: ({ input }) => [bucketNeed('GetBucketLocation', input)],
    run: async ({ input }) => {
      s3.state.bucket(input);
      return { LocationConstraint: s3.cloud.region };
    },
  },
  GetBucketVersioning: {
    members: MEMBERS,
    needs: ({ input }) => [bucketNeed('GetBucketVersioning', input)],
    run: async ({ input }) => ({ Status: s3.state.bucket(input).versioning }),
  },
  PutBucketVersioning: {
    members: [...MEMBERS, 'VersioningConfiguration'],
    needs: ({ input }) => [bucketNeed('PutBucketVersioning', input)],
    run: async ({ input }) => {
      const { Status, MFADelete } = input.VersioningConfiguration ?? {};
      if (MFADelete === 'Enabled') throw new NotImplementedError('s3:PutBucketVersioning MFADelete');
      const bucket = s3.state.bucket(input);
      const versioning = versioningOf(Status);
      if (bucket.objectLock && versioning.versioning !== 'Enabled') throw keepsVersions();
      s3.state.putBucket({ ...bucket, ...versioning });
      return {};
    },
  },
  GetBucketEncryption: {
    members: MEMBERS,
    needs: ({ input }) => [bucketNeed('GetEncryptionConfiguration', input)],
    run: async ({ input }) => {
      const { algorithm, keyArn, bucketKey } = s3.state.bucket(input).encryption;
      const byDefault = { SSEAlgorithm: algorithm, ...(keyArn && { KMSMasterKeyID: keyArn }) };
      const rule = { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: bucketKey === true };
      return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
    },
  },
  ...policyOperations(s3),
});

const policyOperations = (s3: S3): Record<string, Operation> => ({
  GetBucketPolicy: {
    members: MEMBERS,
    needs: ({ input }) => [bucketNeed('GetBucketPolicy', input)],
    run: async ({ input }) => {
      const { name, policy } = s3.state.bucket(input);
      if (policy !== undefined) return { Policy: policy };
      throw new ServiceError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: name });
    },
  },
  PutBucketPolicy: {
    members: [...MEMBERS, 'Policy'],
    needs: ({ input }) => [bucketNeed('PutBucketPolicy', input)],
    run: async ({ input }) => {
      s3.state.putBucket({ ...s3.state.bucket(input), policy: checkedPolicy(input.Policy) });
      return {};
    },
  },
  DeleteBucketPolicy: {
    members: MEMBERS,
    needs: ({ input }) => [bucketNeed('DeleteBucketPolicy', input)],
    run: async ({ input }) => {
      const { policy: _, ...rest } = s3.state.bucket(input);
      s3.state.putBucket(rest);
      return {};
    },
  },
});

/** A bucket as a plain CreateBucket leaves it. */
export const newBucket = (name: string, createdAt: number): BucketRecord => ({
  name,
  createdAt,
  encryption: { algorithm: 'AES256' },
  notifications: [],
  lifecycle: [],
  recorded: {},
});

function createBucket({ cloud, state }: S3, input: Call['input']) {
  checkBucketName(input.Bucket);
  const location: string | undefined = input.CreateBucketConfiguration?.LocationConstraint;
  if (location !== undefined && location !== cloud.region) {
    throw new ServiceError(
      'IllegalLocationConstraintException',
      `expected the location ${cloud.region}, got ${location}`,
    );
  }
  if (state.findBucket(input.Bucket)) {
    throw new ServiceError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
      { BucketName: input.Bucket },
    );
  }
  const recorded = input.ObjectOwnership ? { ObjectOwnership: input.ObjectOwnership } : {};
  const lockable = input.ObjectLockEnabledForBucket && { objectLock: {}, versioning: 'Enabled' as const };
  state.putBucket({ ...newBucket(input.Bucket, cloud.clock.now()), recorded, ...lockable });
  return { Location: `/${input.Bucket}` };
}

export function deleteBucket({ cloud, state }: S3, input: Call['input']) {
  cloud.store.transaction(() => {
    const bucket = state.bucket(input);
    if (state.objects(bucket.name).length > 0) {
      throw new ServiceError(
        'BucketNotEmpty',
        `The bucket you tried to delete is not empty${bucket.versioning ? '. You must delete all versions in the bucket.' : ''}`,
        409,
        { BucketName: bucket.name },
      );
    }
    // What is left of unfinished uploads goes with the bucket; `resume` sweeps their files.
    for (const { uploadId } of state.uploads(bucket.name)) state.deleteUpload(uploadId);
    state.deleteBucket(bucket.name);
  });
  return {};
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function checkBucketName(name: string): void {
  const wellFormed =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|-s3alias$/.test(name);
  if (!wellFormed)
    throw new ServiceError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
}

const keepsVersions = (): ServiceError =>
  new ServiceError(
    'InvalidBucketState',
    'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    409,
  );

export function versioningOf(status: unknown): Pick<BucketRecord, 'versioning'> {
  if (status === 'Enabled' || status === 'Suspended') return { versioning: status };
  throw new ServiceError(
    'IllegalVersioningConfigurationException',
    `expected the versioning status Enabled or Suspended, got ${status}`,
  );
}

/** @throws {ServiceError} MalformedPolicy */
export function checkedPolicy(text: string): string {
  try {
    if (Array.isArray(JSON.parse(text).Statement)) return text;
  } catch {
    // Not JSON: refused below.
  }
  throw new ServiceError('MalformedPolicy', 'Policies must be valid JSON with a list of statements');
}
