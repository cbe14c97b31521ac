import { createHash } from 'node:crypto';
import type { Now } from '../../domain/ports.ts';
import {
  ATTEMPT_MILLISECONDS,
  attemptSecrets,
  openAttempt,
  returnPath,
  type SignInAttempt,
  sealAttempt,
} from '../../domain/sign-in/attempt.ts';
import { personOfSubject } from '../../domain/sign-in/person-of-subject.ts';
import {
  type IdentityIssuer,
  type IdTokenClaims,
  IssuerUnavailableError,
  SignInRefusedError,
} from '../../domain/sign-in/ports.ts';
import { sealSession } from '../../domain/sign-in/session.ts';
import { field, isCrossSite } from '../decide-approval/read-request.ts';
import { clearCookie, cookieOf, setCookie } from '../shared/cookies.ts';
import { redirectTo, SESSION_COOKIE, type SignInDependencies, sessionOf } from '../shared/session.ts';
import * as answers from './answers.ts';
import type { SignInInput, SignInOutput } from './contract.ts';

export interface SignInUseCaseDependencies extends SignInDependencies {
  readonly issuer: IdentityIssuer;
  readonly now: Now;
  /** At least 128 random bits, base64url. */
  readonly newId: () => string;
  /** Told why a sign-in was refused; never with a token in it. */
  readonly onRefused: (why: string, details: Readonly<Record<string, unknown>>) => void;
}

/** Sends people to the issuer, takes them back with a session, and signs them out. A session decides nothing by itself. */
export const signIn =
  (dependencies: SignInUseCaseDependencies) =>
  async (input: SignInInput): Promise<SignInOutput> => {
    const { method } = input.requestContext.http;
    const [, page] = /\/(sign-in|sign-in\/callback|sign-out)$/.exec(input.rawPath) ?? [];
    try {
      if (page === 'sign-in' && method === 'GET') return await begin(dependencies, input);
      if (page === 'sign-in/callback' && method === 'GET') return await complete(dependencies, input);
      if (page === 'sign-out' && method === 'POST') return await leave(dependencies, input);
      return answers.notHere();
    } catch (error) {
      if (!(error instanceof IssuerUnavailableError)) throw error;
      dependencies.onRefused('issuer unavailable', { why: error.message });
      return answers.issuerUnavailable();
    }
  };

async function begin(
  { issuer, sessionKey, now, newId }: SignInUseCaseDependencies,
  input: SignInInput,
): Promise<SignInOutput> {
  const query = new URLSearchParams(input.rawQueryString);
  const to = returnPath(field(query, 'to') ?? '');
  if (to === undefined) return answers.noPageOfOurs();
  const attempt: SignInAttempt = { state: newId(), to, expires: now().getTime() + ATTEMPT_MILLISECONDS };
  const secrets = await attemptSecrets(sessionKey, attempt);
  const url = await issuer.authorizationUrl(attempt.state, secrets, field(query, 'again') === '1');
  const terms = { sameSite: 'Lax', maxAgeSeconds: ATTEMPT_MILLISECONDS / 1000 } as const;
  return redirectTo(url.href, [
    setCookie(input, attemptCookie(attempt.state), await sealAttempt(sessionKey, attempt), terms),
  ]);
}

/** One cookie per attempt, so that two open pages do not spoil each other's sign-in. */
const attemptCookie = (state: string): string =>
  `sign-in-${createHash('sha256').update(state).digest('hex').slice(0, 12)}`;

async function complete(dependencies: SignInUseCaseDependencies, input: SignInInput): Promise<SignInOutput> {
  const { issuer, sessionKey, config, now, onRefused } = dependencies;
  const state = field(new URLSearchParams(input.rawQueryString), 'state') ?? '';
  const cookie = cookieOf(input, attemptCookie(state));
  const attempt = cookie === undefined ? undefined : await openAttempt(sessionKey, cookie, state, now());
  if (!attempt) return answers.notBegunHere();
  // Whatever comes of it, the attempt is over.
  const over = clearCookie(input, attemptCookie(state));
  let claims: IdTokenClaims;
  try {
    claims = await issuer.redeem(input.rawQueryString, state, await attemptSecrets(sessionKey, attempt));
  } catch (error) {
    if (!(error instanceof SignInRefusedError)) throw error;
    onRefused('sign-in refused', { why: error.message });
    return { ...answers.refused(), cookies: [over] };
  }
  const person = personOfSubject(claims.subject, config);
  if (person === undefined) {
    onRefused('unknown subject', { issuer: claims.issuer, subject: claims.subject });
    return { ...answers.unknownSubject(claims.subject), cookies: [over] };
  }
  return redirectTo(`${dependencies.pagesUrl}${attempt.to}`, [
    over,
    await sessionCookie(dependencies, input, person, claims),
  ]);
}

async function sessionCookie(
  { sessionKey, config, now, newId }: SignInUseCaseDependencies,
  input: SignInInput,
  person: string,
  { issuer, subject, groups }: IdTokenClaims,
): Promise<string> {
  const signedInAt = now().getTime();
  const lasts = (config.issuer?.sessionMinutes ?? 0) * 60_000;
  const session = { id: newId(), person, issuer, subject, groups, signedInAt, expires: signedInAt + lasts };
  const terms = { sameSite: 'Lax', maxAgeSeconds: lasts / 1000 } as const;
  return setCookie(input, SESSION_COOKIE, await sealSession(sessionKey, session), terms);
}

/** A form of another site has no session: `Lax` keeps the cookie back, and the browser says where it comes from. */
async function leave(dependencies: SignInUseCaseDependencies, input: SignInInput): Promise<SignInOutput> {
  const { now, signOuts, issuer } = dependencies;
  if (isCrossSite(input)) return answers.notHere();
  const session = await sessionOf(dependencies, now, input);
  if (session) await signOuts.record(session.person, now());
  const elsewhere = await issuer.endSessionUrl();
  return { ...answers.signedOut(elsewhere?.href), cookies: [clearCookie(input, SESSION_COOKIE)] };
}
