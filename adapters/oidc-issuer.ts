import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  Configuration,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
} from 'openid-client';
import type { IssuerConfig } from '../domain/deployed-config.ts';
import type { Now } from '../domain/ports.ts';
import { type AttemptSecrets, codeChallenge } from '../domain/sign-in/attempt.ts';
import {
  type IdentityIssuer,
  type IdTokenClaims,
  IssuerUnavailableError,
  SignInRefusedError,
} from '../domain/sign-in/ports.ts';

/** Signatures by a key that only the issuer has. No `none`, and no HMAC, whose key a client would share. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** How far the issuer's clock may be off, in seconds. */
const CLOCK_TOLERANCE = 30;
const TIMEOUT_SECONDS = 5;
/** The discovery document is read again after this long; keys are read again as soon as a token names an unknown one. */
const METADATA_MILLISECONDS = 3_600_000;
const MAX_SUBJECT_CHARACTERS = 255;

export interface OidcIssuerOptions
  extends Pick<IssuerConfig, 'url' | 'clientId' | 'subjectClaim' | 'scopes' | 'groups'> {
  /** Where the issuer sends browsers back to; registered there. */
  readonly redirectUri: string;
  readonly now: Now;
  /** @default the runtime's */
  readonly fetch?: typeof fetch;
}

/**
 * OpenID Connect by openid-client: authorization code flow with PKCE, as a public client, so there is no secret to keep. Every ID
 * token's signature is checked, though it comes straight from the issuer.
 */
export class OidcIssuer implements IdentityIssuer {
  readonly #options: OidcIssuerOptions;
  #known: { readonly until: number; readonly configuration: Promise<Configuration> } | undefined;

  constructor(options: OidcIssuerOptions) {
    this.#options = options;
  }

  async authorizationUrl(state: string, { verifier, nonce }: AttemptSecrets, again: boolean): Promise<URL> {
    return buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: this.#options.redirectUri,
      scope: ['openid', ...this.#options.scopes].join(' '),
      response_type: 'code',
      code_challenge: codeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...(again && { prompt: 'login' }),
    });
  }

  async redeem(response: string, state: string, { verifier, nonce }: AttemptSecrets): Promise<IdTokenClaims> {
    const configuration = await this.#configuration();
    const url = new URL(this.#options.redirectUri);
    url.search = response;
    const tokens = await authorizationCodeGrant(configuration, url, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    }).catch((error) => {
      throw refusalOf(error);
    });
    return this.#claimsOf(tokens.claims() ?? {});
  }

  async endSessionUrl(): Promise<URL | undefined> {
    try {
      const configuration = await this.#configuration();
      return configuration.serverMetadata().end_session_endpoint ? buildEndSessionUrl(configuration) : undefined;
    } catch (error) {
      if (error instanceof IssuerUnavailableError) return undefined; // leaving is possible without the issuer
      throw error;
    }
  }

  #claimsOf(claims: Readonly<Record<string, unknown>>): IdTokenClaims {
    const { subjectClaim, groups, url } = this.#options;
    const subject = claims[subjectClaim];
    if (typeof subject !== 'string' || subject === '' || subject.length > MAX_SUBJECT_CHARACTERS) {
      throw new SignInRefusedError(`expected the claim ${subjectClaim} to name the person, got ${typeof subject}`);
    }
    const inGroups = groups ? [claims[groups.claim] ?? []].flat() : [];
    const needed = Object.values(groups?.roles ?? {});
    return { issuer: url, subject, groups: needed.filter((group) => inGroups.includes(group)) };
  }

  #configuration(): Promise<Configuration> {
    const at = this.#options.now().getTime();
    if (this.#known && at < this.#known.until) return this.#known.configuration;
    const configuration = this.#discover();
    this.#known = { until: at + METADATA_MILLISECONDS, configuration };
    configuration.catch(() => {
      this.#known = undefined;
    });
    return configuration;
  }

  async #discover(): Promise<Configuration> {
    const { url, clientId, fetch } = this.#options;
    const issuer = new URL(url);
    const insecure = issuer.protocol === 'http:' ? [allowInsecureRequests] : []; // the configuration allows it on loopback only
    const options = { execute: insecure, timeout: TIMEOUT_SECONDS, ...(fetch && { [customFetch]: fetch }) };
    const found = await discovery(issuer, clientId, undefined, None(), options).catch((error) => {
      throw new IssuerUnavailableError(`expected OpenID Connect at ${url}, got ${reasonOf(error)}`, { cause: error });
    });
    const { supportsPKCE: _, ...metadata } = found.serverMetadata();
    if (metadata.issuer !== url) {
      throw new IssuerUnavailableError(`expected the issuer to call itself ${url}, got ${metadata.issuer}`);
    }
    const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256'];
    const configuration = new Configuration(
      { ...metadata, id_token_signing_alg_values_supported: offered.filter((one) => ALGORITHMS.includes(one)) },
      clientId,
      { [clockTolerance]: CLOCK_TOLERANCE },
      None(),
    );
    configuration.timeout = TIMEOUT_SECONDS;
    if (fetch) configuration[customFetch] = fetch as never;
    for (const extend of [...insecure, enableNonRepudiationChecks]) extend(configuration);
    return configuration;
  }
}

/** A network failure is not the person's; everything else is an answer that may not be accepted. */
function refusalOf(error: unknown): Error {
  const { code } = error as { readonly code?: string };
  const message = reasonOf(error);
  return error instanceof TypeError || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'
    ? new IssuerUnavailableError(`expected the issuer to redeem its code, got ${message}`, { cause: error })
    : new SignInRefusedError(`expected an ID token of this sign-in, got ${message}`, { cause: error });
}

const MAX_REASON_CHARACTERS = 300;

/** The reason without what it was about: tokens, codes and claims stay out of logs. */
function reasonOf(error: unknown): string {
  const { code, message, error: answered } = error as { code?: string; message: string; error?: string };
  return [code, answered, message].filter(Boolean).join(': ').slice(0, MAX_REASON_CHARACTERS);
}
