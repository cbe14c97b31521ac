import { createHash } from 'node:crypto';
import { cookieOf, headerOf, setCookie } from '../shared/cookies.ts';
import type { DecideApprovalInput } from './contract.ts';

/** Larger than any form of ours: a reason of 2,000 characters, percent-encoded. */
const MAX_BODY_CHARACTERS = 64 * 1024;

/** The request id of `/approvals/{requestId}`, whatever stage path precedes it. */
export const requestIdOf = ({ rawPath }: DecideApprovalInput): string | undefined =>
  /\/approvals\/([A-Za-z0-9]{16,64})$/.exec(rawPath)?.[1];

/** The signed link, where there is exactly one; every other parameter is ignored. */
export function linkOf({ rawQueryString }: DecideApprovalInput): string | undefined {
  if (rawQueryString.length > MAX_BODY_CHARACTERS) return undefined;
  const links = new URLSearchParams(rawQueryString).getAll('link');
  return links.length === 1 ? links[0] : undefined;
}

export type Form =
  | { readonly fields: URLSearchParams; readonly refused?: undefined }
  | { readonly refused: 'too large' | 'not a form' };

/** The posted form. Fields given twice count as not given. */
export function formOf({ headers, body = '', isBase64Encoded }: DecideApprovalInput): Form {
  if (body.length > MAX_BODY_CHARACTERS) return { refused: 'too large' };
  const type = headerOf(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return { refused: 'not a form' };
  return { fields: new URLSearchParams(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body) };
}

export const field = (fields: URLSearchParams, name: string): string | undefined => {
  const values = fields.getAll(name);
  return values.length === 1 ? values[0] : undefined;
};

/** True where a browser says that another site made the request; other clients say nothing. */
export function isCrossSite({ headers }: DecideApprovalInput): boolean {
  const site = headerOf(headers, 'sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = headerOf(headers, 'origin');
  // Our pages send no referrer, so of their own forms browsers say `null`; the token and the cookie speak for those.
  if (origin === undefined || origin === 'null') return false;
  return !URL.canParse(origin) || new URL(origin).host !== headerOf(headers, 'host')?.toLowerCase();
}

/** One cookie per request id, so that two open pages do not spoil each other's forms. */
const formCookieName = (requestId: string): string =>
  `form-${createHash('sha256').update(requestId).digest('hex').slice(0, 12)}`;

export const formCookie = (input: DecideApprovalInput, requestId: string, nonce: string): string =>
  setCookie(input, formCookieName(requestId), nonce, { sameSite: 'Strict', maxAgeSeconds: 86_400 });

/** The nonce of the cookie that came with the form. */
export function formNonce(input: DecideApprovalInput, requestId: string): string | undefined {
  const nonce = cookieOf(input, formCookieName(requestId));
  return nonce !== undefined && /^[\w-]{16,64}$/.test(nonce) ? nonce : undefined;
}
