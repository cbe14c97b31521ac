import { type Cloud, NotImplementedError, ServiceError } from '../../service.ts';
import { versioningOf } from './bucket-operations.ts';
import { keyArnOf } from './description.ts';
import { defaultRetentionIn } from './object-lock.ts';
import type { BucketRecord, Encryption, LifecycleRule, QueueNotification } from './records.ts';

/** Properties of AWS::S3::Bucket that are honoured, those only recorded included. */
export const BUCKET_PROPERTIES = [
  'BucketName',
  'VersioningConfiguration',
  'BucketEncryption',
  'PublicAccessBlockConfiguration',
  'NotificationConfiguration',
  'LifecycleConfiguration',
  'ObjectLockEnabled',
  'ObjectLockConfiguration',
  'OwnershipControls',
  'LoggingConfiguration',
  'Tags',
] as const;

/** Nothing here is public, belongs to another account or is logged, so these change nothing that can be observed. */
const RECORDED = ['PublicAccessBlockConfiguration', 'OwnershipControls', 'LoggingConfiguration', 'Tags'];

/** A template's values: intrinsics resolved, shape not yet checked. */
// biome-ignore lint/suspicious/noExplicitAny: read with care below
type Json = any;

/** What a template's properties make of a bucket. @throws {NotImplementedError} naming the property's path */
export function settingsOf(
  cloud: Cloud,
  properties: Json,
): Omit<BucketRecord, 'name' | 'createdAt' | 'madeBy' | 'policy'> {
  const status =
    properties.VersioningConfiguration?.Status ?? (isTrue(properties.ObjectLockEnabled) ? 'Enabled' : undefined);
  return {
    ...(status !== undefined && versioningOf(status)),
    encryption: encryptionOf(cloud, properties.BucketEncryption),
    ...objectLockOf(properties),
    notifications: notificationsOf(properties.NotificationConfiguration ?? {}),
    lifecycle: (properties.LifecycleConfiguration?.Rules ?? []).flatMap(lifecycleRuleOf),
    recorded: Object.fromEntries(
      RECORDED.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])),
    ),
  };
}

function encryptionOf(cloud: Cloud, property: Json): Encryption {
  const rule = property?.ServerSideEncryptionConfiguration?.[0];
  if (!rule) return { algorithm: 'AES256' };
  refuseOthers('BucketEncryption rule', rule, ['ServerSideEncryptionByDefault', 'BucketKeyEnabled']);
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } = rule.ServerSideEncryptionByDefault ?? {};
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms') throw missing(`BucketEncryption SSEAlgorithm ${algorithm}`);
  const keyArn = key && keyArnOf(cloud, key);
  return { algorithm, ...(keyArn && { keyArn }), ...(isTrue(rule.BucketKeyEnabled) && { bucketKey: true }) };
}

/** @throws {ServiceError} ValidationError: a configuration without the lock, or a lock without versions */
function objectLockOf({ ObjectLockEnabled, ObjectLockConfiguration, VersioningConfiguration }: Json) {
  const configured = ObjectLockConfiguration ?? {};
  refuseOthers('ObjectLockConfiguration', configured, ['ObjectLockEnabled', 'Rule']);
  if (!isTrue(ObjectLockEnabled)) {
    if (ObjectLockConfiguration === undefined) return {};
    throw new ServiceError('ValidationError', 'expected ObjectLockEnabled with an ObjectLockConfiguration');
  }
  if (VersioningConfiguration && VersioningConfiguration.Status !== 'Enabled') {
    throw new ServiceError('ValidationError', 'expected versioning to be enabled with ObjectLockEnabled');
  }
  const defaultRetention = defaultRetentionIn(configured.Rule);
  return { objectLock: { ...(defaultRetention && { defaultRetention }) } };
}

function notificationsOf(property: Json): QueueNotification[] {
  refuseOthers('NotificationConfiguration', property, ['QueueConfigurations']);
  return (property.QueueConfigurations ?? []).map((entry: Json, index: number) => {
    refuseOthers('QueueConfiguration', entry, ['Event', 'Queue', 'Filter']);
    if (!/^s3:(ObjectCreated|ObjectRemoved|ObjectTagging):(\*|\w+)$/.test(entry.Event)) {
      throw missing(`NotificationConfiguration Event ${entry.Event}`);
    }
    const rules: Json[] = entry.Filter?.S3Key?.Rules ?? [];
    const filterValue = (name: string): string =>
      rules.find((rule) => String(rule.Name).toLowerCase() === name)?.Value ?? '';
    const filter = { prefix: filterValue('prefix'), suffix: filterValue('suffix') };
    return { id: `queue-${index + 1}`, queueArn: entry.Queue, events: [entry.Event], ...filter };
  });
}

function lifecycleRuleOf(rule: Json, index: number): LifecycleRule[] {
  refuseOthers('LifecycleConfiguration rule', rule, [
    'Id',
    'Status',
    'Prefix',
    'ExpirationInDays',
    'ExpiredObjectDeleteMarker',
    'NoncurrentVersionExpiration',
    'NoncurrentVersionExpirationInDays',
    'AbortIncompleteMultipartUpload',
    // Storage classes differ in price and in nothing that can be observed here.
    'Transitions',
    'NoncurrentVersionTransitions',
  ]);
  if (rule.Status !== 'Enabled') return [];
  const { NoncurrentDays, NewerNoncurrentVersions } = rule.NoncurrentVersionExpiration ?? {};
  const days = {
    expirationDays: rule.ExpirationInDays,
    noncurrentDays: NoncurrentDays ?? rule.NoncurrentVersionExpirationInDays,
    newerNoncurrentVersions: NewerNoncurrentVersions,
    abortUploadsAfterDays: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  };
  const given = Object.entries(days).filter(([, value]) => value !== undefined);
  return [
    {
      id: rule.Id ?? `rule-${index + 1}`,
      prefix: rule.Prefix ?? '',
      ...Object.fromEntries(given.map(([name, value]) => [name, Number(value)])),
      ...(isTrue(rule.ExpiredObjectDeleteMarker) && { expiredDeleteMarkers: true }),
    },
  ];
}

function refuseOthers(where: string, given: Json, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null)
    throw new ServiceError('ValidationError', `expected ${where} to be an object, got ${given}`);
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other !== undefined) throw missing(`${where} ${other}`);
}

/** CloudFormation takes booleans as text too. */
const isTrue = (value: unknown): boolean => value === true || value === 'true';

const missing = (what: string): NotImplementedError => new NotImplementedError(`AWS::S3::Bucket ${what}`);
