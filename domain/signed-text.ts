import { canonicalJson } from './canonical-json.ts';

const MAC_BYTES = 32;

/** What a key that never leaves its keeper does. */
export interface MacKey {
  /** @returns 32 bytes */
  generate(message: Uint8Array): Promise<Uint8Array>;
  isValid(message: Uint8Array, mac: Uint8Array): Promise<boolean>;
}

/** The bytes under a MAC. The first line keeps a MAC made for one kind of text from being taken for another's. */
export const macInput = (kind: string, value: unknown): Uint8Array =>
  new TextEncoder().encode(`${kind}\n${canonicalJson(value)}`);

/** `{base64url payload}.{base64url MAC}`, for a query string or a cookie. */
export const encodeSigned = (value: unknown, mac: Uint8Array): string =>
  `${Buffer.from(canonicalJson(value)).toString('base64url')}.${Buffer.from(mac).toString('base64url')}`;

/**
 * Reads what `encodeSigned` wrote; whether its MAC is valid is still to be asked.
 *
 * @param maxCharacters of the whole text
 * @returns undefined for anything that `encodeSigned` did not write, byte for byte
 */
export function decodeSigned(
  text: string,
  maxCharacters: number,
): { readonly value: Readonly<Record<string, unknown>>; readonly mac: Uint8Array } | undefined {
  if (text.length > maxCharacters || !/^[\w-]+\.[\w-]+$/.test(text)) return undefined;
  const [payload, mac] = text.split('.').map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer];
  const value = parsed(payload);
  if (!value || mac.length !== MAC_BYTES) return undefined;
  // Base64 has several texts for some bytes, and JSON for some values: only one of them was written.
  return encodeSigned(value, mac) === text ? { value, mac: new Uint8Array(mac) } : undefined;
}

function parsed(payload: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
