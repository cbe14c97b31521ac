import type { AttemptSecrets } from './attempt.ts';

/** Whom an issuer says has signed in, once everything about its ID token was checked. */
export interface IdTokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly groups: readonly string[];
}

/** The configured OpenID Connect issuer. */
export interface IdentityIssuer {
  /**
   * Where a browser is sent to sign in.
   *
   * @param again true to be asked even where the issuer knows somebody already
   * @throws {IssuerUnavailableError}
   */
  authorizationUrl(state: string, secrets: AttemptSecrets, again: boolean): Promise<URL>;

  /**
   * Redeems what the issuer sent back, and verifies the ID token: signature by the issuer's published keys, algorithm, issuer,
   * audience, time, nonce.
   *
   * @param response the query string of the callback
   * @throws {SignInRefusedError} anything is not as it must be
   * @throws {IssuerUnavailableError}
   */
  redeem(response: string, state: string, secrets: AttemptSecrets): Promise<IdTokenClaims>;

  /** Where a browser ends its session at the issuer; undefined where the issuer has no such page, or does not answer. */
  endSessionUrl(): Promise<URL | undefined>;
}

/** When people last signed out. */
export interface SignOuts {
  lastOf(person: string): Promise<Date | undefined>;
  record(person: string, at: Date): Promise<void>;
}

/** What the issuer answered cannot be accepted. `message` is for the log: it names no token. */
export class SignInRefusedError extends Error {
  override readonly name = 'SignInRefusedError';
}

/** The issuer does not answer, or answers what is not OpenID Connect. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}
