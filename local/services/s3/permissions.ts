import type { Need } from '../../service.ts';
import type { Encryption } from './records.ts';
import type { S3State } from './state.ts';

type Context = Record<string, string | readonly string[]>;

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;

const objectArn = (bucket: string, key: string): string => `${bucketArn(bucket)}/${key}`;

/** `s3:GetObject`, or `s3:GetObjectVersion` where a version is named. */
// biome-ignore lint/suspicious/noExplicitAny: an operation's input
export function objectNeed(action: string, input: any, context: Context = {}): Need {
  const version: string | undefined = input.VersionId;
  return {
    action: version === undefined ? `s3:${action}` : `s3:${versioned(action)}`,
    resource: objectArn(input.Bucket, input.Key),
    context: { ...context, ...(version !== undefined && { 's3:VersionId': version }) },
  };
}

/** GetObject → GetObjectVersion, GetObjectTagging → GetObjectVersionTagging. */
const versioned = (action: string): string => action.replace(/^(Get|Put|Delete)Object/, '$1ObjectVersion');

/** Reading bytes: the object, its key, and whether it may be known that there is none. */
export function readNeeds(
  state: S3State,
  action: string,
  input: { Bucket: string; Key: string; VersionId?: string },
): Need[] {
  const needs = [objectNeed(action, input)];
  const versions = state.versions(input.Bucket, input.Key);
  const version =
    input.VersionId === undefined ? versions[0] : versions.find(({ versionId }) => versionId === input.VersionId);
  // Without s3:ListBucket a missing key looks like a forbidden one. A read has no s3:prefix, so a permission to list one does not do.
  if (versions.length === 0) needs.push({ action: 's3:ListBucket', resource: bucketArn(input.Bucket) });
  if (version && !version.deleteMarker) needs.push(...keyNeeds(state, ['kms:Decrypt'], version.encryption, input));
  return needs;
}

/** What S3 does with a customer's key on the caller's behalf, and so with the caller's permissions. */
export function keyNeeds(
  { cloud }: S3State,
  actions: readonly string[],
  { keyArn, bucketKey }: Encryption,
  { Bucket, Key }: { Bucket: string; Key: string },
): Need[] {
  if (keyArn === undefined) return [];
  const context = {
    'kms:ViaService': `s3.${cloud.region}.amazonaws.com`,
    'kms:CallerAccount': cloud.account,
    'kms:EncryptionContextKeys': ['aws:s3:arn'],
    'kms:EncryptionContext:aws:s3:arn': bucketKey ? bucketArn(Bucket) : objectArn(Bucket, Key),
  };
  return actions.map((action) => ({ action, resource: keyArn, context }));
}

/** Condition keys of a request that makes an object. */
// biome-ignore lint/suspicious/noExplicitAny: an operation's input
export function creationContext(input: any, creates: boolean): Context {
  const context: Context = { 's3:ObjectCreationOperation': String(creates) };
  const put = (key: string, value: unknown) => {
    if (value !== undefined) context[key] = String(value);
  };
  put('s3:if-none-match', input.IfNoneMatch);
  put('s3:if-match', input.IfMatch);
  put('s3:x-amz-server-side-encryption', input.ServerSideEncryption);
  put('s3:x-amz-server-side-encryption-aws-kms-key-id', input.SSEKMSKeyId);
  put('s3:x-amz-acl', input.ACL);
  put('s3:x-amz-storage-class', input.StorageClass);
  put('s3:x-amz-metadata-directive', input.MetadataDirective);
  put('s3:x-amz-copy-source', input.CopySource);
  put('s3:object-lock-legal-hold', input.ObjectLockLegalHoldStatus);
  if (typeof input.Tagging === 'string') {
    const tags = [...new URLSearchParams(input.Tagging)];
    context['s3:RequestObjectTagKeys'] = tags.map(([key]) => key);
    for (const [key, value] of tags) put(`s3:RequestObjectTag/${key}`, value);
  }
  return context;
}

/** Condition keys of a retention. @param now milliseconds since the epoch */
export function retentionContext(mode: unknown, until: unknown, now: number): Context {
  if (mode === undefined && until === undefined) return {};
  const time = new Date(until as string | Date).getTime();
  return {
    's3:object-lock-mode': String(mode),
    's3:object-lock-retain-until-date': Number.isNaN(time) ? String(until) : new Date(time).toISOString(),
    's3:object-lock-remaining-retention-days': String(Math.ceil((time - now) / 86_400_000)),
  };
}

/** What a write needs to lock its object. */
// biome-ignore lint/suspicious/noExplicitAny: an operation's input
export function lockNeeds(input: any, now: number): Need[] {
  const target = { Bucket: input.Bucket, Key: input.Key };
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = input;
  return [
    ...(mode === undefined && until === undefined
      ? []
      : [objectNeed('PutObjectRetention', target, retentionContext(mode, until, now))]),
    ...(hold === undefined
      ? []
      : [objectNeed('PutObjectLegalHold', target, { 's3:object-lock-legal-hold': String(hold) })]),
  ];
}

export const bucketNeed = (action: string, { Bucket }: { Bucket: string }, context: Context = {}): Need => ({
  action: `s3:${action}`,
  resource: bucketArn(Bucket),
  context,
});
