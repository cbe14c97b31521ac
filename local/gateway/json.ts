import { ServiceError } from '../service.ts';

/** @throws {ServiceError} SerializationException where the body is not a JSON object; an empty body is an empty input */
export function parseJson(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ServiceError('SerializationException', `expected JSON, got: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ServiceError('SerializationException', 'expected a JSON object');
}

/** Writes an output as AWS JSON does: dates in epoch seconds, bytes in base64. */
export const encodeJson = (output: unknown): string => JSON.stringify(wireValue(output));

function wireValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (value instanceof Set) return [...value].map(wireValue);
  if (Array.isArray(value)) return value.map(wireValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, wireValue(inner)]));
}
