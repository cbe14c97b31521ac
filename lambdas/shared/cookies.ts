import type { DecideApprovalInput as PageInput } from '../decide-approval/contract.ts';

/** Header names arrive in lower case from API Gateway, and in any case from elsewhere. */
export function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** API Gateway sets this header itself; locally there is no TLS, and a `Secure` cookie would be dropped. */
const isHttps = ({ headers }: PageInput): boolean => headerOf(headers, 'x-forwarded-proto') === 'https';

/** `__Host-`: no other host, no path and nothing without TLS can have set it. */
const fullName = (input: PageInput, name: string): string => `${isHttps(input) ? '__Host-' : ''}launchway-${name}`;

/** `Strict` is not sent where another site leads here; `Lax` is, on a navigation, never with a form. */
export interface CookieTerms {
  readonly sameSite: 'Strict' | 'Lax';
  readonly maxAgeSeconds: number;
}

export const setCookie = (input: PageInput, name: string, value: string, terms: CookieTerms): string =>
  `${fullName(input, name)}=${value}; Path=/; HttpOnly; SameSite=${terms.sameSite}; Max-Age=${terms.maxAgeSeconds}${isHttps(input) ? '; Secure' : ''}`;

export const clearCookie = (input: PageInput, name: string): string =>
  setCookie(input, name, '', { sameSite: 'Strict', maxAgeSeconds: 0 });

/** @returns undefined where there is none, or several that differ: one of them is not ours */
export function cookieOf(input: PageInput, name: string): string | undefined {
  const start = `${fullName(input, name)}=`;
  const cookies = [...input.cookies, ...(headerOf(input.headers, 'cookie')?.split(';') ?? [])];
  const values = new Set(
    cookies.flatMap((cookie) => (cookie.trim().startsWith(start) ? cookie.trim().slice(start.length) : [])),
  );
  return values.size === 1 ? [...values][0] : undefined;
}
