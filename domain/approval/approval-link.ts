import { decodeSigned, encodeSigned, macInput } from '../signed-text.ts';

/** What a signed link says: one approver may decide one request, as it was shown, until then. */
export interface ApprovalLink {
  readonly requestId: string;
  /** Person id. */
  readonly approver: string;
  readonly digest: string;
  /** Epoch seconds. */
  readonly expires: number;
  /** Which of the live keys signed; a fingerprint, not its ARN. */
  readonly keyId: string;
}

const MAX_LINK_CHARACTERS = 2_000;

export const linkMacInput = (link: ApprovalLink): Uint8Array => macInput('launchway/approval-link/v1', link);

/** The bytes under a form's MAC: which reader's cookie may post a decision with which link. */
export const formMacInput = (link: ApprovalLink, nonce: string): Uint8Array =>
  macInput('launchway/approval-form/v1', { link, nonce });

/** For the query string. */
export const encodeLink = (link: ApprovalLink, mac: Uint8Array): string => encodeSigned(link, mac);

/** Reads a link's text. @returns undefined for anything that `encodeLink` did not write, byte for byte */
export function decodeLink(text: string): { readonly link: ApprovalLink; readonly mac: Uint8Array } | undefined {
  const decoded = decodeSigned(text, MAX_LINK_CHARACTERS);
  if (!decoded || Object.keys(decoded.value).length !== 5) return undefined;
  const { requestId, approver, digest, expires, keyId } = decoded.value;
  const texts = [requestId, approver, digest, keyId].every((text) => typeof text === 'string' && text !== '');
  if (!texts || typeof expires !== 'number' || !Number.isSafeInteger(expires)) return undefined;
  return { link: decoded.value as unknown as ApprovalLink, mac: decoded.mac };
}

export const isExpired = (link: ApprovalLink, now: Date): boolean => now.getTime() >= link.expires * 1000;
