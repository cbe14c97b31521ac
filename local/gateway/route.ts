import type { LocalCloud } from '../cloud.ts';
import type { HttpResponse } from '../http.ts';
import { ServiceError } from '../service.ts';
import { type Credentials, credentialsOf } from './credentials.ts';
import { answerJson, jsonError } from './json-target.ts';
import { answerQuery } from './query-xml.ts';
import { answerRest } from './rest-json.ts';
import { answerS3, s3Error } from './s3/answer.ts';
import { readBody, type WireRequest } from './wire.ts';

/** Signing names that differ from the service's name here. */
const SERVICE_BY_SCOPE = new Map([['email', 'ses']]);

/** One request to the plain handler, or to the protocol and service that its signature names. */
export async function route(cloud: LocalCloud, request: WireRequest): Promise<HttpResponse> {
  const mounted = cloud.http.find(request.path);
  if (mounted) return mounted({ ...request, body: await readBody(request) });
  const credentials = credentialsOf(request);
  if (!credentials) return isFrontPage(request) ? toIndexPage() : withoutCredentials(request);
  const service = SERVICE_BY_SCOPE.get(credentials.scope) ?? credentials.scope;
  const principal = cloud.iam.principalOf(credentials.accessKeyId);
  if (service === 's3') {
    if (expired(cloud, credentials))
      return s3Error(request, new ServiceError('AccessDenied', 'Request has expired', 403));
    return answerS3(cloud, request, principal);
  }
  if (request.headers.has('x-amz-target')) return answerJson(cloud, request, service, principal);
  if (request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) {
    return answerQuery(cloud, request, service, principal);
  }
  return answerRest(cloud, request, service, principal);
}

const expired = (cloud: LocalCloud, { validUntil }: Credentials): boolean =>
  validUntil !== undefined && validUntil < cloud.clock.now();

const isFrontPage = ({ method, path, query }: WireRequest): boolean =>
  method === 'GET' && path === '/' && query.size === 0;

const toIndexPage = (): HttpResponse => ({ status: 302, headers: { location: '/_launchway' } });

function withoutCredentials(request: WireRequest): HttpResponse {
  const { headers } = request;
  if (headers.has('x-amz-target') || headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) {
    return jsonError(
      request,
      new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403),
    );
  }
  return s3Error(request, new ServiceError('AccessDenied', 'Access Denied', 403));
}
