import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Names and values that were given at encryption and must be given again. */
export type EncryptionContext = Readonly<Record<string, string>>;

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const ID_LENGTH = 36;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const HEADER_LENGTH = 1 + ID_LENGTH + IV_LENGTH + TAG_LENGTH;

/** `version · key id · iv · tag · data`; the context is authenticated, not stored. */
export function seal(keyId: string, material: Uint8Array, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv(CIPHER, material, iv, { authTagLength: TAG_LENGTH });
  cipher.setAAD(authenticated(keyId, context));
  const data = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), Buffer.from(keyId, 'ascii'), iv, cipher.getAuthTag(), data]);
}

/** The id of the key that sealed it; undefined for what was not sealed here. */
export function keyIdOf(ciphertext: Buffer): string | undefined {
  if (ciphertext.length < HEADER_LENGTH || ciphertext[0] !== VERSION) return undefined;
  return ciphertext.toString('ascii', 1, 1 + ID_LENGTH);
}

/** @throws where key, context or a single bit differs */
export function unseal(keyId: string, material: Uint8Array, ciphertext: Buffer, context: EncryptionContext): Buffer {
  const iv = ciphertext.subarray(1 + ID_LENGTH, 1 + ID_LENGTH + IV_LENGTH);
  const tag = ciphertext.subarray(1 + ID_LENGTH + IV_LENGTH, HEADER_LENGTH);
  const decipher = createDecipheriv(CIPHER, material, iv, { authTagLength: TAG_LENGTH });
  decipher.setAAD(authenticated(keyId, context));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext.subarray(HEADER_LENGTH)), decipher.final()]);
}

const authenticated = (keyId: string, context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify([keyId, Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))]));
