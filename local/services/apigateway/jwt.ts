import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { HttpRequest } from '../../http.ts';
import type { JwtAuthorizer } from './api.ts';

/** A verified token's claims, as text like API Gateway hands them on. */
export type Claims = Readonly<Record<string, string>>;

/** 401: no valid token; 403: a valid one without a wanted scope. */
export class UnauthorizedError extends Error {
  readonly status: 401 | 403;

  constructor(status: 401 | 403, why: string) {
    super(why);
    this.name = 'Unauthorized';
    this.status = status;
  }
}

interface Key extends JsonWebKey {
  readonly kid?: string;
}

/** An issuer's keys are asked for again after this long, in real milliseconds. */
const KEYS_LAST = 300_000;

/** API Gateway takes RSA signatures only. */
const HASHES = new Map([
  ['RS256', 'sha256'],
  ['RS384', 'sha384'],
  ['RS512', 'sha512'],
]);

/** Verifies bearer tokens against their issuer's published keys, by the local clock. */
export class JwtVerifier {
  readonly #clock: Clock;
  readonly #keys = new Map<string, { readonly until: number; readonly keys: Promise<readonly Key[]> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {UnauthorizedError} */
  async verify(request: HttpRequest, authorizer: JwtAuthorizer, scopes: readonly string[]): Promise<Claims> {
    const token = tokenOf(request, authorizer.identitySource);
    const [head, body, signature] = token.split('.');
    const header = parsePart(head);
    const claims = parsePart(body);
    const hash = HASHES.get(String(header.alg));
    if (!hash || !signature) throw new UnauthorizedError(401, `expected a token signed with RSA, got ${header.alg}`);
    if (claims.iss !== authorizer.issuer) throw new UnauthorizedError(401, `expected issuer ${authorizer.issuer}`);
    const key = (await this.#keysOf(authorizer.issuer)).find(({ kid }) => kid === header.kid);
    if (!key) throw new UnauthorizedError(401, `unknown key ${header.kid}`);
    const valid = verify(
      hash,
      Buffer.from(`${head}.${body}`),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
    if (!valid) throw new UnauthorizedError(401, 'wrong signature');
    this.#checkTimes(claims);
    checkAudience(claims, authorizer.audience);
    const granted = new Set(String(claims.scope ?? claims.scp ?? '').split(/[ ,]/));
    if (scopes.length > 0 && !scopes.some((scope) => granted.has(scope)))
      throw new UnauthorizedError(403, 'no wanted scope');
    return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, asText(value)]));
  }

  #checkTimes(claims: Readonly<Record<string, unknown>>): void {
    const now = this.#clock.now() / 1000;
    if (typeof claims.exp !== 'number' || claims.exp <= now) throw new UnauthorizedError(401, 'expired');
    if (typeof claims.nbf === 'number' && claims.nbf > now) throw new UnauthorizedError(401, 'not valid yet');
    if (typeof claims.iat === 'number' && claims.iat > now + 60)
      throw new UnauthorizedError(401, 'issued in the future');
  }

  #keysOf(issuer: string): Promise<readonly Key[]> {
    const known = this.#keys.get(issuer);
    if (known && known.until > performance.now()) return known.keys;
    const keys = fetchKeys(issuer);
    this.#keys.set(issuer, { until: performance.now() + KEYS_LAST, keys });
    keys.catch(() => this.#keys.delete(issuer));
    return keys;
  }
}

const fetchKeys = async (issuer: string): Promise<readonly Key[]> => {
  const ask = async (url: string) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new UnauthorizedError(401, `${url} answered ${response.status}`);
    return (await response.json()) as Readonly<Record<string, unknown>>;
  };
  try {
    const { jwks_uri } = await ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    return (await ask(String(jwks_uri))).keys as readonly Key[];
  } catch (error) {
    if (error instanceof UnauthorizedError) throw error;
    throw new UnauthorizedError(401, `issuer ${issuer} does not answer: ${(error as Error).message}`);
  }
};

const tokenOf = (request: HttpRequest, source: string): string => {
  const [, place, name] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  const value = place === 'header' ? request.headers.get(name!.toLowerCase()) : request.query.get(name ?? '');
  if (!value) throw new UnauthorizedError(401, `no ${source}`);
  return value.replace(/^Bearer /i, '');
};

const parsePart = (part: string | undefined): Readonly<Record<string, unknown>> => {
  try {
    const value = JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Falls through: no JSON and JSON of another shape are the same to the caller.
  }
  throw new UnauthorizedError(401, 'not a token');
};

const checkAudience = (claims: Readonly<Record<string, unknown>>, audience: readonly string[]): void => {
  const given = [claims.aud ?? claims.client_id].flat();
  if (audience.length > 0 && !given.some((value) => audience.includes(String(value)))) {
    throw new UnauthorizedError(401, 'wrong audience');
  }
};

const asText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
