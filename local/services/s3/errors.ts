import { ServiceError } from '../../service.ts';

export const noSuchBucket = (BucketName: string): ServiceError =>
  new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName });

export const noSuchKey = (Key: string, fields: Readonly<Record<string, unknown>> = {}): ServiceError =>
  new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key, ...fields });

export const noSuchVersion = (Key: string, VersionId: string): ServiceError =>
  new ServiceError('NoSuchVersion', 'The specified version does not exist.', 404, { Key, VersionId });

/** A version id is `null`, or as long as those that S3 makes. @throws {ServiceError} InvalidArgument */
export function checkVersionId(versionId: string | undefined): void {
  if (versionId === undefined || versionId === 'null' || /^[\w.-]{32}$/.test(versionId)) return;
  throw invalidArgument('Invalid version id specified', 'versionId');
}

export const noSuchUpload = (UploadId: string): ServiceError =>
  new ServiceError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId },
  );

/** @param Condition `If-None-Match` */
export const preconditionFailed = (Condition: string): ServiceError =>
  new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition,
  });

export const invalidArgument = (message: string, ArgumentName: string): ServiceError =>
  new ServiceError('InvalidArgument', message, 400, { ArgumentName });

export const badDigest = (algorithm: string): ServiceError =>
  new ServiceError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, 400);
