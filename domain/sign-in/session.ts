import { decodeSigned, encodeSigned, type MacKey, macInput } from '../signed-text.ts';

/** Who has signed in: what the session cookie says, under a MAC. */
export interface Session {
  /** 128 random bits: two sign-ins of one person are two sessions. */
  readonly id: string;
  /** Person id of the deployed configuration. */
  readonly person: string;
  readonly issuer: string;
  /** The issuer's own name of the person; never an e-mail address. */
  readonly subject: string;
  /** Which of the groups that seats need the issuer put the person in. */
  readonly groups: readonly string[];
  /** Epoch milliseconds. */
  readonly signedInAt: number;
  /** Epoch milliseconds. */
  readonly expires: number;
}

const KIND = 'launchway/session/v1';
const MAX_CHARACTERS = 3_000;

export async function sealSession(key: MacKey, session: Session): Promise<string> {
  return encodeSigned(session, await key.generate(macInput(KIND, session)));
}

/** @returns undefined for anything that was not sealed, and for a session whose time is over */
export async function openSession(key: MacKey, text: string, now: Date): Promise<Session | undefined> {
  const decoded = decodeSigned(text, MAX_CHARACTERS);
  if (!decoded || !(await key.isValid(macInput(KIND, decoded.value), decoded.mac))) return undefined;
  // The MAC is over all of it, and only sessions are sealed under this kind.
  const session = decoded.value as unknown as Session;
  return now.getTime() < session.expires ? session : undefined;
}

/** True where its person has signed out, anywhere, since the session began. */
export const isSignedOut = ({ signedInAt }: Session, signedOutAt: Date | undefined): boolean =>
  signedOutAt !== undefined && signedInAt <= signedOutAt.getTime();
