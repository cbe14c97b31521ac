import type { ObjectRef } from './model.ts';

export const s3Uri = ({ bucket, key }: ObjectRef): string => `s3://${bucket}/${key}`;

/** @throws {RangeError} not `s3://bucket/key` */
export function parseS3Uri(uri: string): ObjectRef {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) throw new RangeError(`expected s3://bucket/key, got ${uri}`);
  return { bucket, key };
}
