import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { HashFraction } from '../domain/tabular/split-dataset.ts';

export const sha256Hex = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/** Hex SHA-256 of a value's canonical JSON. */
export const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value));

/** The first 52 bits of a text's SHA-256 as a fraction: exact in a double. */
export const sha256Fraction: HashFraction = (text) => {
  const digest = createHash('sha256').update(text).digest();
  return (digest.readUInt32BE(0) * 2 ** 20 + (digest.readUInt32BE(4) >>> 12)) / 2 ** 52;
};
