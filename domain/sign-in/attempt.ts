import { createHash } from 'node:crypto';
import { decodeSigned, encodeSigned, type MacKey, macInput } from '../signed-text.ts';

/** A sign-in under way: what its cookie says, under a MAC. Only the browser that began it has the cookie. */
export interface SignInAttempt {
  /** 256 random bits, base64url; what the issuer sends back. */
  readonly state: string;
  /** Path and query of the page to return to. */
  readonly to: string;
  /** Epoch milliseconds. */
  readonly expires: number;
}

/** What only we know of an attempt; derived from its MAC's key, so that no browser and no row holds it. */
export interface AttemptSecrets {
  /** PKCE: 43 characters, base64url. */
  readonly verifier: string;
  /** Comes back in the ID token, which so cannot be one of another attempt. */
  readonly nonce: string;
}

/** How long a person may take to sign in. */
export const ATTEMPT_MILLISECONDS = 600_000;

const KIND = 'launchway/sign-in-attempt/v1';
const MAX_CHARACTERS = 4_000;

export async function sealAttempt(key: MacKey, attempt: SignInAttempt): Promise<string> {
  return encodeSigned(attempt, await key.generate(macInput(KIND, attempt)));
}

/** @returns undefined for anything that was not sealed, for another state's attempt, and for one that took too long */
export async function openAttempt(
  key: MacKey,
  text: string,
  state: string,
  now: Date,
): Promise<SignInAttempt | undefined> {
  const decoded = decodeSigned(text, MAX_CHARACTERS);
  if (!decoded || !(await key.isValid(macInput(KIND, decoded.value), decoded.mac))) return undefined;
  const attempt = decoded.value as unknown as SignInAttempt;
  return attempt.state === state && now.getTime() < attempt.expires ? attempt : undefined;
}

export async function attemptSecrets(key: MacKey, attempt: SignInAttempt): Promise<AttemptSecrets> {
  const verifier = Buffer.from(await key.generate(macInput('launchway/sign-in-verifier/v1', attempt))).toString(
    'base64url',
  );
  // The nonce is seen by the issuer and in the token; it tells nothing of the verifier.
  const nonce = createHash('sha256').update(`launchway/sign-in-nonce/v1\n${verifier}`).digest('base64url');
  return { verifier, nonce };
}

/** S256 of RFC 7636. */
export const codeChallenge = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/**
 * A page that a sign-in may return to: ours, by path. Anything else could send who signed in to another site.
 *
 * @returns undefined for everything else
 */
export const returnPath = (text: string): string | undefined =>
  /^\/(approvals\/[A-Za-z0-9]{16,64}(\/submission)?|incidents\/[\w-]{1,400})(\?link=[\w.-]{1,2000})?$/.test(text)
    ? text
    : undefined;
