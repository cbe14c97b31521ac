import { canonicalJson } from '../canonical-json.ts';

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
const MAC_BYTES = 32;

/** The bytes under the MAC. The first line keeps a MAC made for anything else from being taken for a link's. */
export const linkMacInput = (link: ApprovalLink): Uint8Array =>
  new TextEncoder().encode(`launchway/approval-link/v1\n${canonicalJson(link)}`);

/** The bytes under a form's MAC: which reader's cookie may post a decision with which link. */
export const formMacInput = (link: ApprovalLink, nonce: string): Uint8Array =>
  new TextEncoder().encode(`launchway/approval-form/v1\n${canonicalJson({ link, nonce })}`);

/** `{base64url payload}.{base64url MAC}`, for the query string. */
export const encodeLink = (link: ApprovalLink, mac: Uint8Array): string =>
  `${Buffer.from(canonicalJson(link)).toString('base64url')}.${Buffer.from(mac).toString('base64url')}`;

/** Reads a link's text. @returns undefined for anything that `encodeLink` did not write, byte for byte */
export function decodeLink(text: string): { readonly link: ApprovalLink; readonly mac: Uint8Array } | undefined {
  if (text.length > MAX_LINK_CHARACTERS || !/^[\w-]+\.[\w-]+$/.test(text)) return undefined;
  const [payload, mac] = text.split('.').map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer];
  const link = parsed(payload);
  if (!link || mac.length !== MAC_BYTES) return undefined;
  // Base64 has several texts for some bytes, and JSON for some values: only one of them is the link.
  return encodeLink(link, mac) === text ? { link, mac: new Uint8Array(mac) } : undefined;
}

function parsed(payload: Buffer): ApprovalLink | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 5) return undefined;
  const { requestId, approver, digest, expires, keyId } = value as Record<string, unknown>;
  const texts = [requestId, approver, digest, keyId].every((text) => typeof text === 'string' && text !== '');
  if (!texts || typeof expires !== 'number' || !Number.isSafeInteger(expires)) return undefined;
  return value as ApprovalLink;
}

export const isExpired = (link: ApprovalLink, now: Date): boolean => now.getTime() >= link.expires * 1000;
