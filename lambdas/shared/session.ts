import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { Now } from '../../domain/ports.ts';
import { personOfSubject } from '../../domain/sign-in/person-of-subject.ts';
import type { SignOuts } from '../../domain/sign-in/ports.ts';
import { isSignedOut, openSession, type Session } from '../../domain/sign-in/session.ts';
import type { MacKey } from '../../domain/signed-text.ts';
import type {
  DecideApprovalInput as PageInput,
  DecideApprovalOutput as PageOutput,
} from '../decide-approval/contract.ts';
import { cookieOf } from './cookies.ts';

/** What a page needs to know who has signed in; absent where no issuer is configured. */
export interface SignInDependencies {
  readonly config: DeployedConfig;
  readonly sessionKey: MacKey;
  readonly signOuts: SignOuts;
  /** Base URL of the pages, without a trailing slash. */
  readonly pagesUrl: string;
}

export const SESSION_COOKIE = 'session';

/**
 * Who has signed in, as the deployed configuration has them now: a subject that is nobody's any more, and a session before its
 * person's last sign-out, are nobody's session.
 */
export async function sessionOf(
  { sessionKey, signOuts, config }: SignInDependencies,
  now: Now,
  input: PageInput,
): Promise<Session | undefined> {
  const text = cookieOf(input, SESSION_COOKIE);
  const session = text === undefined ? undefined : await openSession(sessionKey, text, now());
  if (!session || session.issuer !== config.issuer?.url) return undefined;
  if (personOfSubject(session.subject, config) !== session.person) return undefined;
  return isSignedOut(session, await signOuts.lastOf(session.person)) ? undefined : session;
}

/** @param to path and query of the page to come back to */
export const signInUrl = ({ pagesUrl }: SignInDependencies, to: string, again = false): string =>
  `${pagesUrl}/sign-in?${new URLSearchParams({ to, ...(again && { again: '1' }) })}`;

/** To another page, which is got, not posted to; nothing keeps the answer. */
export const redirectTo = (location: string, cookies?: readonly string[]): PageOutput => ({
  statusCode: 303,
  headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  ...(cookies && { cookies }),
  body: '',
});

/** A form of one session is not another's, though the browser is the same. */
export const boundTo = (session: Session | undefined, nonce: string): string =>
  session ? `${nonce}.${session.id}` : nonce;
