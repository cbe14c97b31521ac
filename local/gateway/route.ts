import type { LocalCloud } from '../cloud.ts';
import type { HttpResponse } from '../http.ts';
import { type Principal, ServiceError } from '../service.ts';
import { type Credentials, credentialsOf } from './credentials.ts';
import { toServiceError } from './failure.ts';
import { answerJson, jsonError } from './json-target.ts';
import { answerQuery, queryError } from './query-xml.ts';
import { answerRest } from './rest-json.ts';
import { answerS3, s3Error } from './s3/answer.ts';
import { readBody, type WireRequest } from './wire.ts';

/** Signing names that differ from the service's name here. */
const SERVICE_BY_SCOPE = new Map([['email', 'ses']]);

/** One request to the plain handler, or to the protocol and service that its signature names. */
export async function route(cloud: LocalCloud, request: WireRequest): Promise<HttpResponse> {
  const mounted = cloud.http.find(request.path);
  if (mounted) return mounted({ ...request, body: await readBody(request) });
  if (isFromAnotherSite(request)) return fromAnotherSite();
  const credentials = credentialsOf(request);
  if (!credentials) return isFrontPage(request) ? toIndexPage() : withoutCredentials(request);
  const service = SERVICE_BY_SCOPE.get(credentials.scope) ?? credentials.scope;
  try {
    const principal = cloud.iam.principalOf(credentials.accessKeyId);
    checkLifetime(request);
    if (expired(cloud, credentials)) throw new ServiceError('AccessDenied', 'Request has expired', 403);
    return await answer(cloud, request, service, principal);
  } catch (error) {
    return refuse(request, service, toServiceError(cloud, request, error));
  }
}

function answer(cloud: LocalCloud, request: WireRequest, service: string, principal: Principal): Promise<HttpResponse> {
  if (service === 's3') return answerS3(cloud, request, principal);
  if (request.headers.has('x-amz-target')) return answerJson(cloud, request, service, principal);
  if (isForm(request)) return answerQuery(cloud, request, service, principal);
  return answerRest(cloud, request, service, principal);
}

/** Before it is known what is asked: an unknown key, an expired URL. */
function refuse(request: WireRequest, service: string, error: ServiceError): HttpResponse {
  if (service === 's3') return s3Error(request, error);
  return isForm(request) ? queryError(request, service, error) : jsonError(request, error);
}

const isForm = ({ headers }: WireRequest): boolean =>
  headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true;

const LONGEST_LIFETIME_SECONDS = 7 * 86_400;

/** A presigned URL holds for a week at most. @throws {ServiceError} AuthorizationQueryParametersError */
function checkLifetime({ query }: WireRequest): void {
  if (Number(query.get('X-Amz-Expires') ?? 0) <= LONGEST_LIFETIME_SECONDS) return;
  const message = `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${LONGEST_LIFETIME_SECONDS} seconds`;
  throw new ServiceError('AuthorizationQueryParametersError', message);
}

const expired = (cloud: LocalCloud, { validUntil }: Credentials): boolean =>
  validUntil !== undefined && validUntil < cloud.clock.now();

/**
 * A browser names the page that sends a form or a script's request. Since signatures are not verified, a page from elsewhere could
 * otherwise post to a URL that looks presigned. What is mounted judges by itself.
 */
function isFromAnotherSite({ headers }: WireRequest): boolean {
  const origin = headers.get('origin');
  return origin !== undefined && origin !== `http://${headers.get('host')}`;
}

const fromAnotherSite = (): HttpResponse => ({
  status: 403,
  body: 'expected no request from a page of another site\n',
});

const isFrontPage = ({ method, path, query }: WireRequest): boolean =>
  method === 'GET' && path === '/' && query.size === 0;

const toIndexPage = (): HttpResponse => ({ status: 302, headers: { location: '/_launchway' } });

function withoutCredentials(request: WireRequest): HttpResponse {
  const missing = new ServiceError('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  if (isForm(request)) return queryError(request, '', missing);
  if (request.headers.has('x-amz-target')) return jsonError(request, missing);
  return s3Error(request, new ServiceError('AccessDenied', 'Access Denied', 403));
}
