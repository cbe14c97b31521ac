import type { LocalCloud } from '../cloud.ts';
import { ServiceError } from '../service.ts';
import type { WireRequest } from './wire.ts';

/** What the client is told. A defect of ours is InternalFailure, and a person is told the rest; so is whatever is not implemented. */
export function toServiceError(cloud: LocalCloud, request: WireRequest, error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    if (error.status === 501) cloud.report(error.message);
    return error;
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new ServiceError('IncompleteBody', 'The request body ended before it was complete');
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  cloud.report(
    `${request.method} ${request.path} (${request.headers.get('x-amz-target') ?? 'REST'}) failed: ${detail}`,
  );
  return new ServiceError('InternalFailure', 'The request processing has failed because of an unknown error.', 500);
}
