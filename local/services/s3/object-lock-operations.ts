import type { Call, Need, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { checkRetentionChange, defaultRetentionIn, isOn, notLockable, retentionIn } from './object-lock.ts';
import { bucketNeed, objectNeed, retentionContext } from './permissions.ts';
import type { BucketRecord, ObjectVersion } from './records.ts';
import type { S3 } from './writing.ts';

type Lock = NonNullable<ObjectVersion['lock']>;

const BUCKET_MEMBERS = ['Bucket', 'ExpectedBucketOwner'] as const;
const MEMBERS = ['Bucket', 'Key', 'VersionId', 'ExpectedBucketOwner'] as const;

export const objectLockOperations = (s3: S3): Record<string, Operation> => ({
  GetObjectLockConfiguration: {
    members: BUCKET_MEMBERS,
    needs: ({ input }) => [bucketNeed('GetBucketObjectLockConfiguration', input)],
    run: async ({ input }) => ({ ObjectLockConfiguration: configurationOf(s3.state.bucket(input)) }),
  },
  PutObjectLockConfiguration: {
    members: [...BUCKET_MEMBERS, 'ObjectLockConfiguration'],
    needs: ({ input }) => [bucketNeed('PutBucketObjectLockConfiguration', input)],
    run: async ({ input }) => putConfiguration(s3, input),
  },
  GetObjectRetention: {
    members: MEMBERS,
    needs: ({ input }) => [onObject('GetObjectRetention', input)],
    run: async ({ input }) => {
      const { retention } = lockOf(s3, input);
      if (!retention) throw noLock();
      return { Retention: { Mode: retention.mode, RetainUntilDate: new Date(retention.until) } };
    },
  },
  PutObjectRetention: {
    members: [...MEMBERS, 'Retention', 'BypassGovernanceRetention'],
    needs: ({ input }) => {
      const { Mode, RetainUntilDate } = input.Retention ?? {};
      const context = retentionContext(Mode, RetainUntilDate, s3.cloud.clock.now());
      return [onObject('PutObjectRetention', input, context), ...bypassNeeds(input)];
    },
    run: async ({ input }) => putRetention(s3, input),
  },
  GetObjectLegalHold: {
    members: MEMBERS,
    needs: ({ input }) => [onObject('GetObjectLegalHold', input)],
    run: async ({ input }) => {
      const { legalHold } = lockOf(s3, input);
      if (legalHold === undefined) throw noLock();
      return { LegalHold: { Status: legalHold ? 'ON' : 'OFF' } };
    },
  },
  PutObjectLegalHold: {
    members: [...MEMBERS, 'LegalHold'],
    needs: ({ input }) => [
      onObject('PutObjectLegalHold', input, { 's3:object-lock-legal-hold': String(input.LegalHold?.Status) }),
    ],
    run: async ({ input }) => {
      const legalHold = isOn(input.LegalHold?.Status);
      changeLock(s3, input, (lock) => ({ ...lock, legalHold }));
      return {};
    },
  },
});

/** These actions have the same name for a version as for the current object. */
const onObject = (action: string, { VersionId: _, ...input }: Call['input'], context = {}): Need =>
  objectNeed(action, input, context);

/** What overriding a retention of mode GOVERNANCE needs beside. */
export const bypassNeeds = (input: Call['input']): Need[] =>
  input.BypassGovernanceRetention ? [onObject('BypassGovernanceRetention', input)] : [];

const noLock = (): ServiceError =>
  new ServiceError(
    'NoSuchObjectLockConfiguration',
    'The specified object does not have a ObjectLock configuration',
    404,
  );

function configurationOf({ name, objectLock }: BucketRecord) {
  if (!objectLock) {
    const message = 'Object Lock configuration does not exist for this bucket';
    throw new ServiceError('ObjectLockConfigurationNotFoundError', message, 404, { BucketName: name });
  }
  const { mode, days, years } = objectLock.defaultRetention ?? {};
  return {
    ObjectLockEnabled: 'Enabled',
    ...(mode && { Rule: { DefaultRetention: { Mode: mode, Days: days, Years: years } } }),
  };
}

function putConfiguration({ state }: S3, input: Call['input']) {
  const bucket = state.bucket(input);
  const { ObjectLockEnabled, Rule } = input.ObjectLockConfiguration ?? {};
  if (ObjectLockEnabled !== 'Enabled') {
    throw new ServiceError('MalformedXML', `expected ObjectLockEnabled to be Enabled, got ${ObjectLockEnabled}`);
  }
  if (bucket.versioning !== 'Enabled') {
    const message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
    throw new ServiceError('InvalidBucketState', message, 409);
  }
  const defaultRetention = defaultRetentionIn(Rule);
  state.putBucket({ ...bucket, objectLock: { ...(defaultRetention && { defaultRetention }) } });
  return {};
}

function lockOf({ state }: S3, input: Call['input']): Lock {
  if (!state.bucket(input).objectLock) throw notLockable();
  return state.object(input.Bucket, input.Key, input.VersionId).lock ?? {};
}

function putRetention(s3: S3, input: Call['input']) {
  const now = s3.cloud.clock.now();
  const { Mode, RetainUntilDate } = input.Retention ?? {};
  const after =
    Mode === undefined && RetainUntilDate === undefined ? undefined : retentionIn(Mode, RetainUntilDate, now);
  changeLock(s3, input, ({ retention, ...rest }) => {
    checkRetentionChange(retention, after, now, input.BypassGovernanceRetention === true);
    return { ...rest, ...(after && { retention: after }) };
  });
  return {};
}

/** Locks change without a new version. */
function changeLock(s3: S3, input: Call['input'], change: (lock: Lock) => Lock): void {
  const { state, cloud } = s3;
  cloud.store.transaction(() => {
    const lock = change(lockOf(s3, input));
    const { versionId } = state.object(input.Bucket, input.Key, input.VersionId);
    const versions = state
      .versions(input.Bucket, input.Key)
      .map((version) => (version.versionId === versionId ? ({ ...version, lock } as ObjectVersion) : version));
    state.putVersions(input.Bucket, input.Key, versions);
  });
}
