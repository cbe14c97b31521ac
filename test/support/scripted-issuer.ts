import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What this issuer does wrong with the next ID token; by default nothing. */
export interface Deceit {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** `stranger`: a key it never published; `none`: no signature; `client`: HMAC under the client's id; `cut`: half of it. */
  readonly signature?: 'stranger' | 'none' | 'client' | 'cut';
  /** Instead of the answer of its token endpoint. */
  readonly answer?: () => Response;
}

interface Grant {
  readonly subject: string;
  readonly groups: readonly string[];
  readonly challenge: string;
  readonly nonce: string;
  readonly redirectUri: string;
  used: boolean;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const newKey = () => ({
  kid: `key-${randomBytes(4).toString('hex')}`,
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
});
type IssuerKey = ReturnType<typeof newKey>;
/** Made once: a key costs a tenth of a second. */
const firstKey = newKey();

/** An OpenID Connect issuer that can be told to lie. It checks PKCE and redeems a code once, as issuers must. */
export class ScriptedIssuer {
  readonly url: string;
  readonly clientId: string;
  deceit: Deceit = {};
  /** Milliseconds since the epoch. */
  now: () => number = Date.now;
  /** Added to what it publishes of itself. */
  metadata: Readonly<Record<string, unknown>> = {};
  /** Every request it was sent, as `GET /jwks`. */
  readonly asked: string[] = [];
  readonly #grants = new Map<string, Grant>();
  key = firstKey;
  /** Another key than it signs with; by default the same. */
  published: IssuerKey | undefined;

  constructor(url = 'https://login.example.com', clientId = 'launchway') {
    this.url = url;
    this.clientId = clientId;
  }

  /** Signs with another key from now on, and forgets the former. */
  rotate(): void {
    this.key = newKey();
  }

  /** Somebody signs in where a browser was sent. @returns where the browser is sent back to */
  authorize(sentTo: string, subject: string, groups: readonly string[] = []): string {
    const { searchParams } = new URL(sentTo);
    const code = randomBytes(16).toString('base64url');
    const of = (name: string) => searchParams.get(name) ?? '';
    if (of('code_challenge_method') !== 'S256' || of('response_type') !== 'code') throw new Error(`refused: ${sentTo}`);
    this.#grants.set(code, {
      subject,
      groups,
      challenge: of('code_challenge'),
      nonce: of('nonce'),
      redirectUri: of('redirect_uri'),
      used: false,
    });
    return `${of('redirect_uri')}?${new URLSearchParams({ code, state: of('state'), iss: this.url })}`;
  }

  /** For `OidcIssuer`'s fetch, and behind a server. */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const path = pathname.slice(new URL(this.url).pathname.replace(/\/$/, '').length);
    this.asked.push(`${init?.method ?? 'GET'} ${path}`);
    if (path === '/.well-known/openid-configuration') return Response.json(this.#discovery());
    if (path === '/jwks') return Response.json({ keys: [this.#publicKey()] });
    if (path === '/token') return this.deceit.answer?.() ?? this.#redeem(new URLSearchParams(String(init?.body)));
    return new Response('not found', { status: 404 });
  };

  #discovery() {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/jwks`,
      end_session_endpoint: `${this.url}/end`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    };
  }

  #publicKey() {
    const { publicKey, kid } = this.published ?? this.key;
    return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  }

  #redeem(form: URLSearchParams): Response {
    const grant = this.#grants.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isLawful =
      grant && !grant.used && grant.challenge === challenge && grant.redirectUri === form.get('redirect_uri');
    if (!isLawful || form.get('client_id') !== this.clientId)
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    grant.used = true;
    const idToken = this.#idToken(grant);
    return Response.json({ access_token: 'access-token', token_type: 'Bearer', id_token: idToken });
  }

  #idToken({ subject, groups, nonce }: Grant): string {
    const { claims, header, signature } = this.deceit;
    const now = Math.floor(this.now() / 1000);
    const alg = { none: 'none', client: 'HS256', stranger: 'RS256', cut: 'RS256' }[signature ?? 'cut'];
    const text = [
      base64({ alg, kid: this.key.kid, ...header }),
      base64({ iss: this.url, aud: this.clientId, sub: subject, groups, nonce, iat: now, exp: now + 300, ...claims }),
    ].join('.');
    return `${text}.${this.#signatureOf(text)}`;
  }

  #signatureOf(text: string): string {
    const rsa = (key: KeyObject) => sign('sha256', Buffer.from(text), key).toString('base64url');
    switch (this.deceit.signature) {
      case 'none':
        return '';
      case 'client':
        return createHmac('sha256', this.clientId).update(text).digest('base64url');
      case 'stranger':
        return rsa(newKey().privateKey);
      case 'cut':
        return rsa(this.key.privateKey).slice(0, 171);
      default:
        return rsa(this.key.privateKey);
    }
  }
}
