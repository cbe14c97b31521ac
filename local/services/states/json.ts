/** A value that JSON can carry: everything a state machine passes between its states. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export type JsonType = 'array' | 'boolean' | 'null' | 'number' | 'object' | 'string';

/** Largest payload between states, in bytes of UTF-8 JSON (256 KiB). */
export const PAYLOAD_LIMIT = 262_144;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function jsonTypeOf(value: Json): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as JsonType;
}

/** Size as Step Functions counts it: bytes of the compact JSON text. */
export const sizeOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
