import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../../service.ts';
import { type EncryptionContext, keyIdOf, seal, unseal } from './ciphertext.ts';
import type { Key, Keys } from './keys.ts';

const MOST_PLAINTEXT = 4096;

/** Hash by MAC algorithm, and the key spec it belongs to. */
const MACS = new Map([
  ['HMAC_SHA_224', { hash: 'sha224', spec: 'HMAC_224' }],
  ['HMAC_SHA_256', { hash: 'sha256', spec: 'HMAC_256' }],
  ['HMAC_SHA_384', { hash: 'sha384', spec: 'HMAC_384' }],
  ['HMAC_SHA_512', { hash: 'sha512', spec: 'HMAC_512' }],
]);

/** What the operations compute; blobs come as base64 text and go as bytes. */
// biome-ignore-start lint/suspicious/noExplicitAny: each operation's input is checked here, member by member
export class Cryptography {
  readonly #keys: Keys;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  encrypt(input: any) {
    const key = this.#usable(input.KeyId, 'ENCRYPT_DECRYPT');
    const plaintext = bytes(input.Plaintext, 'Plaintext', MOST_PLAINTEXT);
    return {
      KeyId: key.arn,
      CiphertextBlob: seal(key.id, this.#keys.material(key), plaintext, contextOf(input.EncryptionContext)),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  }

  decrypt(input: any) {
    const { key, plaintext } = this.#open(input.CiphertextBlob, input.KeyId, input.EncryptionContext);
    return { KeyId: key.arn, Plaintext: plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  reEncrypt(input: any) {
    const { key: source, plaintext } = this.#open(
      input.CiphertextBlob,
      input.SourceKeyId,
      input.SourceEncryptionContext,
    );
    const key = this.#usable(input.DestinationKeyId, 'ENCRYPT_DECRYPT');
    const context = contextOf(input.DestinationEncryptionContext);
    return {
      SourceKeyId: source.arn,
      KeyId: key.arn,
      CiphertextBlob: seal(key.id, this.#keys.material(key), plaintext, context),
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  }

  generateDataKey(input: any) {
    const key = this.#usable(input.KeyId, 'ENCRYPT_DECRYPT');
    const lengths = new Map([
      ['AES_256', 32],
      ['AES_128', 16],
    ]);
    const length = input.NumberOfBytes ?? lengths.get(input.KeySpec);
    if (!(length >= 1 && length <= 1024) || (input.NumberOfBytes !== undefined && input.KeySpec !== undefined)) {
      throw invalid(`expected KeySpec AES_256 or AES_128, or NumberOfBytes 1 to 1024, got ${input.KeySpec ?? length}`);
    }
    const Plaintext = randomBytes(length);
    const context = contextOf(input.EncryptionContext);
    return { KeyId: key.arn, Plaintext, CiphertextBlob: seal(key.id, this.#keys.material(key), Plaintext, context) };
  }

  generateMac(input: any) {
    const key = this.#usable(input.KeyId, 'GENERATE_VERIFY_MAC');
    return { KeyId: key.arn, Mac: this.#mac(key, input), MacAlgorithm: input.MacAlgorithm };
  }

  verifyMac(input: any) {
    const key = this.#usable(input.KeyId, 'GENERATE_VERIFY_MAC');
    const expected = this.#mac(key, input);
    const given = bytes(input.Mac, 'Mac', 6144);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new ServiceError('KMSInvalidMacException', 'the MAC does not belong to the message and the key');
    }
    return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
  }

  /** The key a ciphertext names, for the permission to ask for. */
  sealedBy(ciphertext: unknown): string | undefined {
    return typeof ciphertext === 'string' ? keyIdOf(Buffer.from(ciphertext, 'base64')) : undefined;
  }

  #open(blob: unknown, reference: unknown, context: unknown): { key: Key; plaintext: Buffer } {
    const ciphertext = bytes(blob, 'CiphertextBlob', 6144);
    const sealer = this.#keys.find(keyIdOf(ciphertext) ?? '');
    if (!sealer)
      throw new ServiceError('InvalidCiphertextException', 'the ciphertext was not made by a key of this account');
    const key = this.#usable(sealer.id, 'ENCRYPT_DECRYPT');
    if (reference !== undefined && this.#keys.get(reference).id !== key.id) {
      const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
      throw new ServiceError('IncorrectKeyException', message);
    }
    try {
      return { key, plaintext: unseal(key.id, this.#keys.material(key), ciphertext, contextOf(context)) };
    } catch {
      throw new ServiceError('InvalidCiphertextException', 'the ciphertext or its encryption context was changed');
    }
  }

  #mac(key: Key, input: any): Buffer {
    const algorithm = MACS.get(input.MacAlgorithm);
    if (algorithm?.spec !== key.spec) {
      const message = `Algorithm ${input.MacAlgorithm} is incompatible with key spec ${key.spec}.`;
      throw new ServiceError('InvalidKeyUsageException', message);
    }
    const message = bytes(input.Message, 'Message', MOST_PLAINTEXT);
    return createHmac(algorithm.hash, this.#keys.material(key)).update(message).digest();
  }

  #usable(reference: unknown, usage: Key['usage']): Key {
    const key = this.#keys.get(reference);
    if (key.deleteAt !== undefined)
      throw new ServiceError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
    if (!key.enabled) throw new ServiceError('DisabledException', `${key.arn} is disabled.`);
    if (key.usage === usage) return key;
    throw new ServiceError('InvalidKeyUsageException', `${key.arn} key usage is ${key.usage} which is not valid here.`);
  }
}
// biome-ignore-end lint/suspicious/noExplicitAny: see above

function bytes(value: unknown, member: string, most: number): Buffer {
  const decoded =
    typeof value === 'string'
      ? Buffer.from(value, 'base64')
      : value instanceof Uint8Array
        ? Buffer.from(value)
        : undefined;
  if (!decoded || decoded.length === 0 || decoded.length > most) {
    throw invalid(`expected 1 to ${most} bytes in ${member}, got ${decoded?.length ?? typeof value}`);
  }
  return decoded;
}

function contextOf(raw: unknown): EncryptionContext {
  if (raw === undefined) return {};
  const entries = typeof raw === 'object' && raw !== null ? Object.entries(raw) : [];
  if (!entries.every(([, value]) => typeof value === 'string')) throw invalid('expected text in EncryptionContext');
  return Object.fromEntries(entries);
}

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
