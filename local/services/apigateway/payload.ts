import type { HttpRequest, HttpResponse } from '../../http.ts';
import type { IamCaller } from './iam-caller.ts';
import type { RouteMatch } from './match-route.ts';

/** What one request is, beyond HTTP. */
export interface RequestFacts {
  readonly account: string;
  readonly apiId: string;
  readonly stage: string;
  readonly requestId: string;
  /** Milliseconds since the epoch, by the local clock. */
  readonly at: number;
  /** Decoded, without `/_api/{id}`; a named stage is its first segment, as in AWS. */
  readonly path: string;
  readonly match: RouteMatch;
  readonly claims?: Readonly<Record<string, string>>;
  readonly caller?: IamCaller;
}

/** Bodies of these types reach the function as text, all others in base64. Forms are not among them, as in AWS. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.-]+\+(json|xml)\b)/i;

/** The event of payload format 2.0. */
export const eventOf = (request: HttpRequest, facts: RequestFacts) => {
  const { cookie, connection: _, ...headers } = Object.fromEntries(request.headers);
  const host = headers.host ?? '127.0.0.1';
  const contentType = headers['content-type'];
  const asText = contentType === undefined || TEXT.test(contentType);
  const body = Buffer.from(request.body);
  return {
    version: '2.0',
    routeKey: facts.match.route.key,
    rawPath: facts.path,
    rawQueryString: request.query.toString(),
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers: { ...headers, 'x-forwarded-for': request.sourceIp, 'x-forwarded-proto': 'http' },
    ...(request.query.size > 0 && { queryStringParameters: joined(request.query) }),
    ...(Object.keys(facts.match.parameters).length > 0 && { pathParameters: facts.match.parameters }),
    requestContext: {
      accountId: facts.account,
      apiId: facts.apiId,
      ...(facts.caller && { authorizer: { iam: facts.caller } }),
      ...(facts.claims && {
        authorizer: { jwt: { claims: facts.claims, scopes: facts.claims.scope?.split(' ') ?? null } },
      }),
      domainName: host,
      domainPrefix: facts.apiId,
      http: {
        method: request.method,
        path: facts.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: facts.requestId,
      routeKey: facts.match.route.key,
      stage: facts.stage,
      time: requestTime(facts.at),
      timeEpoch: facts.at,
    },
    ...(body.length > 0 && { body: body.toString(asText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !asText,
  };
};

const joined = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000` */
export const requestTime = (at: number): string => {
  const date = new Date(at).toISOString();
  return `${date.slice(8, 10)}/${MONTHS[Number(date.slice(5, 7)) - 1]}/${date.slice(0, 4)}:${date.slice(11, 19)} +0000`;
};

/**
 * The response that a function's answer stands for; without a `statusCode` the answer itself is the body.
 *
 * @returns undefined for an answer that API Gateway refuses
 */
export const responseOf = (answer: unknown): HttpResponse | undefined => {
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = answer as Readonly<Record<string, unknown>>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599 || (body != null && typeof body !== 'string'))
    return undefined;
  const fields = Object.entries((headers as object | undefined) ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(fields),
      ...(Array.isArray(cookies) && cookies.length > 0 && { 'set-cookie': cookies.map(String) }),
    },
    body: typeof body !== 'string' ? '' : isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  };
};
