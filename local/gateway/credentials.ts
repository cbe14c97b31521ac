import type { WireRequest } from './wire.ts';

/** What a SigV4 signature says of itself; the signature is not verified. */
export interface Credentials {
  readonly accessKeyId: string;
  /** Such as `s3`. */
  readonly scope: string;
  /** A presigned URL's own lifetime, in milliseconds since the epoch. */
  readonly validUntil?: number;
}

/** From the Authorization header, or from a presigned URL's query; undefined where there is neither. */
export function credentialsOf({ headers, query }: Pick<WireRequest, 'headers' | 'query'>): Credentials | undefined {
  const header = /^AWS4-[A-Z0-9-]+ .*?Credential=([^,\s]+)/.exec(headers.get('authorization') ?? '')?.[1];
  if (header) return scopeOf(header);
  const accessKeyId = query.get('AWSAccessKeyId');
  // SigV2, which boto3 still presigns S3 URLs with; nothing else uses it.
  if (accessKeyId) return { accessKeyId, scope: 's3', validUntil: (Number(query.get('Expires')) || 0) * 1000 };
  const scope = scopeOf(query.get('X-Amz-Credential') ?? '');
  if (!scope) return undefined;
  const signedAt = Date.parse((query.get('X-Amz-Date') ?? '').replace(BASIC_TIME, '$1-$2-$3:$4:$5'));
  return { ...scope, validUntil: signedAt + Number(query.get('X-Amz-Expires') ?? 0) * 1000 || 0 };
}

/** `20260101T120000Z` */
const BASIC_TIME = /^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/;

/** `AKID/20260101/eu-west-1/s3/aws4_request`; an access key id may hold slashes, a scope does not. */
function scopeOf(credential: string): { accessKeyId: string; scope: string } | undefined {
  const parts = credential.split('/');
  if (parts.length < 5 || parts.at(-1) !== 'aws4_request') return undefined;
  return { accessKeyId: parts.slice(0, -4).join('/'), scope: parts.at(-2)! };
}
